"""What each kind of question is answered with, without a model: one module a kind, one function each.

They take the means and the question, and give an ``Answer`` whose every word comes from the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.answer import Understood
from agents.gathering import Reading
from memory.query import NO_FILTERS, Filters, Hit
from memory.records import Account, Entry, Item
from memory.search import Archive
from memory.store import Store

SHOWN = 5
"""How many passages an answer shows."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What questions are answered from. ``facts`` are sentences that the owner wants to be known with each of them.

    ``may_tell``: whether words of an item may be said where it is asked.
    """

    store: Store
    archive: Archive
    reading: Reading
    now: Callable[[], datetime]
    zone: ZoneInfo
    facts: Callable[[], Sequence[str]] = tuple
    may_tell: Callable[[Item], bool] = lambda item: True

    def items(self, uris: Sequence[str]) -> list[Item]:
        """Items in the order of their URIs, as far as they are known."""
        with self.store.begin() as memory:
            found = memory.items.all(uris)
        return [found[uri] for uri in dict.fromkeys(uris) if uri in found]

    def search(self, query: str, count: int, filters: Filters = NO_FILTERS) -> list[Hit]:
        """The best hits, best first."""
        return self.archive.search(query, count, filters)

    def accounts(self) -> Mapping[str, Account]:
        """Everybody in the network, by Account.uri."""
        with self.store.begin() as memory:
            return memory.accounts.all()

    def day(self, at: datetime) -> str:
        """The owner's local date, in words."""
        local = at.astimezone(self.zone)
        return f"{local.day} {local:%B %Y}"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``entry`` is the entry of a digest that the owner answers to, ``before`` what was cited last."""

    text: str
    understood: Understood
    entry: Entry | None = None
    before: tuple[str, ...] = ()  # Item.uri


def whole(item: Item, way: str = "asked for") -> Hit:
    """An item that was not searched for, as a hit."""
    return Hit(item, 1.0, (way,))
