"""magpie doctor looks at the hours: the time zone, and when it last collected and last told something."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.doctor import Health
from memory.lock import held
from memory.records import Occasion, State
from tests.bot.login_server import OWNER
from tests.bot.patients import NOW, found, magpie, remember
from tests.fakes import HOUR

DAY = 24 * HOUR


def test_a_time_zone_that_was_never_chosen_is_asked_about(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Asia/Kathmandu")
    said = found(magpie(data, {"owner": {"handle": OWNER}}), "time zone")
    assert 'write time_zone = "Asia/Kathmandu"' in said.advice
    assert found(magpie(data), "time zone").health is Health.WELL
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Etc/UTC")
    assert found(magpie(data, {"owner": {"handle": OWNER}}), "time zone").health is Health.WELL


def test_a_machine_without_time_zones_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    one = magpie(data)
    monkeypatch.setattr("zoneinfo.TZPATH", ())

    def unknown(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("config.settings.ZoneInfo", unknown)
    said = found(one, "time zone", "time")
    assert "does not know the time zone Europe/Berlin" in said.found
    assert "tzdata" in said.advice


def collected(data: Path, at: datetime, *failures: str) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        run = memory.runs.begin("collect", at)
        memory.runs.end(run, at, "failed" if failures else "done", {}, failures)
    store.close()


def test_a_collect_long_ago_is_told_and_what_to_do(data: Path) -> None:
    collected(data, NOW - 5 * HOUR)
    said = found(magpie(data), "last collect")
    assert (said.found, said.advice) == ("5 hours ago", "start it with 'magpie run'")
    with held(data):
        assert "see its log" in found(magpie(data), "last collect").advice
    daily = {"schedule": {"collect_minutes": 1440}}
    assert found(magpie(data, daily), "last collect").health is Health.WELL


def test_a_collect_that_failed_is_told_without_its_words(data: Path) -> None:
    collected(data, NOW - HOUR, "a sentence")
    said = found(magpie(data), "last collect")
    assert "failed, with 1 failure" in said.found
    assert "magpie runs show" in said.advice


def test_a_run_from_the_future_is_told(data: Path) -> None:
    collected(data, NOW + 3 * DAY)
    assert "3 days from now" in found(magpie(data), "clock").found


def test_a_digest_that_failed_and_messages_that_wait_are_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.occasions.settle(Occasion("terminal", NOW.date(), 0, State.FAILED, NOW, "The disk is full."))
    store.close()
    said = found(magpie(data), "last digests")
    assert said.health is Health.WARNING
    assert "The disk is full" in said.found


def test_a_pause_without_an_end_is_told(data: Path) -> None:
    store = remember(data, "a")
    assert found(magpie(data), "next digest").health is Health.WELL
    with store.begin() as memory:
        memory.preferences.choose("pause", {"since": f"{NOW:%Y-%m-%dT%H:%M}", "until": None}, NOW)
    store.close()
    assert "/resume" in found(magpie(data), "next digest").advice
