"""Which of Telegram's updates are stored, and how long that says anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram_cursor import Stored

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Update:
    update_id: int


def stored(*numbers: int) -> Stored:
    made = Stored("7")
    for number in numbers:
        made = made.and_(Update(number))
    return made


def test_what_is_written_is_read_again() -> None:
    read = Stored.read("7", stored(12, 15, 13).written(NOW), NOW + timedelta(hours=23))
    assert read == stored(12, 15, 13)
    assert Update(13) in read and Update(14) not in read
    assert read.offset == 16, "it confirms the highest, in whatever order they came"


@pytest.mark.parametrize(
    ("cursor", "bot", "hours"),
    [
        (None, "7", 0),
        ("", "7", 0),
        ("524001@1795262400", "7", 0),
        ("7 1795262400", "7", 0),
        (stored(12).written(NOW), "8", 0),
        (stored(12).written(NOW), "7", 24),  # Telegram keeps nothing so long, and after a week numbers begin anew
    ],
)
def test_a_cursor_of_something_else_or_of_long_ago_says_nothing(cursor: str | None, bot: str, hours: int) -> None:
    read = Stored.read(bot, cursor, NOW + timedelta(hours=hours))
    assert (read.numbers, read.offset) == ((), None)


def test_the_latest_two_hundred_are_remembered() -> None:
    read = Stored.read("7", stored(*range(1000, 1300)).written(NOW), NOW)
    assert Update(1100) in read and Update(1299) in read and Update(1099) not in read
