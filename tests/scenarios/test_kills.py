"""Killed at every named point, once each, over a server that knows no keys; ``make kills``: ten times, over both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("mastodon_mock")

from tests.scenarios.kills import POINTS
from tests.scenarios.kills_town import Place, place


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("homes"), honours_keys=False, pairs=len(POINTS)) as found:
        yield found


@pytest.mark.parametrize("point", POINTS)
def test_whatever_is_killed_when_nothing_is_lost_and_nothing_said_twice(keyless: Place, point: str) -> None:
    kills, wrong = keyless.survives(list(POINTS).index(point), point)
    assert (kills, wrong) == (1, [])
