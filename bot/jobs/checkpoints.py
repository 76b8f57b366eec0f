"""LangGraph's checkpoints: where a run can be gone on with or replayed from. They hold URIs and numbers, no words."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agents import graphs
from memory.records import Digest, Entry, Factor, Horizon, Story
from memory.store import Store

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

KEPT: Final = timedelta(days=14)
STEPS_KEPT: Final = timedelta(days=90)


def saver(path: Path) -> AbstractContextManager[SqliteSaver]:
    """The checkpoints of digests. Those of earlier versions hold stories as nouns."""
    return graphs.saver(path, (Story, Entry, Factor, Digest, Horizon))


def thread(run: str, look: int = 0) -> Any:
    """What the graph takes for a run's config; with every look at what was chosen it begins anew."""
    return {"configurable": {"thread_id": f"{run}/{look}"}}


def last_look(checkpoints: SqliteSaver, run: str) -> Any | None:
    """The config of the last thread that a run has left; None where nothing is left of it."""
    looks = [look for of, _, look in (name.rpartition("/") for name in threads(checkpoints)) if of == run]
    return thread(run, max(map(int, looks))) if looks else None


def threads(checkpoints: SqliteSaver) -> list[str]:
    """The names of all threads; the first part of each is its run's id, which sorts by time."""
    checkpoints.setup()
    return [name for (name,) in checkpoints.conn.execute("SELECT DISTINCT thread_id FROM checkpoints ORDER BY 1")]


def tidy(store: Store, path: Path, now: datetime) -> int:
    """Delete the threads of runs that began long ago, the names of their stories, and the steps of still older ones.

    Returns how many threads there were.
    """
    with store.begin() as memory:
        memory.runs.drop_steps(now - STEPS_KEPT)
        memory.stories.drop(now - KEPT)
    return clear(path, f"{now - KEPT:%Y%m%dT%H%M%S}")


def clear(path: Path, before: str = "") -> int:
    """Delete all threads, or those of runs whose ids are smaller than ``before``; their bytes leave the file."""
    if not path.exists():
        return 0
    with saver(path) as checkpoints:
        old = [name for name in threads(checkpoints) if not before or name < before]
        for name in old:
            checkpoints.delete_thread(name)
        if old:
            checkpoints.conn.execute("VACUUM")
            checkpoints.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(old)
