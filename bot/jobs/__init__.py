"""The jobs: collect and digest. Each opens and closes a Run, so that what was done can be listed and explained."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from config.errors import MagpieError
from memory.store import Store

log = logging.getLogger(__name__)


@dataclass
class RunLog:
    """What a run counts and what goes wrong in it."""

    id: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@contextmanager
def run(store: Store, job: str, now: Callable[[], datetime]) -> Iterator[RunLog]:
    """A Run around a job: failed with its cause when the job raises, done otherwise."""
    with store.begin() as memory:
        record = RunLog(memory.runs.begin(job, now()))
    log.info("run began job=%s run=%s", job, record.id)
    state = "failed"
    try:
        yield record
        state = "done"
    except BaseException as error:
        known = isinstance(error, MagpieError)
        record.failures.append(str(error) if known else f"{job} broke off ({type(error).__name__}); see the log.")
        raise
    finally:
        with store.begin() as memory:
            memory.runs.end(record.id, now(), state, record.counts, record.failures)
        log.info("run ended job=%s run=%s state=%s counts=%s", job, record.id, state, dict(record.counts))
