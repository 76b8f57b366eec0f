"""What was put together for which day, and which story every number stood for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from memory.records import Digest, Entry, Factor, Horizon
from memory.schema import digests, entries, outbox

_IN_SCORED = ("factors", "reasons", "summary", "grown_by", "explores", "links", "threads")


@dataclass(frozen=True, slots=True)
class Digests:
    """Questions and facts about digests."""

    conn: Connection
    owner: str
    horizon: Horizon | None = None

    def add(self, digest: Digest) -> Digest:
        """Keep a digest and return it with its numbers; a second one for that date, slot and channel is refused by the
        database (IntegrityError), so ask ``of_date`` first.
        """
        row = {name: getattr(digest, name) for name in ("date", "slot", "channel", "made_at", "since", "run")}
        query = insert(digests).values(owner=self.owner, notes=list(digest.notes), **row).returning(digests.c.id)
        number = self.conn.execute(query).scalar_one()
        for entry in digest.entries:
            kept = {"number": entry.number, "lead": entry.lead, "items": entry.items, "sharers": entry.sharers}
            scored = {name: asdict(entry)[name] for name in _IN_SCORED}
            self.conn.execute(insert(entries).values(owner=self.owner, digest_id=number, scored=scored, **kept))
        return self._digest(number)

    def of_date(self, day: date, channel: str, slot: int | None = None) -> Digest | None:
        """The digest of a local date (and of one of its hours), the newest if there are several."""
        slots = [] if slot is None else [digests.c.slot == slot]
        return self._one(digests.c.date == day, digests.c.channel == channel, *slots)

    def latest(self, channel: str | None = None) -> Digest | None:
        """The newest digest, or the newest of those that are kept under a channel or were told in it."""
        if channel is None:
            return self._one()
        told = select(outbox.c.digest_id).where(outbox.c.owner == self.owner, outbox.c.channel == channel)
        return self._one((digests.c.channel == channel) | digests.c.id.in_(told.where(outbox.c.digest_id.is_not(None))))

    def of_run(self, run: str) -> Digest | None:
        """What came of a run."""
        return self._one(digests.c.run == run)

    def since(self, at: datetime) -> list[Digest]:
        """Digests made after an instant, oldest first."""
        return self._list(*self._mine, digests.c.made_at > at)

    def entry(self, number: int) -> Entry | None:
        """An entry by the store's own number of it."""
        row = self.conn.execute(select(entries).where(entries.c.owner == self.owner, entries.c.id == number)).first()
        return None if row is None else _entry(row)

    def digest_of(self, entry: Entry) -> Digest | None:
        """The digest that an entry stands in."""
        query = select(entries.c.digest_id).where(entries.c.owner == self.owner, entries.c.id == entry.id)
        number = self.conn.scalar(query)
        return None if number is None else self._digest(number)

    def forget_item(self, uri: str) -> list[Entry]:
        """Blank what was written about an item; returns the entries that it leads."""
        each = func.json_each(entries.c["items"]).table_valued("value")
        told = select(each.c.value).where(each.c.value == uri).exists()
        rows = self.conn.execute(select(entries).where(entries.c.owner == self.owner, told)).all()
        for row in rows:
            factors = [{**f, "words": ""} if f["name"] == "judge" else f for f in row.scored["factors"]]  # it may quote
            blank = {**row.scored, "factors": factors, "summary": ""}
            self.conn.execute(update(entries).where(entries.c.id == row.id).values(scored=blank))
        return [_entry(row) for row in rows if row.lead == uri]

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        later = () if self.horizon is None else (digests.c.id <= self.horizon.digests,)
        return (digests.c.owner == self.owner, *later)

    def _one(self, *where: ColumnElement[bool]) -> Digest | None:
        query = select(digests.c.id).where(*self._mine, *where)
        number = self.conn.scalar(query.order_by(digests.c.made_at.desc(), digests.c.id.desc()).limit(1))
        return None if number is None else self._digest(number)

    def _digest(self, number: int) -> Digest:
        return self._list(digests.c.id == number)[0]

    def _list(self, *where: ColumnElement[bool]) -> list[Digest]:
        these = select(digests).where(*where).order_by(digests.c.made_at, digests.c.id)
        inside = select(entries).where(entries.c.digest_id.in_(these.with_only_columns(digests.c.id).order_by(None)))
        told: dict[int, list[Entry]] = defaultdict(list)
        for row in self.conn.execute(inside.order_by(entries.c.number)).all():
            told[row.digest_id].append(_entry(row))
        return [_digest(row, told[row.id]) for row in self.conn.execute(these).all()]


def _digest(row: Row[Any], told: Sequence[Entry]) -> Digest:
    return Digest(
        id=row.id,
        date=row.date,
        slot=row.slot,
        channel=row.channel,
        made_at=row.made_at,
        since=row.since,
        run=row.run,
        notes=tuple(row.notes),
        entries=tuple(told),
    )


def _entry(row: Row[Any]) -> Entry:
    scored = row.scored
    return Entry(
        id=row.id,
        number=row.number,
        lead=row.lead,
        items=tuple(row.items),
        sharers=tuple(row.sharers),
        factors=tuple(Factor(**factor) for factor in scored["factors"]),
        reasons=tuple(scored["reasons"]),
        summary=scored["summary"],
        grown_by=scored["grown_by"],
        explores=scored["explores"],
        links=tuple(scored["links"]),
        threads=tuple(scored["threads"]),
    )
