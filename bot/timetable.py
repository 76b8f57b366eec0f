"""When the owner wants digests: what is written in the settings, and before it what was chosen in the chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.schedule import Break, Quiet, Schedule, upcoming
from config.settings import ScheduleSection
from memory.records import Occasion
from memory.store import Memory

PAUSED = "you paused it"
MANY = 5000  # more occasions than a clock that was wrong has settled


@dataclass(frozen=True)
class Timetable:
    """The hours of one channel. ``home`` is where the owner lives; the chat knows where the owner is."""

    channel: str = ""
    written: ScheduleSection = field(default_factory=ScheduleSection)
    home: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def schedule(self, memory: Memory) -> Schedule:
        """What holds now."""
        return chosen(memory.preferences.all(), self.written, self.home)

    def newest(self, memory: Memory, now: datetime) -> Occasion | None:
        """The newest that is settled. What was settled while the clock was ahead does not count."""
        latest = memory.occasions.latest(self.channel, 1)
        if latest and latest[0].at > now:
            latest = [one for one in memory.occasions.latest(self.channel, MANY) if one.at <= now]
        return latest[0] if latest else None

    def next(self, memory: Memory, now: datetime) -> datetime | None:
        """The wall time of the next digest; None where a pause without an end lies before it."""
        schedule = self.schedule(memory)
        first = self.first(memory, schedule.wall(now).date())
        return upcoming(schedule, now, self.newest(memory, now), first)

    def first(self, memory: Memory, today: date, keep: bool = False) -> date:
        """The first date that is owed: that of the first look, which is kept."""
        name = f"schedule {self.channel}"
        kept = memory.sources.cursor(name).get("first")
        if keep and kept is None:
            memory.sources.move(name, {"first": today.isoformat()})
        return min(date.fromisoformat(kept), today) if kept else today


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
