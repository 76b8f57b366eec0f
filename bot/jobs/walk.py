"""A run's walk through the graph: every node that it goes through is a step of the run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from agents.digest import Desk, State, counts
from agents.stories import stories_of
from bot.jobs import RunLog, keep_step
from memory.records import Step
from memory.store import Store

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


@dataclass(frozen=True)
class Walk:
    """Walks for one run."""

    store: Store
    desk: Desk
    now: Callable[[], datetime]
    record: RunLog

    def through(
        self, graph: CompiledStateGraph[State, Desk, State, State], state: State | None, thread: Any = None
    ) -> State:
        """From a state, or (None) from where the thread was left, to the end. What the nodes raise is raised."""
        with uncollected():
            return self._through(graph, state, thread)

    def _through(self, graph: CompiledStateGraph[State, Desk, State, State], state: State | None, thread: Any) -> State:
        done: State = {}
        began, clock = self.now(), time.perf_counter()
        given: Mapping[str, int] = {}
        ways: Any = {"context": self.desk, "stream_mode": ["tasks", "values"]}
        if graph.checkpointer:
            ways["durability"] = "sync"
        for mode, told in graph.stream(state, thread, **ways):
            if mode == "values":
                done = cast(State, told)
            elif "input" in told:
                self.record.node, given = told["name"], counts(told["input"])
                began, clock = self.now(), time.perf_counter()
            else:
                seconds = time.perf_counter() - clock
                made = {} if told["error"] else counts(told["result"])
                keep_step(self.store, Step(self.record.id, told["name"], began, seconds, given, made))
        self.record.node = ""
        return done


@contextmanager
def uncollected() -> Iterator[None]:
    """Meanwhile Python does not look for cycles: thousands of posts live to the end, and it would only count them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def keep_names(store: Store, done: State) -> None:
    """The stories that a walk has found go by the same names from now on."""
    names = {uri: story.key for story in stories_of(done["stories"]) for uri in story.items}
    with store.begin() as memory:
        memory.stories.keep(names, done["until"])


def tally(record: RunLog, done: State) -> None:
    """The run counts what came of a walk."""
    counted = {"candidates": len(done["candidates"]), "known stories": done["known"], **done["left_out"]}
    record.counts.update({**counted, "ranked": done["considered"], "entries": len(done["digest"].entries)})
