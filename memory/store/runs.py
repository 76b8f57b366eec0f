"""What was done when, and every call of a chat model: the later fine-tuning set."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from memory.records import Horizon, Step
from memory.schema import SEEN_NUMBER, digests, model_calls, reactions, runs, seen, shares, steps


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a chat model. ``inputs`` are the Item.uri of what it read, ``verdict`` is what the checks said."""

    run: str
    at: datetime
    prompt: str
    version: int
    model: str
    inputs: tuple[str, ...]
    messages: tuple[str, ...]
    output: str
    verdict: str
    tokens_in: int
    tokens_out: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Runs:
    """Questions and facts about runs."""

    conn: Connection
    owner: str

    def begin(self, job: str, at: datetime, replays: str = "") -> str:
        """Open a run and return its id, which sorts by time. ``replays`` is the run whose input it takes."""
        run = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        row = {"id": run, "owner": self.owner, "job": job, "began": at, "replays": replays}
        self.conn.execute(insert(runs).values(**row, state="running", counts={}, failures=[]))
        return run

    def end(self, run: str, at: datetime, state: str, counts: Mapping[str, int], failures: Sequence[str]) -> None:
        """Close a run: done or failed, with what was counted and what went wrong."""
        row = {"ended": at, "state": state, "counts": dict(counts), "failures": list(failures)}
        self.conn.execute(update(runs).where(runs.c.id == run, runs.c.owner == self.owner).values(row))

    def break_off(self, at: datetime) -> int:
        """Runs that nobody ended were killed; returns how many there were. When each of them ended nobody knows."""
        noticed = f"{at:%d %b %H:%M} UTC"
        cause = f"It was killed, or the machine went down: it had not ended when Magpie was started on {noticed}."
        lost = update(runs).where(runs.c.owner == self.owner, runs.c.state == "running")
        return self.conn.execute(lost.values(state="broken off", failures=[cause])).rowcount

    def reach(self) -> Horizon:
        """How far memory reaches now."""
        numbers = {"shares": shares.c.id, "seen": SEEN_NUMBER, "reactions": reactions.c.id, "digests": digests.c.id}
        tables = {"shares": shares, "seen": seen, "reactions": reactions, "digests": digests}
        highest = {
            name: self.conn.scalar(select(func.max(numbers[name])).where(table.c.owner == self.owner)) or 0
            for name, table in tables.items()
        }
        markers = select(seen.c.key, seen.c.since).where(seen.c.owner == self.owner, seen.c.scope == "feed")
        return Horizon(**highest, markers={row.key: row.since for row in self.conn.execute(markers)})

    def latest(
        self, job: str | None = None, limit: int = 20, until: datetime | None = None
    ) -> Sequence[Row[tuple[object, ...]]]:
        """The newest runs first; those alone that began ``until`` an instant, where a clock may have been ahead."""
        query = select(runs).where(runs.c.owner == self.owner).order_by(runs.c.began.desc()).limit(limit)
        query = query if job is None else query.where(runs.c.job == job)
        return self.conn.execute(query if until is None else query.where(runs.c.began <= until)).all()

    def get(self, run: str) -> Row[tuple[object, ...]] | None:
        """A run by its id, or by the beginning of it where only one begins so."""
        mine = (runs.c.owner == self.owner, runs.c.id.startswith(run, autoescape=True))
        found = self.conn.execute(select(runs).where(*mine).limit(2)).all()
        return found[0] if len(found) == 1 or (found and found[0].id == run) else None

    def add_step(self, step: Step) -> None:
        """A node was gone through."""
        row = {name: getattr(step, name) for name in step.__slots__}
        row |= {"given": dict(step.given), "made": dict(step.made)}
        self.conn.execute(insert(steps).values(owner=self.owner, **row))

    def steps(self, run: str) -> list[Step]:
        """The nodes that a run went through, in order."""
        query = select(steps).where(steps.c.owner == self.owner, steps.c.run == run).order_by(steps.c.id)
        return [
            Step(row.run, row.node, row.began, row.seconds, row.given, row.made) for row in self.conn.execute(query)
        ]

    def drop_steps(self, before: datetime) -> int:
        """Forget the steps that began before an instant; returns how many. Their runs stay, with what they counted."""
        return self.conn.execute(delete(steps).where(steps.c.owner == self.owner, steps.c.began < before)).rowcount

    def log_call(self, call: ModelCall) -> None:
        """Keep a call of a model."""
        row = {name: getattr(call, name) for name in call.__slots__}
        row |= {"inputs": list(call.inputs), "messages": list(call.messages), "owner": self.owner}
        self.conn.execute(insert(model_calls).values(row))

    def calls(self, run: str | None = None) -> Sequence[Row[tuple[object, ...]]]:
        """Calls of a run, or of all runs, in order."""
        query = select(model_calls).where(model_calls.c.owner == self.owner).order_by(model_calls.c.id)
        return self.conn.execute(query if run is None else query.where(model_calls.c.run == run)).all()

    def forget_item(self, uri: str) -> None:
        """Drop every call that has read this item."""
        each = func.json_each(model_calls.c.inputs).table_valued("value")
        reads = select(each.c.value).where(each.c.value == uri).exists()
        self.conn.execute(delete(model_calls).where(model_calls.c.owner == self.owner, reads))
