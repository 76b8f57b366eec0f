"""What the owner has decided: mutes, blocks, filtered words, followed tags, and interests in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.records import Rule
from memory.schema import interests, rules

OWN = "owner"
"""The origin of rules that the owner gave to Magpie, not to a server."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Questions and facts about the owner's decisions."""

    conn: Connection
    owner: str

    def replace(self, origin: str, current: Iterable[Rule]) -> None:
        """These are now all the rules from that origin."""
        self.conn.execute(delete(rules).where(rules.c.owner == self.owner, rules.c.origin == origin))
        for rule in current:
            self.add(rule, origin)

    def add(self, rule: Rule, origin: str = OWN) -> None:
        """One more rule, or new terms for one that is there."""
        row = {"kind": rule.kind, "key": rule.key, "until": rule.until, "whole_word": rule.whole_word}
        query = insert(rules).values(owner=self.owner, origin=origin, **row)
        terms = {"until": rule.until, "whole_word": rule.whole_word}
        unique = ["owner", "origin", "kind", "key"]
        self.conn.execute(query.on_conflict_do_update(index_elements=unique, set_=terms))

    def remove(self, kind: str, key: str) -> bool:
        """Take back a rule that was given to Magpie; False when there is none."""
        where = (rules.c.owner == self.owner, rules.c.origin == OWN, rules.c.kind == kind, rules.c.key == key)
        return self.conn.execute(delete(rules).where(*where)).rowcount > 0

    def active(self, now: datetime) -> list[Rule]:
        """All rules that hold now."""
        rows = self.conn.execute(select(rules).where(rules.c.owner == self.owner).order_by(rules.c.kind, rules.c.key))
        found = [Rule(row.kind, row.key, row.until, row.whole_word) for row in rows]
        return [rule for rule in found if rule.until is None or rule.until > now]

    def set_interest(self, topic: str, weight: float, at: datetime) -> None:
        """The owner wants more (weight up to 1) or less (down to -1) of a topic."""
        row = {"weight": max(-1.0, min(1.0, weight)), "at": at}
        query = insert(interests).values(owner=self.owner, topic=topic, **row)
        self.conn.execute(query.on_conflict_do_update(index_elements=["owner", "topic"], set_=row))

    def drop_interest(self, topic: str) -> None:
        """The owner has no wish about that topic any more."""
        self.conn.execute(delete(interests).where(interests.c.owner == self.owner, interests.c.topic == topic))

    def interests(self) -> dict[str, float]:
        """Topic → weight in [-1, 1]."""
        query = select(interests).where(interests.c.owner == self.owner).order_by(interests.c.topic)
        return {row.topic: row.weight for row in self.conn.execute(query)}
