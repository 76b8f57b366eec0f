"""When a digest was due and what became of it; what the owner has chosen in the chat."""

from __future__ import annotations

from datetime import timedelta

from memory.records import Occasion, State
from memory.store import Store
from tests.fakes import NOW

TODAY = NOW.date()


def occasion(state: State, slot: int = 0, days: int = 0, reason: str = "") -> Occasion:
    return Occasion("pigeon", TODAY + timedelta(days), slot, state, NOW, reason)


def test_an_occasion_that_failed_can_still_be_told_but_what_was_told_stays_told(store: Store) -> None:
    with store.begin() as memory:
        assert memory.occasions.get("pigeon", TODAY, 0) is None
        for state in (State.FAILED, State.TOLD, State.SKIPPED):
            memory.occasions.settle(occasion(state, reason=state))
        assert memory.occasions.get("pigeon", TODAY, 0) == occasion(State.TOLD, reason=State.TOLD)


def test_the_history_begins_with_the_newest_hour_of_the_newest_day(store: Store) -> None:
    told = [occasion(State.TOLD), occasion(State.QUIET, slot=1), occasion(State.SKIPPED, days=-1)]
    with store.begin() as memory:
        for one in told:
            memory.occasions.settle(one)
        assert memory.occasions.latest("pigeon") == [told[1], told[0], told[2]]
        assert memory.occasions.latest("pigeon", 1) == [told[1]]
        assert memory.occasions.latest("terminal") == []


def test_a_choice_holds_until_another_is_made_or_it_is_taken_back(store: Store) -> None:
    with store.begin() as memory:
        for value in ({"from": "22:00"}, "Asia/Tokyo"):
            memory.preferences.choose("quiet", value, NOW)
            assert memory.preferences.get("quiet") == value
        memory.preferences.choose("quiet", None, NOW)
        assert memory.preferences.get("quiet") is None
