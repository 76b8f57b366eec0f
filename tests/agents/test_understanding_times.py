"""Times in words against today's date, in the owner's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agents.understanding import Known, understand
from agents.understanding.places import southern

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=BERLIN)  # a Wednesday
NOBODY = Known({}, "me", frozenset(), frozenset())


def days(question: str, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> str:
    """The local days asked for: first/first that is too late."""
    filters = understand(question, now, zone, NOBODY).filters
    sides = (moment.astimezone(zone).date().isoformat() if moment else "" for moment in (filters.since, filters.until))
    return "/".join(sides)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("today", "2026-11-18/2026-11-19"),
        ("the day before yesterday", "2026-11-16/2026-11-17"),
        ("last week", "2026-11-09/2026-11-16"),
        ("in the last week", "2026-11-11/2026-11-19"),
        ("the week before last", "2026-11-02/2026-11-09"),
        ("two weeks ago", "2026-11-02/2026-11-09"),
        ("a few days ago", "2026-11-12/2026-11-17"),
        ("a year ago", "2025-01-01/2026-01-01"),
        ("in the past 3 months", "2026-08-18/2026-11-19"),
        ("in November", "2026-11-01/2026-12-01"),
        ("last November", "2025-11-01/2025-12-01"),
        ("in December", "2025-12-01/2026-01-01"),
        ("in March last year", "2025-03-01/2025-04-01"),
        ("early March 2025", "2025-03-01/2025-03-11"),
        ("in late 2024", "2024-09-01/2025-01-01"),
        ("last autumn", "2025-09-01/2025-12-01"),
        ("in winter 2024", "2024-12-01/2025-03-01"),
        ("in the nineties", "1990-01-01/2000-01-01"),
        ("on Monday", "2026-11-16/2026-11-17"),
        ("on Wednesday", "2026-11-11/2026-11-12"),
        ("on Monday last week", "2026-11-09/2026-11-10"),
        ("last weekend", "2026-11-14/2026-11-16"),
        ("on 3 May", "2026-05-03/2026-05-04"),
        ("on 3 December", "2025-12-03/2025-12-04"),
        ("on May 3rd, 2025", "2025-05-03/2025-05-04"),
        ("on 2024-05-03", "2024-05-03/2024-05-04"),
        ("on 5/3/2025", "2025-05-03/2025-05-04"),
        ("on 29 February", "2024-02-29/2024-03-01"),
        ("from 3 to 10 May", "2026-05-03/2026-05-11"),
        ("from Monday to Tuesday", "2026-11-16/2026-11-18"),
        ("between November and January", "2025-11-01/2026-02-01"),
        ("since Monday", "2026-11-16/"),
        ("from March onwards", "2026-03-01/"),
        ("after 3 May", "2026-05-04/"),
        ("before March 2025", "/2025-03-01"),
        ("until March 2025", "/2025-04-01"),
        ("before the election in 2024", "/2025-01-01"),
        ("after the flood in 2021", "2021-01-01/"),
        ("after May 2024 and before July 2024", "2024-06-01/2024-07-01"),
        ("in 2030", "/"),
        ("on 31 February 2025", "/"),
        ("99999 days ago", "/"),
    ],
)
def test_times_in_words_are_days(words: str, wanted: str) -> None:
    assert days(f"what was said {words} about rain") == wanted


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("am 5.3.2025 über Regen", "2025-03-05/2025-03-06"),
        ("was wurde 2024 geschrieben", "2024-01-01/2025-01-01"),
        ("seit zwei Wochen etwas über Regen", "2026-11-04/"),
        ("Anfang März", "2026-03-01/2026-03-11"),
        ("le 3 mai, la pluie", "2026-05-03/2026-05-04"),
        ("la pluie l'année dernière", "2025-01-01/2026-01-01"),
        ("hace unas semanas", "2026-10-05/2026-11-09"),
        ("la lluvia del 3 al 10 de mayo", "2026-05-03/2026-05-11"),
        ("la pioggia negli anni novanta", "1990-01-01/2000-01-01"),
        ("a chuva há duas semanas", "2026-11-02/2026-11-09"),
        ("de regen van gisteren", "2026-11-17/2026-11-18"),
    ],
)
def test_other_languages_have_their_own_times(question: str, wanted: str) -> None:
    assert days(question) == wanted


def test_the_same_date_is_read_as_its_language_writes_it() -> None:
    assert days("what was said on 3/5/2025") == "2025-03-05/2025-03-06"
    assert days("was wurde am 3/5/2025 gesagt") == "2025-05-03/2025-05-04"


def test_spring_is_in_september_where_christmas_is_in_summer() -> None:
    assert southern("America/Sao_Paulo")
    assert not southern("Europe/Berlin")
    assert days("what was said last spring", zone=ZoneInfo("Australia/Sydney")) == "2025-09-01/2025-12-01"


def test_a_day_is_as_long_as_the_clocks_make_it() -> None:
    filters = understand("what was said on 29 March 2026", NOW, BERLIN, NOBODY).filters
    assert filters.since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert filters.until == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_a_day_without_a_midnight_begins_when_the_clocks_do() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    filters = understand("what was said on 24 April 2026", datetime(2026, 5, 1, tzinfo=UTC), cairo, NOBODY).filters
    assert filters.since == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_today_is_the_owners_today() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert days("what was said today", late, ZoneInfo("Pacific/Auckland")) == "2026-11-19/2026-11-20"
    assert days("what was said today", late, ZoneInfo("America/New_York")) == "2026-11-18/2026-11-19"
