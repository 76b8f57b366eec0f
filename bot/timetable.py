"""When the owner wants digests: what is written in the settings, and before it what was chosen in the chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.schedule import Break, Change, Quiet, Schedule, upcoming
from config.settings import ScheduleSection
from memory.keeping.beginning import beginning
from memory.records import Cursor, Occasion
from memory.store import Memory

PAUSED = "you paused it"
MANY = 5000  # more occasions than a clock that was wrong has settled


@dataclass(frozen=True)
class Timetable:
    """The hours of one channel. ``home`` is where the owner lives; the chat knows where the owner is."""

    channel: str = ""
    written: ScheduleSection = field(default_factory=ScheduleSection)
    home: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def schedule(self, memory: Memory, now: datetime | None = None) -> Schedule:
        """What holds now, and what held before.

        Nothing is owed from before the memory's beginning, unless the clock was ahead then.
        """
        return self._schedule(memory, memory.sources.cursor(self._name), now)

    def _schedule(self, memory: Memory, kept: Cursor, now: datetime | None) -> Schedule:
        plain = chosen(memory.preferences.all(), self.written, self.home)
        began = datetime.fromisoformat(kept["began"]) if "began" in kept else None
        schedule = replace(plain, changed=_change(kept), began=began)
        anew = beginning(memory)
        if anew and (now is None or anew.at <= now):
            settled = Break(datetime.min, schedule.wall(anew.at), anew.why)
            schedule = replace(schedule, breaks=(settled, *schedule.breaks))
        return schedule

    def note(self, memory: Memory, now: datetime) -> Schedule:
        """See whether the hours are others than before, be it in the chat or in the settings: they hold from now on.

        Returns what holds.
        """
        kept = memory.sources.cursor(self._name)
        schedule = self._schedule(memory, kept, now)
        wall, hours = schedule.wall(now), _written(schedule.hours)
        if kept.get("hours") == hours:
            return schedule
        marks = {"hours": hours}
        if "hours" in kept:
            old = replace(schedule, hours=_times(kept["hours"]))
            passed = [at for at in old.times_of(wall.date()) if at <= wall.time()]
            marks |= {"changed": wall.isoformat(), "before": kept["hours"], "passed": _written(passed)}
        memory.sources.move(self._name, marks)
        return self.schedule(memory, now)

    def newest(self, memory: Memory, now: datetime) -> Occasion | None:
        """The newest that is settled. What was settled while the clock was ahead does not count."""
        latest = memory.occasions.latest(self.channel, 1)
        if latest and latest[0].at > now:
            latest = [one for one in memory.occasions.latest(self.channel, MANY) if one.at <= now]
        return latest[0] if latest else None

    def next(self, memory: Memory, now: datetime) -> datetime | None:
        """The wall time of the next digest; None where a pause without an end lies before it."""
        schedule = self.schedule(memory, now)
        first = self.first(memory, schedule.wall(now).date())
        return upcoming(schedule, now, self.newest(memory, now), first)

    def first(self, memory: Memory, today: date) -> date:
        """The first date that is owed: that of the first look."""
        kept = memory.sources.cursor(self._name).get("first")
        return min(date.fromisoformat(kept), today) if kept else today

    def begin(self, memory: Memory, now: datetime) -> None:
        """The first look is kept."""
        if "first" not in memory.sources.cursor(self._name):
            wall = self.schedule(memory).wall(now)
            memory.sources.move(self._name, {"first": wall.date().isoformat(), "began": wall.isoformat()})

    @property
    def _name(self) -> str:
        """Under which it stands among the cursors."""
        return f"schedule {self.channel}"


def _change(kept: Cursor) -> Change | None:
    if "changed" not in kept:
        return None
    return Change(datetime.fromisoformat(kept["changed"]), _times(kept["before"]), _times(kept["passed"]))


def _written(times: Iterable[time]) -> str:
    return " ".join(f"{at:%H:%M}" for at in times)


def _times(written: str) -> tuple[time, ...]:
    return tuple(map(time.fromisoformat, written.split()))


def chosen(choices: Mapping[str, Any], written: ScheduleSection, home: ZoneInfo) -> Schedule:
    """The settings with what was chosen in the chat (``memory.preferences``) before them."""
    section = written.model_copy(update={key: choices[key] for key in ("hours", "quiet") if key in choices})
    zone = choices.get("zone", {})
    leap = tuple(datetime.fromisoformat(wall) for wall in zone.get("leap", ()))
    return Schedule(
        zone=ZoneInfo(zone["name"]) if zone.get("name") else home,
        hours=section.times,
        days=section.weekdays,
        quiet=Quiet(*section.quiet_hours) if section.quiet_hours else None,
        breaks=tuple(_breaks(choices.get("pause"), section)),
        leap=(leap[0], leap[1]) if leap else None,
    )


def _breaks(pause: Mapping[str, str | None] | None, section: ScheduleSection) -> Iterator[Break]:
    if pause and pause["since"]:
        until = datetime.fromisoformat(pause["until"]) if pause["until"] else None
        yield Break(datetime.fromisoformat(pause["since"]), until, PAUSED)
    for first, last in section.away:
        yield Break(datetime.combine(first, time.min), datetime.combine(last, time.max), f"a vacation until {last}")
