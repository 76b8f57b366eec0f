"""The Source port. Each module here with a ``build`` is one source; the ``kind`` in magpie.toml is its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from config.errors import SourceError
from memory.records import Cursor, Fetched

__all__ = ["Rechecks", "Source", "SourceError"]


class Source(Protocol):
    """A feed of anything."""

    @property
    def name(self) -> str:
        """What its cursors and reactions are kept under."""
        ...

    def fetch(self, cursor: Cursor | None) -> Iterator[Fetched | SourceError]:
        """Yield what is new since ``cursor`` (None: from the beginning), oldest first within a feed.

        A row that cannot be read is yielded as an error, and the stream goes on.
        """
        ...


@runtime_checkable
class Rechecks(Protocol):
    """A source that can be asked whether items still are what they were: how edits and deletions are noticed."""

    def recheck(self, refs: Sequence[str]) -> Iterator[Fetched | SourceError]:
        """Yield the items behind ``refs`` (Item.ref) anew, and a ``gone`` for each that exists no longer."""
        ...
