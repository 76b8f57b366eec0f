"""Finds every name of a stretch of time in a question, whether it is meant as a filter or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from agents.understanding.question import Asked, Stretch
from agents.understanding.spans import Days, Named, lately, unit, year
from agents.understanding.tongues import Tongue

WEAK = ("month", "season", "year", "decade", "weekday", "weekend", "short")
_COMPOUND = re.compile(r"-[^\W\d_]")
_NUMERIC = (
    ("ymd", re.compile(r"(?<![\w./-])(?P<y>(?:19|20)\d\d)[-/.](?P<a>\d\d?)[-/.](?P<b>\d\d?)(?![\w/-])")),
    ("ym", re.compile(r"(?<![\w./-])(?P<y>(?:19|20)\d\d)-(?P<a>[01]\d)(?![\w/-])")),
    ("my", re.compile(r"(?<![\w./-])(?P<a>[01]?\d)[/.](?P<y>(?:19|20)\d\d)(?![\w/-])")),
    ("local", re.compile(r"(?<![\w./-])(?P<a>\d\d?)([./-]) ?(?P<b>\d\d?)\2 ?(?P<y>(?:(?:19|20)\d\d|\d\d))(?![\w/-])")),
    ("short", re.compile(r"(?<![\w./-])(?P<a>\d\d?)(?:\.(?P<b>\d\d?)\.?|/(?P<c>\d\d?))(?![\w/-]|\.\d)")),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of time in the text. ``first`` differs from ``last`` where one name holds two days ("3 to 10 May").

    ``kind`` is how it is named; ``weak`` that it may be something else and needs a word like "in" in front.
    """

    begin: int
    end: int
    kind: str
    last: Named
    first: Named | None = None
    weak: bool = False


def mentions(asked: Asked, tongue: Tongue, today: date, names: list[Stretch]) -> list[Mention]:
    """All names of time, in order, the longest where several overlap. Within ``names`` of people there are none."""
    found = [*_numeric(asked.folded, tongue), *_spelt(asked.folded, tongue, today)]
    taken: list[Mention] = []
    for one in sorted(found, key=lambda mention: mention.begin - mention.end):
        others: list[Stretch] = [*((other.begin, other.end) for other in taken), *names]
        compound = _COMPOUND.match(asked.folded, one.end) or (
            one.begin > 1 and _COMPOUND.match(asked.folded[one.begin - 1 :: -1])
        )
        if not compound and not any(one.begin < end and begin < one.end for begin, end in others):
            taken.append(one)
    return sorted(taken, key=lambda mention: mention.begin)


def _spelt(folded: str, tongue: Tongue, today: date) -> Iterator[Mention]:
    for kind, patterns in tongue.spans.items():
        for pattern in patterns:
            for match in pattern.finditer(folded):
                mention = _read(kind, match, tongue, today)
                if mention:
                    yield mention


def _read(kind: str, match: re.Match[str], tongue: Tongue, today: date) -> Mention | None:
    said = {key: value for key, value in match.groupdict().items() if value}
    named = _READERS[kind](said, tongue, today)
    if named is None:
        return None
    weak = kind in WEAK and not (named.year and kind != "year") and not named.part
    first = replace(named, day=int(said["from_d"])) if "from_d" in said else None
    return Mention(*match.span(), kind, named, first, weak)


def _numeric(folded: str, tongue: Tongue) -> Iterator[Mention]:
    for form, pattern in _NUMERIC:
        for match in pattern.finditer(folded):
            said = match.groupdict()
            number = _year(said["y"]) if said.get("y") else None
            a, b = int(said["a"]), int(said.get("b") or said.get("c") or 0)
            named = Named(number, month=a) if form in ("ym", "my") else _day(form, a, b, number, tongue)
            if 1 <= (named.month or 0) <= 12 and (b == 0 or 1 <= (named.day or 0) <= 31):
                yield Mention(*match.span(), "date" if number else "short", named, weak=number is None)


def _day(form: str, a: int, b: int, number: int | None, tongue: Tongue) -> Named:
    month_first = form == "ymd" or (tongue.words["order"] == "mdy" and a <= 12) or b > 12
    return Named(number, month=a if month_first else b, day=b if month_first else a)


def _year(written: str) -> int:
    digits = int(written.lstrip("'"))
    return digits if digits > 99 else digits + (2000 if digits < 70 else 1900)


Said = Mapping[str, str]
"""The named groups that matched."""


def _counted(said: Said, tongue: Tongue, today: date) -> tuple[str, date, int]:
    written = said.get("n", "1")
    count = int(written) if written.isdigit() else tongue.place("numbers", written) + 1
    return tongue.key("units", said["unit"]), today, count


def _ago(said: Said, tongue: Tongue, today: date) -> Named | None:
    return _made(unit(*_counted(said, tongue, today)))


def _few_ago(said: Said, tongue: Tongue, today: date) -> Named | None:
    name = tongue.key("units", said["unit"])
    early, late = unit(name, today, 6), unit(name, today, 2)
    return _made(Days(early.first, late.end)) if early and late else None


def _lately(said: Said, tongue: Tongue, today: date) -> Named | None:
    return _made(lately(*_counted(said, tongue, today)))


def _lately_since(said: Said, tongue: Tongue, today: date) -> Named | None:
    days = lately(*_counted(said, tongue, today))
    return _made(Days(days.first, None) if days else None)


def _made(days: Days | None) -> Named | None:
    return Named(days=days) if days else None


def _which(which: str, back: int) -> Callable[[Said, Tongue, date], Named | None]:
    def read(said: Said, tongue: Tongue, today: date) -> Named | None:
        named = _calendar(said, tongue, today)
        if "unit" not in said:
            return replace(named, which=which)
        name = tongue.key("units", said["unit"])
        if (name, which) == ("weekend", "this"):
            return Named(weekend=True, which=which)
        return replace(named, days=unit(name, today, back))

    return read


def _calendar(said: Said, tongue: Tongue, today: date) -> Named:
    del today
    return Named(
        year=_year(said["year"]) if "year" in said else None,
        season=tongue.place("seasons", said["season"]) if "season" in said else None,
        month=tongue.place("months", said["month"]) + 1 if "month" in said else None,
        day=int(said["d"]) if "d" in said else None,
        weekday=tongue.place("weekdays", said["weekday"]) if "weekday" in said else None,
        part=tongue.key("parts", said["part"]) if "part" in said else "",
    )


def _decade(said: Said, tongue: Tongue, today: date) -> Named:
    tens = int(tongue.key("decades", said["decade"]))
    recent = 2000 + tens <= today.year
    first = int(said["century"]) * 100 + tens if "century" in said else tens + (2000 if recent and tens < 30 else 1900)
    return Named(days=Days(year(first).first, year(first + 9).end))


def _days_back(back: int) -> Callable[[Said, Tongue, date], Named | None]:
    return lambda said, tongue, today: _made(unit("day", today, back))


_READERS: Mapping[str, Callable[[Said, Tongue, date], Named | None]] = {
    "today": _days_back(0),
    "yesterday": _days_back(1),
    "before_yesterday": _days_back(2),
    "ago": _ago,
    "few_ago": _few_ago,
    "lately": _lately,
    "lately_since": _lately_since,
    "last": _which("last", 1),
    "this": _which("this", 0),
    "before": _which("before", 2),
    "date": _calendar,
    "dates": _calendar,
    "month": _calendar,
    "season": _calendar,
    "year": _calendar,
    "decade": _decade,
    "weekday": _calendar,
    "weekend": lambda said, tongue, today: Named(weekend=True),
}
