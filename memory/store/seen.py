"""What the owner knows already, why we believe so, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from memory.parts import parts
from memory.records import Evidence, Horizon, Item, Seen
from memory.schema import SEEN_NUMBER, seen

_UNIQUE = ["owner", "scope", "key", "evidence"]


@dataclass(frozen=True, slots=True)
class SeenLedger:
    """Questions and facts about what has been seen. Seeing twice is seeing once."""

    conn: Connection
    owner: str
    horizon: Horizon | None = None

    def add(self, fact: Seen) -> None:
        """Remember it; the earliest time counts, in whatever order they are learnt."""
        row = {"scope": fact.scope, "key": fact.key, "since": fact.since, "strength": fact.strength}
        query = insert(seen).values(owner=self.owner, evidence=str(fact.evidence), **row)
        self.conn.execute(
            query.on_conflict_do_update(
                index_elements=_UNIQUE, set_={"since": fact.since}, where=seen.c.since > fact.since
            )
        )

    def add_item(self, item: Item, at: datetime, evidence: Evidence) -> None:
        """The owner has seen the item, and with it the links in it and the thread it belongs to."""
        keys = [("item", item.uri), ("thread", item.thread or item.ref), *(("link", link) for link in item.canonical)]
        for scope, key in keys:
            self.add(Seen(scope, key, at, evidence, evidence.strength))

    def read_up_to(self, feed: str, at: datetime) -> None:
        """The owner's read marker of a feed: it only moves forward."""
        row = {"scope": "feed", "key": feed, "since": at, "strength": Evidence.MARKER.strength}
        query = insert(seen).values(owner=self.owner, evidence=str(Evidence.MARKER), **row)
        self.conn.execute(
            query.on_conflict_do_update(index_elements=_UNIQUE, set_={"since": at}, where=seen.c.since < at)
        )

    def marker(self, feed: str) -> datetime | None:
        """Up to when the owner has scrolled that feed, if it is known."""
        if self.horizon is not None:
            return self.horizon.markers.get(feed)
        known = self.known("feed", [feed]).get(feed, [])
        return known[0].since if known else None

    def known(self, scope: str, keys: Collection[str]) -> dict[str, list[Seen]]:
        """What is known about these keys of one scope; keys of which nothing is known are left out."""
        found: dict[str, list[Seen]] = {}
        for part in parts(keys):
            query = select(seen).where(seen.c.owner == self.owner, seen.c.scope == scope, seen.c.key.in_(part))
            if self.horizon is not None:
                query = query.where(self.horizon.seen >= SEEN_NUMBER)
            for row in self.conn.execute(query).all():
                fact = Seen(row.scope, row.key, row.since, Evidence(row.evidence), row.strength)
                found.setdefault(row.key, []).append(fact)
        return found
