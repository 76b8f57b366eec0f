"""Filters in words, for the owner to see how a question was taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from agents.understanding.spans import DAY, Days
from memory.query import Filters
from memory.records import Account, Kind

_DEEDS = {Kind.LIKE: "liked", Kind.BOOKMARK: "bookmarked", Kind.BOOST: "boosted", Kind.REPLY: "answered"}
_MONTHS = "January February March April May June July August September October November December"
_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
}

Ambiguous = Iterable[tuple[str, frozenset[str]]]
"""What somebody was called, and all whom that may be."""


def told(
    filters: Filters,
    days: Days | None,
    accounts: Mapping[str, Account],
    owner: str,
    ambiguous: Ambiguous,
    loose: bool = False,
) -> tuple[str, ...]:
    """Each filter in words. ``days`` are those of its instants; ``ambiguous`` names are said to be so.

    ``loose``: the days are those of a whole year or month, as the day itself is not known.
    """
    words = tuple(_told(filters, days, accounts, owner, ambiguous))
    known = in_words(days) if days else ""
    return tuple(f"{one}, as I do not know the day" if loose and one == known else one for one in words)


def _told(
    filters: Filters, days: Days | None, accounts: Mapping[str, Account], owner: str, ambiguous: Ambiguous
) -> Iterator[str]:
    if filters.people:
        called = sorted("you" if uri == owner else f"@{accounts[uri].handle}" for uri in filters.people)
        several = {name for name, uris in ambiguous if uris <= filters.people}
        yield f"by {' or '.join(called)}" + "".join(f" (“{name}” may be any of them)" for name in sorted(several))
    if days:
        yield in_words(days)
    if filters.sources:
        yield f"on {' or '.join(sorted(filters.sources))}"
    if filters.kinds:
        yield f"only {' or '.join(f'{kind}s' for kind in sorted(filters.kinds))}"
    if filters.deeds:
        yield f"{' or '.join(sorted(_DEEDS[deed] for deed in filters.deeds & _DEEDS.keys()))} by you"
    if filters.languages:
        yield f"in {' or '.join(_LANGUAGES.get(code, code) for code in sorted(filters.languages))}"
    if filters.delivered:
        yield "told by Magpie"


def in_words(days: Days) -> str:
    """Days in words: 17 November 2026, 1 to 31 March 2026, since 1 June 2026, until 31 December 2024."""
    if days.first is None:
        return f"until {_day(days.end - DAY)}" if days.end else "at any time"
    if days.end is None:
        return f"since {_day(days.first)}"
    last = days.end - DAY
    if last == days.first:
        return _day(last)
    if (last.year, last.month) == (days.first.year, days.first.month):
        return f"{days.first.day} to {_day(last)}"
    return f"{_day(days.first) if last.year != days.first.year else _day(days.first)[:-5]} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS.split()[day.month - 1]} {day.year:04}"
