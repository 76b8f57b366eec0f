"""Dates as programs show them to people: "Sunday, 3 March 2024 21:15:21", "3. März 2024", "2024年3月3日". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final

_MONTHS: Final[Mapping[str, int]] = {
    begin: month
    for month, names in enumerate(
        (
            "jan gen ene янв",
            "feb fév fev fevr févr фев",
            "mar mär maer maa mrt мар",
            "apr avr abr апр",
            "may mai mag mei май мая",
            "jun juin giu июн",
            "jul juil lug июл",
            "aug aoû aou ago авг",
            "sep set сен",
            "oct okt ott out окт",
            "nov ноя",
            "dec dez déc dic дек",
        ),
        1,
    )
    for begin in names.split()
}
"""How the names of months begin in English, German, French, Spanish, Italian, Portuguese, Dutch and Russian."""

_ZONES: Final = {
    **dict.fromkeys(("UTC", "GMT", "Z"), 0),
    **dict.fromkeys(("CET", "MEZ"), 1),
    **dict.fromkeys(("CEST", "MESZ"), 2),
    **{"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "KST": 9},
}
"""Hours from UTC, for those short names of zones that mean one thing alone where such dates are shown."""

_NAMED: Final = (
    re.compile(r"(?P<m>[^\W\d_]{3,12})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?, ?(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})\.?(?:er|º)? (?:de )?(?P<m>[^\W\d_]{3,12})\.?,? (?:de )?(?P<y>\d{4})"),
)
_NUMBERED: Final = (
    re.compile(r"(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]"),
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})(?!\d)"),
)
_CLOCK: Final = re.compile(
    r"(?P<before>上午|下午|午前|午後|오전|오후)?\s*(?<!\d)(?P<h>\d{1,2})[:时時](?P<i>\d{2})(?:[:分](?P<s>\d{2}))?(?!\d)"
    r"(?:\s*(?P<after>[aApP])\.?\s?[mM]\b\.?)?(?:\s+(?P<zone>[A-Z]{1,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)\b)?"
)
_LATE: Final = {"下午", "午後", "오후", "p", "P"}
_OFFSET: Final = re.compile(r"(?:GMT|UTC)([+-]\d{1,2}):?(\d\d)?")


def spoken(text: str) -> datetime:
    """The instant that a text tells; without a time zone where it names none. Raises ValueError.

    A day and a month in numbers stand in this order, unless that makes no date or a clock with am and pm comes after.
    """
    text = " ".join(text[:400].split())
    clock = next((found for found in _CLOCK.finditer(text) if int(found["h"]) < 24), None)
    year, month, day = _day(text, bool(clock and clock["after"]))
    hour, minute, second = (int(clock[part] or 0) if clock else 0 for part in "his")
    if clock and (half := clock["before"] or clock["after"]):
        hour = hour % 12 + 12 * (half in _LATE)
    at = datetime(year, month, day, hour, minute, second)
    zone = _zone((clock["zone"] if clock else "") or "")
    return at.replace(tzinfo=zone) if zone else at


def _day(text: str, american: bool) -> tuple[int, int, int]:
    for pattern in _NAMED:
        for found in pattern.finditer(text):
            if month := _month(found["m"]):
                return int(found["y"]), month, int(found["d"])
    for pattern in _NUMBERED:
        if numbers := pattern.search(text):
            year, month, day = (int(numbers[part]) for part in "ymd")
            turned = pattern is _NUMBERED[-1] and (month > 12 or (american and "/" in numbers[0] and day <= 12))
            return (year, day, month) if turned else (year, month, day)
    raise ValueError("its time cannot be read")


def _month(name: str) -> int:
    name = name.casefold()
    return next((_MONTHS[name[:size]] for size in (4, 3) if name[:size] in _MONTHS), 0)


def _zone(name: str) -> tzinfo | None:
    if found := _OFFSET.fullmatch(name):
        away = timedelta(hours=abs(int(found[1])), minutes=int(found[2] or 0))
        return timezone(-away if found[1].startswith("-") else away) if away < timedelta(hours=15) else None
    return timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else None
