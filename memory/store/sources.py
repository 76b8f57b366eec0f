"""How far each source has been read, what could not be read, and where links lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from memory.records import Cursor, Gap
from memory.schema import cursors, gaps, items, resolved_links


@dataclass(frozen=True, slots=True)
class Sources:
    """Questions and facts about sources and channels as things to be read."""

    conn: Connection
    owner: str

    def cursor(self, source: str) -> Cursor:
        """Feed → mark; empty when nothing was read yet."""
        query = select(cursors.c.feed, cursors.c.mark).where(cursors.c.owner == self.owner, cursors.c.source == source)
        return {feed: mark for feed, mark in self.conn.execute(query)}

    def move(self, source: str, cursor: Cursor) -> None:
        """Everything up to these marks is stored."""
        for feed, mark in cursor.items():
            query = insert(cursors).values(owner=self.owner, source=source, feed=feed, mark=mark)
            unique = ["owner", "source", "feed"]
            self.conn.execute(query.on_conflict_do_update(index_elements=unique, set_={"mark": mark}))

    def add_gap(self, source: str, gap: Gap) -> None:
        """A stretch of a feed is lost; the next digest says so."""
        row = {"feed": gap.feed, "since": gap.since, "until": gap.until}
        query = insert(gaps).values(owner=self.owner, source=source, **row)
        self.conn.execute(query.on_conflict_do_nothing())

    def untold_gaps(self) -> list[Gap]:
        """Gaps that no digest has mentioned yet, oldest first."""
        query = select(gaps).where(gaps.c.owner == self.owner, gaps.c.told_in.is_(None)).order_by(gaps.c.since)
        return [Gap(row.feed, row.since, row.until) for row in self.conn.execute(query)]

    def gaps_told(self, digest_id: int) -> None:
        """The open gaps are mentioned in this digest."""
        query = update(gaps).where(gaps.c.owner == self.owner, gaps.c.told_in.is_(None))
        self.conn.execute(query.values(told_in=digest_id))

    def resolved(self, newest: int = 20_000) -> dict[str, str]:
        """Where short links lead, as far as it was found out; those that were found out last, oldest first."""
        query = select(resolved_links.c.url, resolved_links.c.canonical).where(resolved_links.c.owner == self.owner)
        rows = self.conn.execute(query.order_by(literal_column("rowid").desc()).limit(newest)).all()
        return {url: canonical for url, canonical in reversed(rows)}

    def keep_resolved(self, found: Mapping[str, str]) -> None:
        """Remember where links lead."""
        for url, canonical in found.items():
            query = insert(resolved_links).values(owner=self.owner, url=url, canonical=canonical)
            self.conn.execute(query.on_conflict_do_nothing())

    def origins(self) -> tuple[frozenset[str], frozenset[str]]:
        """Which sources there are items of, and which kinds of items there are."""
        query = select(items.c.source, items.c.kind).where(items.c.owner == self.owner).distinct()
        rows = self.conn.execute(query).all()
        return frozenset(row.source for row in rows), frozenset(row.kind for row in rows)
