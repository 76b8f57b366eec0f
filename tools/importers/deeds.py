"""What the owner did with things of a network: an item with its deeds, or the deed alone where only an address is told.

An archive of likes often holds nothing but addresses. The deed is kept all the same, and meets its item when a live
source brings that, or at once where somebody can be asked what lies behind an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from config.errors import SourceError
from memory.records import Account, Evidence, Fetched, Item, Kind, Reaction, Seen

Ask = Callable[[str], Fetched | None]
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

    def deed(self, uri: str, kind: Kind, at: datetime) -> Fetched:
        """What was done with it."""
        evidence = _EVIDENCE.get(kind, Evidence.REACTED)
        return Fetched(reactions=(Reaction(kind, at, uri, self.source),), seen=(Seen("item", uri, at, evidence),))


def answered(step: Fetched, ask: Ask) -> Fetched:
    """A bare deed of an archive that dates no likes, with the post itself, whose time stands for that of a like."""
    if step.item is not None or len(step.reactions) != 1:
        return step
    (deed,) = step.reactions
    try:
        found = ask(deed.item)
    except SourceError:  # the deed is no less true where nobody answers
        return step
    if found is None or (item := found.item) is None:
        return step
    at = item.created_at if deed.kind in (Kind.LIKE, Kind.BOOKMARK) else deed.at
    return replace(
        step,
        item=item,
        quoted=found.quoted,
        accounts=found.accounts,
        reactions=(replace(deed, at=at, item=item.uri),),
        seen=tuple(replace(fact, key=item.uri, since=at) for fact in step.seen),
    )
