"""What the owner did with things of a network: an item with its deeds, or the deed alone where only an address is told.

An archive of likes often holds nothing but addresses. The deed is kept all the same, and meets its item when a live
source brings that; whoever can ask somewhere politely what lies behind an address may be given as ``resolve``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from config.errors import ConfigError, SourceError
from memory.records import Account, Evidence, Fetched, Item, Kind, Reaction, Seen
from tools.importers.rows import Whose

Resolve = Callable[[str], Fetched | None]
"""An address → what is there, with its accounts; None: not known, or not to be read. May raise SourceError."""

_LATEST = 2100
_EVIDENCE = {Kind.AUTHORED: Evidence.AUTHORED, Kind.REPLY: Evidence.REPLIED}


def done(item: Item, accounts: Iterable[Account], *deeds: tuple[Kind, datetime], gone: Iterable[str] = ()) -> Fetched:
    """An item, and what the owner did with it and when, in UTC. Raises ValueError for times that are still to come."""
    for at in (item.created_at, *(at for _, at in deeds)):
        if at.year > _LATEST:
            raise ValueError("its time is in no calendar that anybody keeps")
    return Fetched(
        item=item,
        accounts=tuple(accounts),
        reactions=tuple(Reaction(kind, at, item.uri, item.source) for kind, at in deeds),
        seen=tuple(Seen("item", item.uri, at, _EVIDENCE.get(kind, Evidence.REACTED)) for kind, at in deeds[:1]),
        gone=tuple(gone),
    )


@dataclass(frozen=True)
class Bare:
    """Deeds on what is known by its address alone. ``source``: what the live source of that network is called."""

    source: str
    resolve: Resolve | None = None

    @classmethod
    def of(cls, source: str, whose: Whose) -> Bare:
        """By the setting ``resolve``, which the program gives and no file can. Raises ConfigError."""
        resolve = whose.more.get("resolve")
        if resolve is not None and not callable(resolve):
            raise ConfigError("resolve cannot be set in a file: whoever builds the importer gives it a way to ask.")
        return cls(source, resolve)

    def deed(self, uri: str, kind: Kind, at: datetime) -> Fetched:
        """What was done with it; together with the item itself where that could be found out."""
        evidence = _EVIDENCE.get(kind, Evidence.REACTED)
        found = self._found(uri)
        item = found.item if found else None
        name = item.uri if item else uri
        return replace(
            Fetched(item=item, quoted=found.quoted, accounts=found.accounts) if found and item else Fetched(),
            reactions=(Reaction(kind, at, name, self.source),),
            seen=(Seen("item", name, at, evidence),),
        )

    def _found(self, uri: str) -> Fetched | None:
        if self.resolve is None:
            return None
        try:
            return self.resolve(uri)
        except SourceError:  # the deed is no less true where nobody answers
            return None
