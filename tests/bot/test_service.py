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
from memory.keeping.backup import back_up
from memory.keeping.beginning import RESTORED, begin
from memory.keeping.forgetting import forget_everything
from memory.keeping.restore import restore
from memory.records import Message, State
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


def test_each_source_that_is_away_is_told_in_the_log_and_is_the_status(
    service: Service, village: Village, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    village.breaks(SourceError("The village has no bridge today."))
    service.once()
    (line,) = [record for record in caplog.records if "event=failed" in record.getMessage()]
    assert (line.levelname, "job=collect" in line.getMessage()) == ("WARNING", True)
    assert "cause='The village has no bridge today.'" in line.getMessage()
    assert service.exit_status == 4


def test_the_status_is_that_of_what_failed_first(service: Service, pigeon: Pigeon, village: Village) -> None:
    def away(cursor: object) -> Iterator[Message]:
        raise ChannelError("The pigeon is moulting.")

    pigeon.listen = away  # type: ignore[assignment,method-assign]
    service.once()
    assert (service.failures, service.exit_status) == (["The pigeon is moulting."], 7)


def test_what_was_said_before_a_memory_begins_is_neither_done_nor_answered(
    service: Service, pigeon: Pigeon, clock: Clock
) -> None:
    pigeon.hears("/status")
    with service.magpie.store.begin() as memory:
        begin(memory, NOW + HOUR, RESTORED)
    clock.at = NOW + 2 * HOUR
    service.once()
    assert not [key for key in pigeon.said if key.startswith(("answer/", "digest/"))]
    with service.magpie.store.begin() as memory:
        assert memory.sources.cursor("channel pigeon") == {"events": "1"}, "it was passed by"
    pigeon.hears("/status", at=clock.at)
    service.once()
    assert list(pigeon.said) == ["answer/in1"]


def test_a_memory_that_was_brought_back_says_and_does_nothing_again(
    tmp_path: Path, clock: Clock, village: Village, pigeon: Pigeon
) -> None:
    def live() -> Magpie:
        service = Service(magpie(tmp_path, clock, village, pigeon))
        service.once()
        return service.magpie

    live()
    made = back_up(tmp_path, clock.at)
    clock.at += HOUR
    pigeon.hears("/more bees", at=clock.at)
    live()
    clock.at += 24 * HOUR
    village.posts(post("later", "Swans have come to the mill pond, and they are many.", at=clock.at - HOUR))
    live()
    said = list(pigeon.tried)
    assert said[0].startswith("digest/pigeon/2026-11-20") and any("2026-11-21" in key for key in said)
    restore(made, tmp_path, "me@home.example", clock.at)
    clock.at += HOUR
    with live().store.begin() as memory:
        assert (pigeon.tried, memory.rules.interests()) == (said, {})
        assert [(one.date.day, one.reason) for one in memory.occasions.latest("pigeon", 1)] == [(21, RESTORED)]
    clock.at += 24 * HOUR
    live()
    assert any("2026-11-22" in key for key in pigeon.tried[len(said) :])


def test_what_is_forgotten_with_everything_does_not_come_back_by_itself(
    tmp_path: Path, clock: Clock, village: Village, pigeon: Pigeon
) -> None:
    pigeon.hears("/more bees")
    service = Service(magpie(tmp_path, clock, village, pigeon))
    service.once()
    said = list(pigeon.tried)
    clock.at += HOUR
    with service.magpie.store.begin() as memory:
        forget_everything(memory, clock.at)
    for minutes in (1, 600):
        clock.at += timedelta(minutes=minutes)
        again = Service(magpie(tmp_path, clock, village, pigeon))
        again.once()
        assert again.failures == [] and pigeon.tried == said
        with again.magpie.store.begin() as memory:
            assert memory.rules.interests() == {} and not memory.messages.said("pigeon")


def test_a_beginning_that_was_set_by_a_clock_ahead_of_time_hides_nothing(service: Service, pigeon: Pigeon) -> None:
    with service.magpie.store.begin() as memory:
        begin(memory, NOW + 9999 * HOUR, RESTORED)
    pigeon.hears("/status")
    service.once()
    assert {"answer/in0", "digest/pigeon/2026-11-20"} <= set(pigeon.said)


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


def test_what_a_killed_restore_has_left_is_gone_after_the_next_start(service: Service) -> None:
    left = service.magpie.settings.data / "magpie.db.coming"
    service.magpie.store.close()
    left.touch()
    service.prepare()
    assert not left.exists()


def test_runs_that_were_killed_are_settled_at_the_next_start(service: Service) -> None:
    with service.magpie.store.begin() as memory:
        killed = memory.runs.begin("collect", NOW - HOUR)
    service.prepare()
    with service.magpie.store.begin() as memory:
        row = memory.runs.get(killed)
    assert row is not None and row.state == "broken off"  # type: ignore[attr-defined]
