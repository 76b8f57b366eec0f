"""The jobs, one a module. Each opens and closes a Run, so that what was done can be listed and explained."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.logs import current_run
from config.errors import MagpieError
from memory.records import Step
from memory.store import Store

log = logging.getLogger(__name__)


@dataclass
class RunLog:
    """What a run counts and what goes wrong in it. ``node``: where it is now, if it is anywhere in particular."""

    id: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    node: str = ""


@contextmanager
def run(store: Store, job: str, now: Callable[[], datetime], replays: str = "") -> Iterator[RunLog]:
    """A Run around a job: failed with its cause when the job raises, done otherwise."""
    with store.begin() as memory:
        record = RunLog(memory.runs.begin(job, now(), replays))
    log.info("event=run_began job=%s run=%s", job, record.id)
    state, outer = "failed", current_run.set(record.id)
    try:
        yield record
        state = "done"
    except BaseException as error:
        known, where = isinstance(error, MagpieError), f" in {record.node}" if record.node else ""
        cause = str(error) if known else f"{job} broke off{where} ({type(error).__name__}); see the log."
        record.failures.append(cause)
        raise
    finally:
        current_run.reset(outer)
        with store.begin() as memory:
            memory.runs.end(record.id, now(), state, record.counts, record.failures)
        counts = ",".join(f"{name.replace(' ', '_')}:{count}" for name, count in record.counts.items())
        log.info("event=run_ended job=%s run=%s state=%s counts=%s", job, record.id, state, counts)


@contextmanager
def step(store: Store, record: RunLog, node: str, now: Callable[[], datetime]) -> Iterator[None]:
    """A part of a run, kept with what was counted meanwhile, also when it breaks."""
    began, clock, before = now(), time.perf_counter(), Counter(record.counts)
    record.node = node
    try:
        yield
        record.node = ""
    finally:
        made = {name: count for name, count in (record.counts - before).items() if count}
        keep_step(store, Step(record.id, node, began, time.perf_counter() - clock, {}, made))


def keep_step(store: Store, step: Step) -> None:
    """A step is part of its run from now on."""
    with store.begin() as memory:
        memory.runs.add_step(step)
    log.info("event=step run=%s node=%s seconds=%.3f", step.run, step.node.replace(" ", "_"), step.seconds)


def settle_broken(store: Store, now: datetime) -> int:
    """At a start: runs that were never ended broke off, for nobody else works on this memory. Returns how many."""
    with store.begin() as memory:
        broken = memory.runs.break_off(now)
    if broken:
        log.warning("event=runs_broken_off count=%d", broken)
    return broken
