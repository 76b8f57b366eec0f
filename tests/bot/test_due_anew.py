"""Hours that are changed, the first day, and memories that begin anew: what is owed, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.jobs.due import Due
from bot.schedule import NOT_HERE, NOT_RUNNING
from config.errors import ModelError
from config.settings import ScheduleSection
from memory.keeping.beginning import RESTORED, begin
from memory.records import State
from memory.store import Store
from tests.bot.press import FULL, Days, at_press
from tests.fakes import NOW


@pytest.fixture
def at_work(store: Store) -> Callable[..., Days]:
    """The job, with what the press prints, its troubles, and the schedule."""
    return partial(at_press, store)


def choose(store: Store, days: Days, hours: list[str] | None) -> None:
    """As /hours does."""
    with store.begin() as memory:
        now = days.press.clock[0]
        days.due.timetable.note(memory, now)
        memory.preferences.choose("hours", hours, now)
        days.due.timetable.note(memory, now)


def test_an_hour_that_is_chosen_for_later_today_is_owed_though_another_was_settled(
    at_work: Callable[..., Days], store: Store
) -> None:
    days = at_work()
    assert [days.look(hour) for hour in (8, 17.75)] == [1, 0]
    choose(store, days, ["17:46"])
    assert [days.look(hour) for hour in (17.76, 17.77, 20)] == [0, 1, 0]
    assert [days.look(hour, days=1) for hour in (8, 17.77)] == [0, 1]
    assert days.history() == [(0, 0, State.TOLD, ""), (0, 1, State.TOLD, ""), (1, 0, State.TOLD, "")]


def test_hours_that_had_passed_when_they_were_chosen_are_not_owed(at_work: Callable[..., Days], store: Store) -> None:
    days = at_work()
    days.look(8)
    days.look(9)
    choose(store, days, ["7", "8", "23"])
    assert [days.look(hour) for hour in (9.1, 12, 23)] == [0, 0, 1]
    choose(store, days, ["7", "8", "23:30"])
    assert [days.look(hour) for hour in (23.4, 23.5)] == [0, 1]
    assert [row[:3] for row in days.history()] == [(0, slot, State.TOLD) for slot in range(3)]


def test_what_was_missed_before_the_hours_were_changed_is_still_owed(
    at_work: Callable[..., Days], store: Store
) -> None:
    days = at_work(hours=["8", "20"])
    days.look(8)
    days.press.clock[0] += timedelta(days=2, hours=2)  # it was off meanwhile
    choose(store, days, ["9:30", "18"])
    assert [days.look(10, days=2), days.look(18, days=2)] == [1, 1]
    late = [(day, slot, State.SKIPPED, NOT_RUNNING) for day, slot in ((0, 1), (1, 0), (1, 1))]
    told = [(2, 0, State.TOLD, NOT_RUNNING), (2, 1, State.TOLD, "")]
    assert days.history() == [(0, 0, State.TOLD, ""), *late, *told]


def test_hours_that_are_changed_in_the_settings_hold_from_the_next_look_on(
    at_work: Callable[..., Days], store: Store
) -> None:
    days = at_work()
    days.look(8)
    days.due.timetable = replace(days.due.timetable, written=ScheduleSection(hours=("17:46",)))
    assert [days.look(hour) for hour in (17.75, 17.77)] == [0, 1]
    assert days.history() == [(0, 0, State.TOLD, ""), (0, 1, State.TOLD, "")]


@pytest.mark.parametrize("hour", [10.0, 21.0])
def test_on_the_first_day_nobody_says_that_magpie_was_not_running(at_work: Callable[..., Days], hour: float) -> None:
    days = at_work(hours=["8"] if hour < 20 else ["7", "8"])
    days.look(hour)
    assert {row[3] for row in days.history()} == {NOT_HERE}


@pytest.mark.parametrize("state", [None, State.FAILED])
def test_hours_before_a_memory_begins_anew_are_settled(
    at_work: Callable[..., Days], store: Store, state: State | None
) -> None:
    days = at_work(FULL, *[ModelError("The model is away.")] * (state is State.FAILED), hours=["8", "18"])
    assert days.look(8) == (state is None)
    days.press.clock[0] += timedelta(days=2, hours=2)
    with store.begin() as memory:
        begin(memory, days.press.clock[0], RESTORED)
    days.due = Due(store, days.due.editor, days.due.timetable, days.due.now)
    assert [days.look(10.1, days=2), days.look(18, days=2)] == [0, 1]
    skipped = [(day, slot, State.SKIPPED, RESTORED) for day, slot in ((0, 1), (1, 0), (1, 1), (2, 0))]
    assert days.history()[1:] == [*skipped, (2, 1, State.TOLD, "")]


def test_a_failed_digest_is_not_tried_again_in_a_memory_that_was_brought_back(
    at_work: Callable[..., Days], store: Store
) -> None:
    days = at_work(FULL, ModelError("The model is away."))
    days.look(8)
    with store.begin() as memory:
        begin(memory, NOW.replace(hour=9), RESTORED)
    assert [days.look(hour) for hour in (9.1, 12, 23)] == [0, 0, 0]
