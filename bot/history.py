"""What was done: runs and all that is known of one of them, as plain values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memory.records import Digest, Entry, Step

if TYPE_CHECKING:
    from memory.store import Memory

Plain = dict[str, Any]


def listed(memory: Memory, job: str | None, count: int) -> list[Plain]:
    """The newest runs first."""
    return [_run(row) for row in memory.runs.latest(job, count)]


def explained(memory: Memory, name: str) -> Plain | None:
    """A run by its id or the beginning of it: its steps, the calls of a model, and the digest that came of it."""
    row = memory.runs.get(name)
    if row is None:
        return None
    digest = memory.digests.of_run(row.id)
    return _run(row) | {
        "steps": [_step(step) for step in memory.runs.steps(row.id)],
        "calls": [_call(call) for call in memory.runs.calls(row.id)],
        "digest": _digest(digest) if digest else None,
    }


def _run(row: Any) -> Plain:
    seconds = (row.ended - row.began).total_seconds() if row.ended else None
    return {
        "id": row.id,
        "job": row.job,
        "began": row.began.isoformat(),
        "seconds": seconds,
        "state": row.state,
        "replays": row.replays,
        "counts": row.counts,
        "failures": row.failures,
    }


def _step(step: Step) -> Plain:
    began, seconds = step.began.isoformat(), round(step.seconds, 6)
    return {"node": step.node, "began": began, "seconds": seconds, "in": dict(step.given), "out": dict(step.made)}


def _call(row: Any) -> Plain:
    """Without the words that were sent and answered: they are other people's."""
    names = ("prompt", "version", "model", "verdict", "tokens_in", "tokens_out", "seconds")
    return {name: getattr(row, name) for name in names} | {"inputs": len(row.inputs)}


def _digest(digest: Digest) -> Plain:
    entries = [_entry(entry) for entry in digest.entries]
    where = {"date": digest.date.isoformat(), "slot": digest.slot, "channel": digest.channel}
    return where | {"notes": list(digest.notes), "entries": entries}


def _entry(entry: Entry) -> Plain:
    told = {"number": entry.number, "lead": entry.lead, "score": round(entry.score, 4)}
    return told | {"reasons": list(entry.reasons)}


def counted(counts: Mapping[str, int]) -> str:
    """Counts in words; what is zero says nothing."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "–"
