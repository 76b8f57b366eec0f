"""A handful of the seeded schedules; ``python -m tests.scenarios.telegram_faults`` plays all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("telegram")

from bot.channels import telegram_door
from tests.scenarios.telegram_faults import played, template


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("schedules") / "empty")


@pytest.mark.parametrize("seed", [1, 3, 68])  # polling; polling at a limited rate; a copy that comes late
def test_whatever_goes_wrong_nothing_is_lost_or_counted_twice_and_what_is_doubled_says_so(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(telegram_door, "_PAUSES", (0.01, 0.02))
    outcome = played(seed, empty, tmp_path / "data")
    assert outcome.wrong == ()
