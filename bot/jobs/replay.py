"""Replay: a run of the graph once more, from one of its nodes, on the input it had then.

A failed run is gone on with, and a changed prompt or weight is tried on yesterday's input. The code, prompts, settings,
wishes and mutes are those of today; posts, what was seen, reactions and digests those that were known then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agents.digest import NODES, Desk, State, build
from bot.jobs import RunLog, run
from bot.jobs.checkpoints import last_look, saver, thread
from bot.jobs.walk import Walk, keep_names, tally
from config.errors import MagpieError
from memory.records import Digest, Entry
from memory.store import Store

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StateSnapshot

    from bot.jobs.digest import Editor


class ReplayError(MagpieError):
    """There is nothing of that run to go on from."""


@dataclass(frozen=True)
class Beginning:
    """Where a replay sets in: the state before a node of a run."""

    run: str
    node: str
    state: State
    before: tuple[Entry, ...] | None  # what the run came to, if it did

    @property
    def upstream(self) -> str:
        """The node before it."""
        nodes = ["__start__", *NODES]
        return nodes[nodes.index(self.node) - 1]


@dataclass(frozen=True)
class Replayed:
    """What came of a replay. ``unsent`` says why it was not queued, where it should have been."""

    run: str
    node: str
    digest: Digest
    before: tuple[Entry, ...] | None
    queued: bool = False
    unsent: str = ""


@dataclass(frozen=True)
class Player:
    """Replays runs. Nothing is sent and no digest is kept, unless an editor is given to complete it."""

    store: Store
    desk: Desk
    checkpoints: Path
    now: Callable[[], datetime]

    def replay(self, name: str, node: str = "", editor: Editor | None = None) -> Replayed:
        """The run of that id (or its beginning) once more, from a node on; without one, a run that broke goes on
        where it stopped, and one that was done begins anew. Raises ReplayError.
        """
        beginning = self._beginning(name, node)
        unsent = self._why_unsent(beginning.state) if editor else ""
        completing = editor if not unsent else None
        with run(self.store, "replay", self.now, replays=beginning.run) as record:
            digest = self._walk(beginning, record, as_now=completing is not None)
            if completing:
                digest = completing.complete(digest, record)
        return Replayed(record.id, beginning.node, digest, beginning.before, completing is not None, unsent)

    def _beginning(self, name: str, node: str) -> Beginning:
        if node and node not in NODES:
            raise ReplayError(f"There is no node {node!r} in the graph: there are {', '.join(NODES)}.")
        with self.store.begin() as memory:
            row = memory.runs.get(name)
            if row is None:
                raise ReplayError(f"There is no run {name!r}, or more than one begins so: see 'magpie runs'.")
            told = memory.digests.of_run(row.id)
        if row.job not in ("digest", "replay"):
            raise ReplayError(f"Run {row.id} did {row.job}: only digests and replays of them can be replayed.")
        snapshot, last = self._snapshot(row.id, node, ended=row.state == "done")
        state, chosen = cast(State, snapshot.values), last.values.get("entries")
        before = told.entries if told else None if chosen is None else tuple(chosen)
        return Beginning(row.id, snapshot.next[0] if snapshot.next else "compose", state, before)

    def _snapshot(self, name: str, node: str, ended: bool) -> tuple[StateSnapshot, StateSnapshot]:
        """The checkpoint before a node of a run, and the run's last one."""
        with saver(self.checkpoints) as checkpoints:
            left, graph = last_look(checkpoints, name), build(checkpoints)
            history = list(graph.get_state_history(left)) if left else []
        kept = [snapshot for snapshot in history if snapshot.values]
        if not kept:
            raise ReplayError(
                f"Run {name} has left no checkpoint: they are kept for 14 days, and 'forget' deletes them."
            )
        node = node or (next(iter(NODES)) if ended else "")
        found = next((one for one in kept if one.next == (node,)), None) if node else kept[0]
        if found is None:
            raise ReplayError(f"Run {name} never came to {node!r}: it stopped before {kept[0].next[0]!r}.")
        return found, kept[0]

    def _walk(self, beginning: Beginning, record: RunLog, as_now: bool) -> Digest:
        """With ``as_now``, what was learnt since counts: it is going to be told now."""
        desk, state = self.desk, State(**{**beginning.state, "run": record.id})
        if not as_now:
            desk = replace(desk, reading=replace(desk.reading, horizon=state.get("horizon")))
        with saver(self.checkpoints) as checkpoints:
            graph: CompiledStateGraph[State, Desk, State, State] = build(checkpoints)
            graph.update_state(thread(record.id), state, as_node=beginning.upstream)
            done = Walk(self.store, desk, self.now, record).through(graph, None, thread(record.id))
        if as_now:
            keep_names(self.store, done)
        tally(record, done)
        return done["digest"]

    def _why_unsent(self, state: State) -> str:
        day, slot, channel = state["day"], state.get("slot", 0), state["channel"]
        with self.store.begin() as memory:
            made, last = memory.digests.of_date(day, channel, slot), memory.digests.latest(channel)
        if made is not None:
            return f"There is a digest of {day} already: nothing is sent."
        if last is not None and last.made_at > state["until"]:
            return f"A digest of {last.date} was made since, and has told what was left of this one: nothing is sent."
        return ""


@dataclass(frozen=True)
class Difference:
    """An entry whose number changed. ``was`` and ``now`` are None where it was not there, or is not."""

    entry: Entry
    was: int | None
    now: int | None


def differences(before: Sequence[Entry], after: Sequence[Entry]) -> list[Difference]:
    """What came or moved, in its order, then what went. Entries that have an item in common are the same."""
    found = []
    for entry in after:
        was = next((old.number for old in before if not set(old.items).isdisjoint(entry.items)), None)
        if was != entry.number:
            found.append(Difference(entry, was, entry.number))
    told = {uri for entry in after for uri in entry.items}
    return found + [Difference(old, old.number, None) for old in before if told.isdisjoint(old.items)]
