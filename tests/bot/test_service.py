"""The bot as a service: it collects, makes what is due, hears and speaks, and stops when it is told to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.build import Magpie
from bot.service import Service
from config.errors import ChannelError, ConfigError, SourceError
from config.settings import parse
from memory.records import State
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, ShelfIndex, Village, post

BEES = "A long enough tale of bees in the bell tower, the {} of its kind."


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def village() -> Village:
    told = Village()
    for number, name in enumerate(("ann", "bo", "cy")):
        told.posts(post(name, BEES.format(number), by=name, at=NOW - HOUR))
    return told


@pytest.fixture
def pigeon() -> Pigeon:
    return Pigeon()


@pytest.fixture
def service(tmp_path: Path, clock: Clock, village: Village, pigeon: Pigeon) -> Iterator[Service]:
    made = Service(magpie(tmp_path, clock, village, pigeon))
    yield made
    made.magpie.close()


def magpie(folder: Path, clock: Clock, village: Village, pigeon: Pigeon, kind: str = "mastodon") -> Magpie:
    table = {
        "owner": {"handle": "me@home.example"},
        "data": str(folder),
        "model": {"kind": "none"},
        "digest": {"floor": -100},
        "channel": {"kind": kind},
        "schedule": {"hours": ["8"], "listen_seconds": 1},
    }
    wired = Magpie(
        parse(table),
        now=clock,
        given_sources=[village],
        given_channel=pigeon,
        given_embedder=HashedWords(),
        given_web=None,
    )
    wired.index = ShelfIndex()  # type: ignore[misc]
    return wired


def test_once_reads_makes_hears_and_speaks_each_thing_once(service: Service, pigeon: Pigeon) -> None:
    pigeon.hears("/status")
    service.once()
    assert service.failures == []
    keys = list(pigeon.said)
    assert [key for key in keys if key.startswith("answer/")] == ["answer/in0"]
    assert any(key.startswith("digest/pigeon/2026-11-20") for key in keys), keys
    service.once()
    assert list(pigeon.said) == keys, "what was said is not said again"


def test_what_fails_in_one_part_stops_no_other(service: Service, village: Village, pigeon: Pigeon) -> None:
    village.breaks(SourceError("The village has no bridge today."))
    pigeon.hears("/status")
    service.once()
    assert service.failures == ["The village has no bridge today."]
    assert "answer/in0" in pigeon.said


def test_what_nobody_foresaw_is_told_by_type_and_place_without_its_words(
    service: Service, village: Village, caplog: pytest.LogCaptureFixture
) -> None:
    village.breaks(KeyError("a private word"))
    with caplog.at_level(logging.INFO):
        service.once()
    assert service.failures == ["collect broke off (KeyError); the log says where."]
    assert "event=broke job=collect" in caplog.text


def test_settings_that_cannot_work_are_refused_before_anything_runs(tmp_path: Path, clock: Clock) -> None:
    wired = replace(magpie(tmp_path, clock, Village(), Pigeon()), given_sources=None)
    with pytest.raises(ConfigError, match="names no"):
        Service(wired).run()
    wired.close()


def test_it_runs_until_it_is_told_to_stop_and_answers_meanwhile(service: Service, pigeon: Pigeon) -> None:
    heard, send = threading.Event(), pigeon.send

    def send_and_tell(out, *more):  # type: ignore[no-untyped-def]
        if out.key.startswith("answer/"):
            heard.set()
        return send(out, *more)

    pigeon.send = send_and_tell  # type: ignore[method-assign]
    working = threading.Thread(target=service.run)
    working.start()
    pigeon.hears("/help")
    assert heard.wait(30)
    service.stopped.set()
    working.join(30)
    assert not working.is_alive()
    assert service.failures == []


def test_a_job_that_is_told_to_stop_keeps_what_it_has_and_goes_on_later(service: Service, village: Village) -> None:
    service.stopped.set()
    service.collect()
    with service.magpie.store.begin() as memory:
        kept = memory.items.count()
        (run,) = memory.runs.latest("collect", 1)
    assert kept == 3
    assert run.state == "failed" and "told to stop" in run.failures[0]  # type: ignore[attr-defined]
    service.stopped.clear()
    service.collect()
    with service.magpie.store.begin() as memory:
        assert memory.items.count() == 3
        assert not memory.vectors.missing("hashed words", 9)


def test_a_channel_that_is_away_is_tried_again_after_growing_pauses(
    service: Service, clock: Clock, pigeon: Pigeon
) -> None:
    tries = []

    def listen(cursor: str | None) -> Iterator[object]:
        tries.append(clock.at)
        raise ChannelError("The pigeon is moulting.")

    pigeon.listen = listen  # type: ignore[method-assign, assignment]
    for _ in range(600):
        service.listen()
        clock.at += timedelta(seconds=1)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert 3 < len(tries) < 20
    assert pauses == sorted(pauses) and pauses[-1] > 4 * pauses[0]


def test_a_pause_of_the_ear_does_not_outlast_a_clock_that_was_set_back(
    service: Service, clock: Clock, pigeon: Pigeon
) -> None:
    listen = pigeon.listen

    def away(cursor: str | None) -> Iterator[object]:
        raise ChannelError("The pigeon is moulting.")

    pigeon.listen = away  # type: ignore[method-assign, assignment]
    service.listen()
    pigeon.listen = listen  # type: ignore[method-assign]
    clock.at -= timedelta(days=1)
    pigeon.hears("/help", at=clock.at)
    service.listen()
    assert "answer/in0" in pigeon.said


def test_in_a_terminal_nothing_is_said_unasked(tmp_path: Path, clock: Clock, village: Village, pigeon: Pigeon) -> None:
    pigeon.hears("/help")
    service = Service(magpie(tmp_path, clock, village, pigeon, kind="terminal"))
    service.once()
    assert pigeon.said == {}
    with service.magpie.store.begin() as memory:
        assert memory.outbox.waiting("pigeon"), "it waits for the chat"
        (made,) = memory.occasions.latest("pigeon")
    assert made.state is State.TOLD
    service.magpie.close()


def test_runs_that_were_killed_are_settled_at_the_next_start(service: Service) -> None:
    with service.magpie.store.begin() as memory:
        killed = memory.runs.begin("collect", NOW - HOUR)
    service.prepare()
    with service.magpie.store.begin() as memory:
        row = memory.runs.get(killed)
    assert row is not None and row.state == "broken off"  # type: ignore[attr-defined]
