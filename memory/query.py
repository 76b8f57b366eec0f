"""What the archive is asked, and what it answers: filters, passages, hits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from memory.records import Item, Kind


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be. An empty set or None asks for nothing; within one set any will do, between sets all must.

    ``since`` is the first instant and ``until`` the first that is too late (of Item.created_at).
    """

    since: datetime | None = None
    until: datetime | None = None
    people: frozenset[str] = frozenset()  # Account.uri of who wrote it
    own: bool = False  # what the owner wrote, under whatever name, is as good as by one of the people
    sources: frozenset[str] = frozenset()  # Item.source
    kinds: frozenset[str] = frozenset()  # Item.kind: post, note, article, chat …
    deeds: frozenset[Kind] = frozenset()  # what the owner did with it: liked, bookmarked, wrote …
    languages: frozenset[str] = frozenset()  # two letters
    delivered: bool = False  # Magpie has told it

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != NO_FILTERS


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an item that is searched as one. ``text`` is Item.searchable[begin:end].

    ``context`` are words that say where it stands: title, headings, who spoke when; they are searched with it.
    """

    item: str  # Item.uri
    place: int  # among the passages of its item, from 0
    begin: int
    end: int
    text: str
    context: str = ""
    id: int = 0  # given by the store


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found, its best passage, its fused score, and by which of the ways (words, meaning …)."""

    item: Item
    score: float
    ways: tuple[str, ...]
    passage: Passage | None = None  # None: all of it
