"""What the owner did with items: the ground truth that taste is computed from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects.sqlite import insert

from memory.records import Horizon, Kind, Reaction
from memory.schema import reactions


@dataclass(frozen=True, slots=True)
class Reactions:
    """Questions and facts about reactions."""

    conn: Connection
    owner: str
    horizon: Horizon | None = None

    def add(self, reaction: Reaction, entry_id: int | None = None) -> bool:
        """Remember it; False when this very event is known."""
        event = reaction.event or f"{reaction.source}:{reaction.kind}:{reaction.item}"
        row = {"kind": str(reaction.kind), "at": reaction.at, "item": reaction.item, "source": reaction.source}
        query = insert(reactions).values(owner=self.owner, event=event, emoji=reaction.emoji, entry_id=entry_id, **row)
        return self.conn.execute(query.on_conflict_do_nothing()).rowcount > 0

    def known(self, event: str) -> bool:
        """Whether this event of a platform was handled before."""
        query = select(reactions.c.id).where(reactions.c.owner == self.owner, reactions.c.event == event)
        return self.conn.scalar(query) is not None

    def all(self) -> list[Reaction]:
        """Every reaction, oldest first (in the order of storing where the instants are equal)."""
        return self._those()

    def of(self, uri: str) -> list[Reaction]:
        """What the owner did with one item."""
        return self._those(reactions.c.item == uri)

    def _those(self, *which: ColumnElement[bool]) -> list[Reaction]:
        query = select(reactions).where(reactions.c.owner == self.owner, *which)
        query = query.order_by(reactions.c.at, reactions.c.id)
        if self.horizon is not None:
            query = query.where(reactions.c.id <= self.horizon.reactions)
        return [
            Reaction(kind=Kind(row.kind), at=row.at, item=row.item, source=row.source, emoji=row.emoji, event=row.event)
            for row in self.conn.execute(query)
        ]
