"""With the small model that is shipped no answer holds a claim that was not checked, and the right words are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.language_models import BaseChatModel

from agents import models
from bot.jobs.collect import Collector
from tests.agents.asking import Town, filled
from tests.fakes import Village

CACHE = Path(__file__).parents[2] / ".cache" / "models"
QUESTION, RIGHT = "which bridge is closed?", "bridge"


@pytest.fixture(scope="module")
def tiny() -> Iterator[BaseChatModel]:
    """SmolLM2, loaded once."""
    found = models.build("local", {"threads": 1}, CACHE)
    assert found is not None
    yield found


def test_no_claim_of_the_tiny_model_is_shown_unchecked(
    tiny: BaseChatModel, village: Village, collector: Collector, tmp_path: Path
) -> None:
    town = filled(Town(village, collector, tmp_path))
    answer = town.asks(QUESTION, model=tiny, rounds=0)
    assert town.calls[-1].output
    for claim in answer.claims:
        cited = [answer.hits[number - 1].item.searchable for number in claim.cites]
        assert cited and claim.quotes and all(any(quote in text for text in cited) for quote in claim.quotes)
    if not answer.claims:
        assert RIGHT in [hit.item.uri.rsplit("/", 1)[-1] for hit in answer.hits]
