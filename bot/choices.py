"""What the owner chooses about when Magpie speaks: /hours, /quiet, /pause, /resume, /zone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationError

from bot.schedule import Break, Schedule
from bot.speaking import own
from bot.timetable import PAUSED
from config.settings import ScheduleSection

if TYPE_CHECKING:
    from bot.commands import Asked
    from memory.records import Outgoing

OFF = "off"
_SPAN = re.compile(r"(\d{1,3})\s*(day|week)s?", re.IGNORECASE)
_UNTIL = re.compile(r"(?:until\s+)?(\d{4}-\d\d-\d\d)", re.IGNORECASE)


def hours(asked: Asked) -> Outgoing:
    """/hours 8 18:30, /hours off"""
    words = asked.words.replace(",", " ").lower().split()
    if words:
        back = words == [OFF]
        if not back and not _fits(hours=words):
            return asked.puzzled("/hours 8 18:30, or /hours off")
        asked.timetable.note(asked.memory, asked.now)  # what held until now
        asked.memory.preferences.choose("hours", None if back else words, asked.now)
        asked.timetable.note(asked.memory, asked.now)
    schedule = asked.schedule
    times = " and ".join(f"{at:%H:%M}" for at in schedule.hours)
    return asked.says(f"Digests are due at {times} ({schedule.zone.key}). ", *own(coming(asked)))


def quiet(asked: Asked) -> Outgoing:
    """/quiet 22-7, /quiet off"""
    words = "".join(asked.words.lower().split()).replace("–", "-")
    if words:
        if words != OFF and not _fits(quiet=words):
            return asked.puzzled("/quiet 22-7, or /quiet off")
        asked.memory.preferences.choose("quiet", "" if words == OFF else words, asked.now)
    stretch = asked.schedule.quiet
    if stretch is None:
        return asked.says("No hours are quiet.")
    return asked.says(
        f"From {stretch.start:%H:%M} to {stretch.end:%H:%M} I only answer you; what is due then waits. ",
        *own(coming(asked)),
    )


def _fits(**chosen: object) -> bool:
    """Whether the settings would take it too."""
    try:
        ScheduleSection.model_validate(chosen)
    except ValidationError:
        return False
    return True


def pause(asked: Asked) -> Outgoing:
    """/pause, /pause 3 days, /pause until 2026-12-24"""
    schedule, words = asked.schedule, asked.words.strip()
    wall = schedule.wall(asked.now)
    try:
        until = _until(words, wall)
    except ValueError:
        return asked.puzzled("/pause 3 days, /pause until 2026-12-24, or /pause")
    if until is not None and until <= wall:
        past = f"{until:%Y-%m-%d} is no day to come" if _UNTIL.fullmatch(words) else "That is no time at all"
        return asked.says(*own(f"{past}, so nothing is paused. For example: /pause 3 days"))
    now = _pause(schedule, wall)
    _keep_pause(asked, now.since if now else wall, until)
    end = f" until {_day(until, wall)}, {until:%H:%M}" if until else ""
    return asked.says(*own(f"Paused{end}; I still answer you. /resume ends it. {coming(asked)}"))


def _until(words: str, wall: datetime) -> datetime | None:
    """When a pause ends, by the wall; None for no end. Raises ValueError when the words say neither."""
    if not words:
        return None
    if span := _SPAN.fullmatch(words):
        return wall + timedelta(**{f"{span[2].lower()}s": int(span[1])})
    if day := _UNTIL.fullmatch(words):
        return datetime.combine(date.fromisoformat(day[1]), time())
    raise ValueError(words)


def _pause(schedule: Schedule, wall: datetime) -> Break | None:
    """The pause that is on, if it was said in the chat."""
    return next((one for one in schedule.breaks if one.reason == PAUSED and one.holds(wall)), None)


def _keep_pause(asked: Asked, since: datetime, until: datetime | None) -> None:
    value = {"since": since.isoformat(), "until": until.isoformat() if until else None}
    asked.memory.preferences.choose("pause", value, asked.now)


def resume(asked: Asked) -> Outgoing:
    """/resume"""
    schedule = asked.schedule
    wall = schedule.wall(asked.now)
    if now := _pause(schedule, wall):
        _keep_pause(asked, now.since, wall)  # it stays known: what was due in it was not missed
        return asked.says("Here I am again. ", *own(coming(asked)))
    away = schedule.break_at(wall)
    but = f", but {away.reason} (magpie.toml)" if away else ""
    return asked.says(f"There is no pause{but}. ", *own(coming(asked)))


def zone(asked: Asked) -> Outgoing:
    """/zone Europe/Lisbon, /zone off"""
    words = asked.words.strip()
    if words:
        found, near = ([""], []) if words.lower() == OFF else _zones(words)
        if len(found) != 1:
            hint = f"did you mean {' or '.join(near)}?" if near else "write it for example so: /zone Europe/Lisbon"
            return asked.says(f"I know no time zone “{words[:40]}”; {hint}")
        walls = [asked.schedule.wall(asked.now)]
        walls.append(asked.now.astimezone(ZoneInfo(found[0]) if found[0] else asked.timetable.home))
        leap = [wall.replace(tzinfo=None).isoformat() for wall in walls]
        asked.memory.preferences.choose("zone", {"name": found[0], "leap": leap}, asked.now)
    schedule = asked.schedule
    wall = schedule.wall(asked.now)
    return asked.says(f"I go by {schedule.zone.key}, where it is {wall:%A}, {wall:%H:%M}. ", *own(coming(asked)))


def _zones(words: str) -> tuple[list[str], list[str]]:
    """The zones of that name, or of that city, and otherwise the names nearest to it."""
    known = {name.lower(): name for name in sorted(available_timezones())}
    wanted = "_".join(words.lower().split())
    if wanted in known:
        return [known[wanted]], []
    cities: dict[str, list[str]] = {}
    for lower, name in known.items():
        cities.setdefault(lower.rpartition("/")[2], []).append(name)
    if wanted in cities:
        return cities[wanted], cities[wanted]
    near = difflib.get_close_matches(wanted, known, n=3) + difflib.get_close_matches(wanted, cities, n=2)
    return [], list(dict.fromkeys(name for one in near for name in ([known[one]] if one in known else cities[one])))[:3]


def coming(asked: Asked) -> str:
    """When the next digest comes, in a sentence."""
    at = asked.timetable.next(asked.memory, asked.now)
    if at is None:
        return "No digest is planned; /resume ends a pause."
    return f"The next digest comes on {_day(at, asked.schedule.wall(asked.now))} at {at:%H:%M}."


def _day(at: datetime, wall: datetime) -> str:
    """A day in words; with its year, if that is not the one it is."""
    return f"{at:%A} {at.day} {at:%B}{'' if at.year == wall.year else f' {at.year}'}"


CHOICES: Mapping[str, Callable[[Asked], Outgoing]] = {
    "hours": hours,
    "quiet": quiet,
    "pause": pause,
    "resume": resume,
    "zone": zone,
}
