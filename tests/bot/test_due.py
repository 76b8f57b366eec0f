"""The job that has the due digest made: what becomes of every hour is kept, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from agents.digest import Desk
from agents.gathering import Reading
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from bot.jobs.due import Due
from bot.schedule import NOT_RUNNING
from bot.timetable import Timetable
from config.errors import MagpieError, ModelError, StoreError
from config.settings import DigestSection, ScheduleSection
from memory.records import Gap, Occasion, State
from memory.schema import outbox
from memory.store import Store
from tests.bot.press import EMPTY, FULL, TODAY, Days, at_press
from tests.fakes import HOUR, NOW, HashedWords, account


@pytest.fixture
def at_work(store: Store) -> Callable[..., Days]:
    """The job, with what the press prints, its troubles, and the schedule."""
    return partial(at_press, store)


def an_editor(store: Store, collector: Collector, embedder: HashedWords, folder: Path, clock: list[datetime]) -> Editor:
    def gaps() -> list[Gap]:
        with store.begin() as memory:
            return list(memory.sources.untold_gaps())

    desk = Desk(Reading(store, embedder, account("me").uri), gaps=gaps)
    return Editor(store, desk, collector, [], folder / "c.db", DigestSection(), ZoneInfo("UTC"), lambda: clock[0])


def test_a_digest_is_made_at_its_hour_and_once(at_work: Callable[..., Days]) -> None:
    days = at_work()
    assert [days.look(hour) for hour in (7, 8, 8.1, 20)] == [0, 1, 0, 0]
    assert days.look(9, days=1) == 1
    assert days.history() == [(0, 0, State.TOLD, ""), (1, 0, State.TOLD, "")]
    assert days.press.asked == [(TODAY, 0), (TODAY + timedelta(1), 0)]


def test_the_run_that_made_it_can_be_found_from_the_history(at_work: Callable[..., Days], store: Store) -> None:
    at_work().look(8)
    with store.begin() as memory:
        occasion = memory.occasions.get("pigeon", TODAY, 0)
    assert occasion is not None and occasion.run == "r1"


def test_after_downtime_there_is_one_digest_and_the_others_are_in_the_history(at_work: Callable[..., Days]) -> None:
    days = at_work()
    days.look(8)
    assert days.look(13, days=3) == 1
    missed = [(day, 0, State.SKIPPED, NOT_RUNNING) for day in (1, 2)]
    assert days.history() == [(0, 0, State.TOLD, ""), *missed, (3, 0, State.TOLD, NOT_RUNNING)]


def test_what_was_missed_since_the_first_look_counts_though_nothing_was_told_before(
    at_work: Callable[..., Days],
) -> None:
    days = at_work(hours=["20:00"])
    assert [days.look(9), days.look(21, days=2)] == [0, 1]
    missed = [(day, 0, State.SKIPPED, NOT_RUNNING) for day in (0, 1)]
    assert days.history() == [*missed, (2, 0, State.TOLD, "")]


def test_what_was_made_just_before_the_power_went_was_told(at_work: Callable[..., Days], store: Store) -> None:
    days = at_work()
    days.look(7)
    with store.begin() as memory:
        memory.digests.add(replace(FULL, run="by hand"))
    assert days.look(9, days=2) == 1
    assert [row[:3] for row in days.history()] == [
        (0, 0, State.TOLD),
        (1, 0, State.SKIPPED),
        (2, 0, State.TOLD),
    ]


def test_a_day_without_anything_to_tell_is_in_the_history_with_the_reason(at_work: Callable[..., Days]) -> None:
    days = at_work(EMPTY)
    assert days.look(8) == 1 and days.look(9) == 0
    assert days.history() == [(0, 0, State.QUIET, EMPTY.notes[0])]
    assert days.waiting() == [f"digest/{TODAY}"]


def test_the_quiet_line_can_be_left_out_but_not_what_went_missing(
    store: Store, collector: Collector, embedder: HashedWords, tmp_path: Path
) -> None:
    clock = [NOW.replace(hour=8)]
    editor = replace(an_editor(store, collector, embedder, tmp_path, clock), silent=True)
    due = Due(store, lambda: editor, Timetable("pigeon"), lambda: clock[0])
    assert due.look() == 1
    with store.begin() as memory:
        assert memory.conn.execute(select(outbox)).all() == [], "not even for a moment"
        assert memory.occasions.latest("pigeon")[0].state == State.QUIET
        memory.sources.add_gap("home", Gap("home", NOW - HOUR, NOW))
    clock[0] += timedelta(1)
    assert due.look() == 1
    with store.begin() as memory:
        assert len(memory.outbox.waiting("pigeon")) == 1


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (ModelError("The model is away."), "The model is away."),
        (KeyError("secret words"), "The digest broke off (KeyError); see the log."),
    ],
)
def test_what_fails_is_kept_with_its_reason_and_tried_again_after_growing_pauses(
    at_work: Callable[..., Days], trouble: Exception, reason: str
) -> None:
    days = at_work(FULL, trouble, trouble, trouble)
    made = {minute: days.look(8 + minute / 60) for minute in range(0, 60)}
    assert len(days.press.asked) == 4
    assert [minute for minute, done in made.items() if done] == [5 + 10 + 20]
    assert days.history() == [(0, 0, State.TOLD, "")]


def test_what_failed_all_day_stays_failed(at_work: Callable[..., Days]) -> None:
    days = at_work(FULL, *[ModelError("The model is away.")] * 99)
    for quarter in range(8 * 4, 24 * 4):
        days.look(quarter / 4)
    assert 8 < len(days.press.asked) < 16
    days.press.troubles.clear()
    assert [days.look(1, days=1), days.look(8, days=1)] == [0, 1]
    assert days.history() == [(0, 0, State.FAILED, "The model is away."), (1, 0, State.TOLD, "")]


def test_the_next_hour_does_not_wait_for_the_pause_of_the_one_that_failed(at_work: Callable[..., Days]) -> None:
    days = at_work(FULL, *[ModelError("The model is away.")] * 4, hours=["8", "9"])
    made = [minute for minute in range(120) if days.look(8 + minute / 60)]
    assert made == [60]
    assert days.history() == [(0, 0, State.FAILED, "The model is away."), (0, 1, State.TOLD, "")]


def test_after_a_restart_what_failed_is_tried_at_once(at_work: Callable[..., Days]) -> None:
    at_work(FULL, ModelError("The model is away.")).look(8)
    assert at_work().look(8.02) == 1


def test_a_full_disk_is_the_callers_trouble_and_nothing_is_lost(
    at_work: Callable[..., Days], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = at_work()
    with monkeypatch.context() as patch:
        patch.setattr(Store, "begin", lambda self: (_ for _ in ()).throw(StoreError("The disk is full.")))
        with pytest.raises(MagpieError):
            days.look(8)
    assert days.look(8.1) == 1


def test_choices_in_the_chat_come_before_the_settings(at_work: Callable[..., Days], store: Store) -> None:
    days = at_work(quiet="6-12")
    with store.begin() as memory:
        memory.preferences.choose("hours", ["9", "21:15"], NOW)
        memory.preferences.choose("quiet", "", NOW)
        memory.preferences.choose("zone", {"name": "Europe/Berlin"}, NOW)
    made = [(quarter / 4, days.look(quarter / 4)) for quarter in range(24 * 4)]
    assert [hour for hour, done in made if done] == [8, 20.25]  # UTC
    assert [row[1] for row in days.history()] == [0, 1]


def test_in_quiet_hours_nothing_is_made_nor_said_unasked(at_work: Callable[..., Days]) -> None:
    days = at_work(hours=["23"], quiet="22-7")
    assert [days.look(23), days.look(3, days=1), days.look(7, days=1)] == [0, 0, 1]
    assert days.history() == [(0, 0, State.TOLD, "")]
    noon = NOW.replace(hour=12)
    speaks = {hour: days.due.may_speak(noon.replace(hour=hour)) for hour in range(24)}
    assert [hour for hour, may in speaks.items() if not may] == [*range(7), 22, 23]


def test_a_pause_is_kept_as_the_reason_even_when_it_is_over_and_magpie_was_down(
    at_work: Callable[..., Days], store: Store
) -> None:
    days = at_work(vacations=[f"{TODAY + timedelta(1)}/{TODAY + timedelta(2)}"])
    days.look(8)
    days.look(9, days=3)
    away = f"a vacation until {TODAY + timedelta(2)}"
    assert [row[3] for row in days.history()] == ["", away, away, ""]


def test_what_was_settled_while_the_clock_was_ahead_does_not_count(at_work: Callable[..., Days], store: Store) -> None:
    days = at_work()
    days.look(8)
    assert [days.look(hour, days=300) for hour in (20, 21)] == [1, 0]  # wrong, and put right again
    assert [days.look(8, days=day) for day in (1, 2, 3)] == [1, 1, 1]
    with store.begin() as memory:
        settled = [memory.occasions.get("pigeon", TODAY + timedelta(day), 0) for day in range(5)]
    assert [one and one.state for one in settled] == [State.TOLD] * 4 + [State.SKIPPED]


def test_a_clock_that_was_ahead_at_the_first_look_delays_nothing(at_work: Callable[..., Days]) -> None:
    days = at_work()
    days.look(7, days=300)
    assert days.look(8) == 1


def test_the_real_editor_makes_one_digest_an_hour(
    store: Store, collector: Collector, embedder: HashedWords, tmp_path: Path
) -> None:
    clock = [NOW.replace(hour=8)]
    editor = an_editor(store, collector, embedder, tmp_path, clock)
    timetable = Timetable("pigeon", ScheduleSection(hours=("8", "18")))
    due = Due(store, lambda: editor, timetable, lambda: clock[0])
    for _ in range(24):
        due.look()
        clock[0] += HOUR
    with store.begin() as memory:
        made = memory.digests.since(NOW - 24 * HOUR)
        settled: list[Occasion] = memory.occasions.latest("pigeon")
        keys = [queued.out.key for queued in memory.outbox.waiting("pigeon")]
    assert [(d.date, d.slot) for d in made] == [(TODAY, 0), (TODAY, 1)]
    assert [(o.slot, o.state) for o in settled] == [(1, State.QUIET), (0, State.QUIET)]
    assert all(o.reason.startswith("Nothing to tell") for o in settled)
    assert len(set(keys)) == 2 and all(key.startswith("digest/") for key in keys)
