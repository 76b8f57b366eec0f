"""Due: has the digest made that the schedule wants, and keeps what became of every hour. Nothing is sent here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.schedule import Hour, plan
from bot.timetable import Timetable
from config.errors import MagpieError
from memory.records import Digest, Occasion, State
from memory.store import Memory, Store

SHORTEST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(hours=2)

log = logging.getLogger(__name__)


class Maker(Protocol):
    """Makes the digest of a local date and one of its hours, or finds it made already, and queues its messages."""

    def digest(self, channel: str, day: date | None = None, slot: int | None = None) -> Digest:
        """The digest. Raises MagpieError."""
        ...


@dataclass
class Due:
    """Looked at often; each hour is settled once. One that fails is tried again after pauses that double.

    The pauses are forgotten at a restart: whoever has mended something need not wait.
    """

    store: Store
    editor: Callable[[], Maker]
    timetable: Timetable
    now: Callable[[], datetime]
    _failed: tuple[Hour, datetime, int] | None = field(default=None, init=False)  # when last, how often
    _newest: Occasion | None = field(default=None, init=False)  # as it is in the store, where only this job settles

    def look(self) -> int:
        """Make the digest that is due, if one is, and settle what was missed; returns how many were made, 0 or 1.

        Raises StoreError; what goes wrong in making is kept with the hour instead.
        """
        now = self.now()
        with self.store.begin() as memory:
            schedule = self.timetable.note(memory, now)
            settled = self._settled(memory, now)
            if settled is None:
                self.timetable.begin(memory, now)
                schedule = self.timetable.schedule(memory, now)
            first = settled.date if settled else self.timetable.first(memory, schedule.wall(now).date())
            found = plan(schedule, now, settled, first)
            for hour, reason in found.skipped:
                self._skip(memory, hour, reason)
        return 0 if found.due is None or self._rests(found.due, now) else self._make(found.due, found.late)

    def may_speak(self, at: datetime) -> bool:
        """Whether something may be said unasked then: not in quiet hours. Opens a transaction of its own."""
        with self.store.begin() as memory:
            schedule = self.timetable.schedule(memory)
        return not schedule.is_quiet(schedule.wall(at))

    def _settled(self, memory: Memory, now: datetime) -> Occasion | None:
        if self._newest is None or self._newest.at > now:
            self._newest = self.timetable.newest(memory, now)
        return self._newest

    def _rests(self, hour: Hour, now: datetime) -> bool:
        if self._failed is None or self._failed[0] != hour:
            return False
        _, at, times = self._failed
        return timedelta() <= now - at < min(SHORTEST_REST * (1 << min(times - 1, 10)), LONGEST_REST)

    def _make(self, hour: Hour, late: str) -> int:
        try:
            digest = self.editor().digest(self.timetable.channel, day=hour.date, slot=hour.slot)
        except Exception as error:
            self._fail(hour, error)
            return 0
        with self.store.begin() as memory:
            self._told(memory, hour, digest, late)
        return 1

    def _fail(self, hour: Hour, error: Exception) -> None:
        known = isinstance(error, MagpieError)
        reason = str(error) if known else f"The digest broke off ({type(error).__name__}); see the log."
        log.warning("event=digest_failed date=%s slot=%d cause=%r", hour.date, hour.slot, reason, exc_info=not known)
        times = self._failed[2] if self._failed and self._failed[0] == hour else 0
        self._failed = (hour, self.now(), times + 1)
        with self.store.begin() as memory:
            self._settle(memory, hour, State.FAILED, reason)

    def _told(self, memory: Memory, hour: Hour, digest: Digest, late: str = "") -> None:
        """There is a digest; one that has nothing to tell was quiet, and says why."""
        if digest.entries:
            self._settle(memory, hour, State.TOLD, late, digest.run)
            return
        why = digest.notes[-1] if digest.notes else "There was nothing to tell."
        self._settle(memory, hour, State.QUIET, why, digest.run)

    def _skip(self, memory: Memory, hour: Hour, reason: str) -> None:
        """Unless it was told after all: asked for, or made just before the power went."""
        made = memory.digests.of_date(hour.date, self.timetable.channel, hour.slot)
        if made is not None:
            self._told(memory, hour, made)
            return
        log.info("event=digest_skipped date=%s slot=%d cause=%r", hour.date, hour.slot, reason)
        self._settle(memory, hour, State.SKIPPED, reason)

    def _settle(self, memory: Memory, hour: Hour, state: State, reason: str, run: str = "") -> None:
        self._newest, channel = None, self.timetable.channel
        memory.occasions.settle(Occasion(channel, hour.date, hour.slot, state, self.now(), reason, run))
