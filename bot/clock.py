"""APScheduler as a clock: it rings at intervals. What is due is decided by the store, never here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

DRIFT: Final = 30.0  # seconds between two looks at the clocks that no busy machine explains


@dataclass(frozen=True)
class Bell:
    """``ring`` is called every so many seconds; bells of one ``hand`` never ring at the same time."""

    hand: str
    seconds: float
    ring: Callable[[], object]


@dataclass
class Clock:
    """Rings its bells from ``start`` to ``stop``, each for the first time at once."""

    bells: Mapping[str, Bell]
    look: float = 5.0  # seconds
    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    _scheduler: BackgroundScheduler | None = field(default=None, init=False)
    _hands: list[Any] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Ring from now on."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        names = {bell.hand for bell in self.bells.values()}
        hands = {name: ThreadPoolExecutor(1) for name in sorted(names)}
        scheduler = BackgroundScheduler(
            executors=hands,
            # Two instances on one thread: what rings while its bell still swings rings once more, afterwards.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 2},
            timezone=UTC,
        )
        for name, bell in self.bells.items():
            at = {"executor": bell.hand, "next_run_time": datetime.now(UTC)}
            scheduler.add_job(bell.ring, "interval", seconds=bell.seconds, id=name, **at)
        scheduler.start()
        self._scheduler, self._hands = scheduler, list(hands.values())

    def ring(self, name: str) -> None:
        """Ring that bell as soon as its hand is free."""
        from apscheduler.jobstores.base import JobLookupError

        scheduler = self._scheduler
        if scheduler is not None:
            with suppress(JobLookupError):  # it was stopped meanwhile
                scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def watch(self, stopped: Event) -> None:
        """Wait until ``stopped``. A machine's clock set back would silence the bells: then they ring at once."""
        apart = self.wall() - self.steady()
        while not stopped.wait(self.look):
            before, apart = apart, self.wall() - self.steady()
            moved = apart - before
            if abs(moved) > DRIFT:
                log.warning("event=clock_jumped seconds=%.0f", moved)
                for name in self.bells:
                    self.ring(name)

    def stop(self) -> None:
        """Ring no more, and wait for what goes on.

        That may ring another bell: the scheduler, which would wait with its doors locked, must not do the waiting.
        """
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=False)
            for hand in self._hands:
                hand.shutdown(wait=True)
