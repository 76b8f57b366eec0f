"""The lines of a WhatsApp chat in any locale: where a message begins, when it was sent, and by whom. Pure.

    [13.06.18, 21:25:15] Ann: hello          6/13/18, 9:25 PM - Ann: hello          2018. 6. 13. 오후 9:25 - Ann: hello

Whether 3/6 is in March or in June is nobody's to know from one line: it is decided from all of a file.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Final

MARKS: Final = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
_M: Final = f"[{MARKS}]*+"  # possessive: thousands of them are read once
_AM: Final = ("am", "上午", "午前", "오전", "ص", "ق.ظ", "πμ", "sa", "öö", "de", "dop", "pg", "fm", "पूर्वाह्न", "vorm")
_PM: Final = ("pm", "下午", "午後", "오후", "م", "ب.ظ", "μμ", "ch", "ös", "du", "odp", "ptg", "em", "अपराह्न", "nachm")


def _loose(word: str) -> str:
    """pm is also P.M. and p. m."""
    letters = [re.escape(letter) for letter in word.replace(".", "")]
    return r"\.?\s?".join(letters) + r"\.?"


_HALF: Final = "|".join(map(_loose, sorted((*_AM, *_PM), key=len, reverse=True)))
_SEP: Final = rf"{_M}\s?[/.\-–年月]{_M}\s?{_M}"
_HEAD: Final = re.compile(
    rf"{_M}(?P<open>\[?){_M}"
    rf"(?P<one>\d{{1,4}}){_SEP}(?P<two>\d{{1,4}}){_SEP}(?P<three>\d{{1,4}}){_M}[.日]?"
    rf"{_M}[,،]?{_M}\s*{_M}(?:(?:a las|klo|kl\.?|um|at|às|à|alle|ore|ob|в|o|u)\s+)?"
    rf"(?:(?P<before>{_HALF})\s*)?"
    rf"(?P<hour>\d{{1,2}}){_M}[:.h٫]{_M}(?P<minute>\d\d)(?:{_M}[:.]{_M}(?P<second>\d\d))?"
    rf"(?:{_M}\s*(?P<after>{_HALF})(?!\w))?{_M}\s*(?:Uhr)?"
    rf"(?P<close>\]\s?|\s?[-–]\s|:\s|\s|$)",
    re.IGNORECASE,
)
_WRITER: Final = re.compile(rf"{_M}(?:~\s?)?(?P<name>[^:\n\"“«]{{1,100}}?){_M}\s?:(?=[\s{MARKS}]|\Z)")
_SIGNS: Final = str.maketrans({chr(sign): " " for sign in (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)})


@dataclass(frozen=True, slots=True)
class Head:
    """How a message begins. ``numbers``: the three of its date, in the order in which they are written."""

    numbers: tuple[int, int, int]
    year: int  # which of the three is written with four digits; -1: none
    clock: tuple[int, int, int]
    style: str  # how the head is set off from the message
    author: str  # "": the app itself speaks
    text: str


def head(line: str) -> Head | None:
    """The beginning of a message, if the line is one."""
    if not any(sign.isdigit() for sign in line[:8]):
        return None
    match = _HEAD.match(_plain(line[:120]))
    if match is None or bool(match["open"]) != match["close"].startswith("]"):
        return None
    clock = _clock(match)
    if clock is None:
        return None
    rest = line[match.end() :]
    writer = _WRITER.match(rest)
    style = match["open"] + (match["close"].strip() or "bare")
    if style in ("bare", ":") and writer is None:
        return None
    written = (match["one"], match["two"], match["three"])
    year = next((place for place, number in enumerate(written) if len(number) == 4), -1)
    one, two, three = (int(number) for number in written)
    text = rest[writer.end() :].removeprefix(" ") if writer else rest
    return Head((one, two, three), year, clock, style, " ".join(writer["name"].split()) if writer else "", text)


@dataclass
class Survey:
    """What is learnt from all lines of a file before any is believed."""

    styles: Counter[str] = field(default_factory=Counter)
    dates: list[tuple[int, int, int]] = field(default_factory=list)  # as written, each change of date
    years: Counter[int] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    first: Head | None = None

    def see(self, line: str) -> None:
        """One more line."""
        if (found := head(line)) is None:
            return
        self.first = self.first or found
        self.styles[found.style] += 1
        self.years[found.year] += 1
        if len(self.dates) < 200_000 and (not self.dates or self.dates[-1] != found.numbers):
            self.dates.append(found.numbers)
        if found.author and (found.author in self.authors or len(self.authors) < 5_000):
            self.authors[found.author] += 1

    @property
    def title(self) -> str:
        """iPhones let the chat itself speak the first line, that it is encrypted."""
        marked = self.first is not None and self.first.text.startswith(tuple(MARKS[:2]))
        return self.first.author if self.first and marked else ""

    @property
    def style(self) -> str:
        """How most heads are set off: what looks otherwise stands within a message."""
        return self.styles.most_common(1)[0][0] if self.styles else ""

    def order(self, days_first: bool = True, latest: date = date.max) -> str:
        """The order of the dates ("dmy", "mdy", "ymd" …), by what all of them allow.

        The best order has the fewest dates that do not exist, then the fewest that lie after ``latest`` or before the
        date above them; between equals, one that makes a run of days of what would be a run of months.
        """
        year = self.years.most_common(1)[0][0] if self.years else -1
        orders = {0: ("ymd", "ydm"), 1: ("dym", "myd"), 2: ("dmy", "mdy")}.get(year, ("dmy", "mdy", "ymd"))
        if year in (1, 2, -1) and not days_first:
            orders = (orders[1], orders[0], *orders[2:])
        return min(orders, key=lambda order: (*self._faults(order, latest), orders.index(order)))

    def _faults(self, order: str, latest: date) -> tuple[int, int, int]:
        dates = [_date(numbers, order) for numbers in self.dates]
        real = [day for day in dates if day is not None]
        backwards = sum(after < before for before, after in pairwise(real))
        late = sum(day > latest for day in real)
        span = (max(real) - min(real)).days if len(set(real)) > 2 else 0
        return len(dates) - len(real), backwards + late, span


def instant(found: Head, order: str) -> datetime:
    """When it was sent, by the clock of that telephone. Raises ValueError for what is in no calendar."""
    day = _date(found.numbers, order)
    if day is None:
        raise ValueError("there is no such date")
    return datetime(day.year, day.month, day.day, *found.clock)


def _date(numbers: tuple[int, int, int], order: str) -> date | None:
    at = dict(zip(order, numbers, strict=True))
    year = at["y"] + 2000 if at["y"] < 100 else at["y"]
    year -= 543 if 2500 < year < 2700 else 0  # the Thai calendar
    try:
        return date(year, at["m"], at["d"]) if 2008 < year < 2100 else None  # WhatsApp began in 2009
    except ValueError:
        return None


def _clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    half = re.sub(r"[\s.]", "", match["before"] or match["after"] or "").casefold()
    if half and hour <= 12:
        afternoon = half in {re.sub(r"[\s.]", "", word) for word in _PM}
        hour = hour % 12 + 12 * afternoon
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _plain(line: str) -> str:
    """The same signs one by one, with digits of all scripts as 0-9 and all blanks as spaces."""
    line = line.translate(_SIGNS)
    if line.isascii():
        return line
    return "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in line)
