"""A log line says what happened, when and in which run; never what anybody wrote."""

from __future__ import annotations

import logging
import sys

import pytest

from bot.logs import KeyValue, current_run

SECRET = "the words of a private post"


def line(message: str, *args: object, error: bool = False) -> str:
    told = sys.exc_info() if error else None
    return KeyValue().format(logging.LogRecord("bot.jobs", logging.WARNING, "x.py", 1, message, args, told))


def test_a_line_is_made_of_keys_and_values() -> None:
    parts = line("event=failed job=%s", "collect").split(" ")
    assert [part.partition("=")[0] for part in parts] == ["time", "level", "from", "event", "job"]
    assert parts[1:] == ["level=warning", "from=bot.jobs", "event=failed", "job=collect"]


def test_every_line_within_a_run_carries_its_id_once() -> None:
    token = current_run.set("20261120T120000-abc")
    try:
        assert line("event=x").endswith("event=x run=20261120T120000-abc")
        assert line("event=began run=20261120T120000-abc").count("run=") == 1
    finally:
        current_run.reset(token)
    assert "run=" not in line("event=x")


def test_a_message_of_several_lines_is_one_line() -> None:
    assert "\n" not in line("event=x cause=%s", "a\nb")


def test_of_an_unexpected_error_only_type_and_place_are_told() -> None:
    with pytest.raises(ValueError, match=SECRET):
        raise ValueError(SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        told = line("event=broke job=collect", error=True)
    assert "error=ValueError at=test_logs.py:" in told
    assert SECRET not in told


def test_what_a_server_says_cannot_steer_the_terminal_that_shows_the_log() -> None:
    told = line("event=failed cause=%s", "\x1b]0;gone\x07\x9b31m\u202eno\r\nevent=forged")
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 or sign == "\u202e" for sign in told)
