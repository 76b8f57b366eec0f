"""Days that have a name: "March", "last spring", "Monday", against today's date. Local days; no clock, no zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = timedelta(days=1)
EARLIEST, LATEST = 1900, 2100


@dataclass(frozen=True, slots=True)
class Days:
    """Whole local days: the first one, and the first that is too late. None: open on that side."""

    first: date | None = None
    end: date | None = None

    def meet(self, other: Days) -> Days:
        """The days that are in both; this one alone where there are none."""
        firsts = [day for day in (self.first, other.first) if day]
        ends = [day for day in (self.end, other.end) if day]
        both = Days(max(firsts, default=None), min(ends, default=None))
        return self if both.first and both.end and both.first >= both.end else both


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of time as it is named. What is None is left open; ``days`` says that nothing is.

    ``which``: last, this, before (the one before last), or nothing. ``part``: early, mid, late, or nothing.
    """

    year: int | None = None
    season: int | None = None  # 0: spring
    month: int | None = None
    day: int | None = None
    weekday: int | None = None  # 0: Monday
    weekend: bool = False
    which: str = ""
    part: str = ""
    days: Days | None = None


def resolve(named: Named, today: date, south: bool = False, within: Days | None = None) -> Days | None:
    """The days meant: the latest ones that have begun, or the first ones within others. None: there are none."""
    if named.days:
        return _part(named.days, named.part)
    if named.year and (named.month, named.season) == (None, None):
        return _part(year(named.year), named.part) if EARLIEST <= named.year <= LATEST else None
    found = list(_latest_first(named, today, south))
    if within and within.first and within.end:
        inside = [days for days in found if days.first and within.first <= days.first < within.end]
        return _part(inside[-1], named.part) if inside else None
    chosen = [days for days in found if _fits(named, days, today)]
    which = 1 if named.which == "before" and len(chosen) > 1 else 0
    return _part(chosen[which], named.part) if chosen else None


def _fits(named: Named, days: Days, today: date) -> bool:
    if days.first is None or days.end is None:
        return False
    if named.year:
        return True
    if named.weekday is not None and named.which != "this":
        return days.first < today
    return days.end <= today if named.which in ("last", "before") else days.first <= today


def _latest_first(named: Named, today: date, south: bool) -> Iterator[Days]:
    if named.weekday is not None or named.weekend:
        day = 5 if named.weekend else named.weekday or 0
        monday = today - timedelta(days=today.weekday())
        for back in range(60):
            first = monday + timedelta(days=day - 7 * back)
            yield Days(first, first + DAY * (2 if named.weekend else 1))
        return
    newest = named.year or today.year
    for number in (newest,) if named.year else range(newest, newest - 9, -1):
        days = _in_year(named, number, south)
        if days:
            yield days


def _in_year(named: Named, number: int, south: bool) -> Days | None:
    if not EARLIEST <= number <= LATEST:
        return None
    if named.season is not None:
        return season(named.season, number, south)
    if named.month and named.day:
        return day_of(number, named.month, named.day)
    return month(number, named.month) if named.month else None


def day_of(number: int, month_number: int, day: int) -> Days | None:
    """One day, or None where the calendar has no such day."""
    if not (
        EARLIEST <= number <= LATEST and 1 <= month_number <= 12 and 1 <= day <= monthrange(number, month_number)[1]
    ):
        return None
    first = date(number, month_number, day)
    return Days(first, first + DAY)


def month(number: int, month_number: int) -> Days:
    """A whole month."""
    return Days(date(number, month_number, 1), months_after(date(number, month_number, 1), 1))


def year(number: int) -> Days:
    """A whole year."""
    return Days(date(number, 1, 1), date(number + 1, 1, 1))


def season(which: int, number: int, south: bool) -> Days:
    """A season by whole months, spring from March in the north. A winter over New Year is that of the earlier year."""
    first = date(number, (3, 6, 9, 12)[(which + 2) % 4 if south else which], 1)
    return Days(first, months_after(first, 3))


def week(today: date, back: int) -> Days:
    """The week from Monday that lies so many weeks before today's."""
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Days(monday, monday + 7 * DAY)


def unit(name: str, today: date, back: int) -> Days | None:
    """The day, week, weekend, month or year that lies so many of them before today's. None: too long ago."""
    if back > {"day": 40000, "week": 5000, "weekend": 5000, "month": 1200, "year": 100}.get(name, 0):
        return None
    if name == "day":
        return Days(today - back * DAY, today - (back - 1) * DAY)
    if name == "week":
        return week(today, back)
    if name == "weekend":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return Days(monday + 5 * DAY, monday + 7 * DAY)
    if name == "month":
        first = months_after(today.replace(day=1), -back)
        return Days(first, months_after(first, 1))
    return year(today.year - back)


def lately(name: str, today: date, count: int) -> Days | None:
    """The last so many days, weeks, months or years, up to and with today. None: too long ago."""
    if not unit(name, today, count):
        return None
    if name in ("month", "year"):
        return Days(months_after(today, -count * (12 if name == "year" else 1)), today + DAY)
    return Days(today - DAY * count * (1 if name == "day" else 7), today + DAY)


def months_after(day: date, count: int) -> date:
    """The same day of another month, or the last that month has."""
    number, index = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(number, index + 1, min(day.day, monthrange(number, index + 1)[1]))


def _part(days: Days, part: str) -> Days:
    if not part or not days.first or not days.end:
        return days
    place = ("early", "mid", "late").index(part)
    count = (days.end.year - days.first.year) * 12 + days.end.month - days.first.month
    if count >= 3:
        first = months_after(days.first, count // 3 * place)
        return Days(first, months_after(first, count // 3))
    first = days.first + place * DAY * max((days.end - days.first).days // 3, 1)
    return replace(days, first=first, end=days.end if place == 2 else first + DAY * ((days.end - days.first).days // 3))
