"""What a method of the Bot API is given, and where methods are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram import rules
from tests.telegram.world import Town


@dataclass(frozen=True)
class Given:
    """The parameters of a call: as text, however they came, and files (name, bytes)."""

    words: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, which may be empty."""
        return self.words.get(name, "")

    def number(self, name: str, otherwise: int = 0) -> int:
        """A whole number."""
        try:
            return int(self.words.get(name, otherwise))
        except ValueError:
            return otherwise

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return self.words.get(name, "").lower() in ("true", "1", "yes")

    def whole(self, name: str, otherwise: Any = None) -> Any:
        """An object or a list."""
        return rules.whole(self.words[name], name) if self.words.get(name) else otherwise


Answering = Callable[[Town, Given], Any]
METHODS: dict[str, tuple[frozenset[str], Answering]] = {}
"""By name in small letters: the parameters that are known, and what answers."""


def answers(name: str, known: str = "") -> Callable[[Answering], Answering]:
    """A method of that name, with the parameters that it knows."""

    def register(function: Answering) -> Answering:
        METHODS[name.lower()] = (frozenset(known.split()), function)
        return function

    return register
