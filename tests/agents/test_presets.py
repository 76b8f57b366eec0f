from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from agents.presets import EVEN, PRESETS, exploring, weights
from agents.ranking import Candidate, Circumstances, rank
from agents.taste import Taste
from config.settings import DigestSection
from memory.records import How, Share, Story
from tests.fakes import NOW, account, post

PEOPLE = ("ann", "ben", "cleo")
STEPS = [step / 10 for step in range(11)]


def test_the_presets_are_those_that_can_be_written_in_the_settings() -> None:
    assert set(get_args(DigestSection.model_fields["preset"].annotation)) == set(PRESETS)


def test_what_is_set_when_nothing_is_written_changes_nothing() -> None:
    usual = DigestSection()
    assert weights(usual.preset, usual.discovery) == {}
    assert exploring(usual.entries, usual.explore, usual.preset, usual.discovery) == usual.explore


def test_friends_bring_up_what_many_of_them_share() -> None:
    def points(preset: str) -> float:
        item = post("a", "the ferry is late again and nobody knows why")
        shares = {account(name).uri: Share(item.uri, account(name).uri, NOW, How.POSTED) for name in PEOPLE}
        story = Story(item.uri, item.uri, (item.uri,), tuple(shares))
        one = Candidate(story, item, np.eye(4, dtype=np.float32)[0], item.text, shares)
        accounts = {account(name).uri: replace(account(name), followed=True) for name in PEOPLE}
        by = Circumstances(NOW, Taste(), accounts, {}, {}, {}, frozenset(), weights=weights(preset, EVEN))
        return rank([one], by)[0].points("network")

    assert points("friends") == pytest.approx(1.5 * points("balanced")) and points("balanced") > 0


@pytest.mark.parametrize("preset", PRESETS)
def test_the_more_discovery_the_less_taste_and_the_more_entries_explore(preset: str) -> None:
    assert all(weights(preset, a).get("taste", 1) > weights(preset, b).get("taste", 1) for a, b in pairwise(STEPS))
    counts = [exploring(8, 1, preset, step) for step in STEPS]
    assert counts == sorted(counts) and (counts[0], counts[-1]) == (0, 4)


def test_whoever_wants_no_exploring_gets_none_at_even() -> None:
    assert exploring(8, 0, "balanced", EVEN) == exploring(8, 0, "discovery", EVEN) == 0
