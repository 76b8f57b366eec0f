"""What is shared more than usual is a surprise: against its sharers' rates, and its topic's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bursts import (
    FEWEST_HOURS,
    Topics,
    burst,
    bursting,
    hours_of,
    surprise,
    topics,
    unusual,
)
from memory.records import Share
from tests.fakes import HOUR, NOW, account, post

AXES = np.eye(4, dtype=np.float32)
TIMES = [NOW, NOW - HOUR, NOW - 2 * HOUR]


def test_a_burst_is_as_surprising_as_the_poisson_distribution_says() -> None:
    expected = 0.5
    chance = 1 - sum(math.exp(-expected) * expected**n / math.factorial(n) for n in range(3))
    assert burst(3, 12, 1.0) == pytest.approx(-math.log(chance))


@given(st.integers(0, 40), st.floats(6, 48), st.floats(0.05, 50))
def test_more_sharers_are_no_less_and_a_busier_topic_is_no_more_of_a_surprise(
    n: int, hours: float, rate: float
) -> None:
    here = burst(n, hours, rate)
    assert here >= 0 and burst(n + 1, hours, rate) >= here - 1e-9 and burst(n, hours, 2 * rate) <= here + 1e-9


def test_who_seldom_speaks_is_a_surprise_and_who_always_speaks_is_none() -> None:
    assert unusual([0.1], 6) > 0.9 and unusual([50.0], 6) < 0.01 and unusual([], 6) == 0


@given(st.lists(st.floats(0, 60), min_size=1, max_size=6), st.floats(0, 60))
def test_one_more_sharer_never_makes_it_less_of_a_surprise(rates: list[float], more: float) -> None:
    assert unusual([*rates, more], 8) >= unusual(rates, 8) - 1e-12


def test_the_same_people_within_hours_are_a_surprise_that_they_are_not_over_days() -> None:
    rates = [4.0, 4.0, 4.0]
    assert surprise(rates, TIMES).value > surprise(rates, [NOW, NOW - 30 * HOUR, NOW - 48 * HOUR]).value


def test_minutes_are_no_more_of_a_surprise_than_hours() -> None:
    assert hours_of([NOW, NOW - HOUR / 60]) == hours_of([]) == FEWEST_HOURS


def usual(things: int, days: float = 10, axis: int = 0) -> Topics:
    """As many things a share each on one topic."""
    items = {post(f"p{n}").uri: n for n in range(1, things + 1)}
    shares = [Share(account("ann").uri, uri, NOW) for uri in items]
    return topics(items, dict.fromkeys(items.values(), AXES[axis]), shares, days)


def test_the_rate_of_a_topic_is_what_was_shared_on_it() -> None:
    assert usual(19).rates(AXES[:2]) == [2.0, 0.1]


def test_where_the_days_before_are_not_known_nothing_is_said() -> None:
    assert usual(5, days=0.5).rates(AXES[:1]) == Topics().rates(AXES[:1]) == [None]
    assert bursting(3, TIMES, None).points == 0


def test_a_new_topic_bursts_and_one_that_is_always_talked_about_does_not() -> None:
    new, old = (bursting(3, TIMES, rate) for rate in usual(400).rates([AXES[1], AXES[0]]))
    assert new.points > 0 == old.points
    assert "3 people in 6 hours" in new.words and not old.words


def test_one_voice_is_no_burst() -> None:
    assert bursting(1.75, TIMES, 0.1).points == 0
