"""Since when a memory lives its life: what was said, and what was due, before that instant is settled.

A memory that was brought back does not know what it has heard and told since its backup was made; one that has
forgotten everything does not know it either. Both must not do all of it once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from memory.store import Memory

SOURCE: Final = "beginning"
"""Under this name it stands among the cursors."""

RESTORED: Final = "Magpie was restored from a backup"
IMPORTED: Final = "the memory was imported"
FORGOTTEN: Final = "everything was forgotten"


@dataclass(frozen=True, slots=True)
class Beginning:
    """The instant, to the second, and why there is one."""

    at: datetime
    why: str

    def is_after(self, at: datetime, now: datetime) -> bool:
        """Whether something happened before it; one that was set while the clock was ahead does not count."""
        return at < self.at <= now


def marks(at: datetime, why: str) -> dict[str, str]:
    """The beginning as it is kept: feed → mark."""
    return {"at": at.astimezone(UTC).replace(microsecond=0).isoformat(), "why": why}


def begin(memory: Memory, at: datetime, why: str) -> None:
    """From now on nothing before this instant is heard or owed."""
    memory.sources.move(SOURCE, marks(at, why))


def beginning(memory: Memory) -> Beginning | None:
    """The newest; None for a memory that has lived without a break."""
    kept = memory.sources.cursor(SOURCE)
    return Beginning(datetime.fromisoformat(kept["at"]), kept["why"]) if "at" in kept else None
