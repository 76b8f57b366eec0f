"""What a chat model has foretold of posts: kept, so that it can be held against what the owner did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.schema import judgements

MOST: Final = 2000

_PUT = insert(judgements)
_PUT = _PUT.on_conflict_do_update(
    ["owner", "run", "item"],
    set_={name: _PUT.excluded[name] for name in ("at", "model", "version", "score", "times", "reason", "quote")},
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How much the owner would like an item, by a model: ``score`` in [0, 10] is the mean of ``times`` answers.

    ``version`` is of the prompt; ``quote``, words of the item, bears out the ``reason``; either may be empty.
    """

    run: str
    at: datetime
    item: str  # Item.uri
    model: str
    version: int
    score: float
    times: int = 1
    reason: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Judgements:
    """Questions and facts about judgements."""

    conn: Connection
    owner: str

    def keep(self, made: Iterable[Judgement]) -> None:
        """Keep them; of one run and item the latest."""
        rows = [{"owner": self.owner} | {name: getattr(one, name) for name in Judgement.__slots__} for one in made]
        if rows:
            self.conn.execute(_PUT, rows)

    def of_run(self, run: str) -> dict[str, Judgement]:
        """Item.uri → what was foretold of it in that run."""
        query = select(judgements).where(judgements.c.owner == self.owner, judgements.c.run == run)
        return {row.item: _judgement(row) for row in self.conn.execute(query.order_by(judgements.c.id))}

    def by(self, model: str, since: datetime, until: datetime) -> list[Judgement]:
        """What a model has foretold in a time, both ends included; the newest first, at most a few thousand."""
        query = select(judgements).where(judgements.c.owner == self.owner, judgements.c.model == model)
        query = query.where(judgements.c.at >= since, judgements.c.at <= until)
        query = query.order_by(judgements.c.at.desc(), judgements.c.id.desc()).limit(MOST)
        return [_judgement(row) for row in self.conn.execute(query)]

    def forget_item(self, uri: str) -> int:
        """Nothing was ever foretold of it; returns how much that was."""
        this = (judgements.c.owner == self.owner, judgements.c.item == uri)
        return self.conn.execute(delete(judgements).where(*this)).rowcount


def _judgement(row: Row[Any]) -> Judgement:
    return Judgement(**{name: getattr(row, name) for name in Judgement.__slots__})
