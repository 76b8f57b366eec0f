"""When a digest was due, and what became of it: the history that /status and the schedule look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert

from memory.records import Occasion, State
from memory.schema import occasions


@dataclass(frozen=True, slots=True)
class Occasions:
    """Questions and facts about occasions."""

    conn: Connection
    owner: str

    def settle(self, occasion: Occasion) -> None:
        """What became of it. What was told stays told; anything else can still change."""
        row = {name: getattr(occasion, name) for name in occasion.__slots__}
        row["state"] = occasion.state.value
        query = insert(occasions).values(owner=self.owner, **row)
        unique = ["owner", "channel", "date", "slot"]
        still_open = occasions.c.state != State.TOLD.value
        self.conn.execute(query.on_conflict_do_update(index_elements=unique, set_=row, where=still_open))

    def get(self, channel: str, day: date, slot: int) -> Occasion | None:
        """What became of this one, if anything did."""
        query = select(occasions).where(occasions.c.owner == self.owner, occasions.c.channel == channel)
        row = self.conn.execute(query.where(occasions.c.date == day, occasions.c.slot == slot)).first()
        return None if row is None else _occasion(row)

    def latest(self, channel: str, limit: int = 10) -> list[Occasion]:
        """The newest first, by local date and slot."""
        query = select(occasions).where(occasions.c.owner == self.owner, occasions.c.channel == channel)
        rows = self.conn.execute(query.order_by(occasions.c.date.desc(), occasions.c.slot.desc()).limit(limit))
        return [_occasion(row) for row in rows]


def _occasion(row: Row[tuple[object, ...]]) -> Occasion:
    return Occasion(row.channel, row.date, row.slot, State(row.state), row.at, row.reason, row.run)
