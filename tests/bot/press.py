"""A press that makes digests as cheaply as can be, and the job that looks whether one is due."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.jobs.due import Due
from bot.speaking import say
from bot.timetable import Timetable
from config.settings import ScheduleSection
from memory.records import Digest, State
from memory.store import Store
from tests.fakes import NOW, digest, post

TODAY = NOW.date()
FULL, EMPTY = digest(post("a"), post("b")), replace(digest(), notes=("Nothing to tell: I read 3 posts.",))


@dataclass
class Press:
    """Makes a digest as cheaply as can be. ``troubles`` come first, one each time."""

    store: Store
    clock: list[datetime]
    prints: Digest = FULL
    troubles: list[Exception] = field(default_factory=list)
    asked: list[tuple[date, int]] = field(default_factory=list)

    def digest(self, channel: str, day: date | None = None, slot: int | None = None) -> Digest:
        """The digest of that date and hour."""
        assert day is not None and slot is not None
        self.asked.append((day, slot))
        if self.troubles:
            raise self.troubles.pop(0)
        with self.store.begin() as memory:
            made = memory.digests.of_date(day, channel, slot)
            if made is None:
                made = replace(self.prints, date=day, slot=slot, channel=channel, made_at=self.clock[0], run="r1")
                made = memory.digests.add(made)
                memory.outbox.queue(channel, say(f"digest/{day}", "Magpie"), self.clock[0], digest_id=made.id)
        return made


@dataclass
class Days:
    """A clock, and the job that is looked at by it."""

    store: Store
    press: Press
    due: Due

    def look(self, hours: float, days: int = 0) -> int:
        """Look at an hour of a day, counted from today."""
        self.press.clock[0] = datetime.combine(TODAY, datetime.min.time(), NOW.tzinfo) + timedelta(days, hours * 3600)
        return self.due.look()

    def history(self) -> list[tuple[int, int, State, str]]:
        """All that is settled, oldest first: days from today, slot, what became of it and why."""
        with self.store.begin() as memory:
            return [((o.date - TODAY).days, o.slot, o.state, o.reason) for o in memory.occasions.latest("pigeon", 99)][
                ::-1
            ]

    def waiting(self) -> list[str]:
        with self.store.begin() as memory:
            return [queued.out.key for queued in memory.outbox.waiting("pigeon")]


def at_press(store: Store, prints: Digest = FULL, *troubles: Exception, **written: Any) -> Days:
    """The job as it begins, with what is printed, what goes wrong before, and the schedule."""
    clock = [NOW]
    press = Press(store, clock, prints, list(troubles))
    timetable = Timetable("pigeon", ScheduleSection.model_validate(written))
    return Days(store, press, Due(store, lambda: press, timetable, lambda: clock[0]))
