"""Long lists in parts: a statement holds only so many values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

PART: Final = 500

T = TypeVar("T")


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """All of them, in their order, ``PART`` at a time."""
    rest = iter(values)
    while part := list(islice(rest, PART)):
        yield part
