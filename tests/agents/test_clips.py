"""The best passages of a long text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.clips import clips
from tests.fakes import HashedWords

TRAIN = [
    "The night train to Malmö runs again from March, with one sleeping car and four couchettes in each direction.",
    "The operator of the night train had given it up, because nobody paid for the locomotives on the Danish side.",
    "Whoever takes the night train to Malmö saves a night in a hotel and arrives before the shops are open.",
    "Cookies help us to make this page better, and our partners tell you about offers that you may like.",
    "In the sleeping car of the train there is a shower, which has hot water as far as the Danish border.",
    "A swarm of bees once stopped it for eleven minutes, until the beekeeper came with a box and a white sheet.",
]
TEXT = "\n\n".join(TRAIN)


def test_passages_are_whole_sentences_of_the_text_in_its_order() -> None:
    found = clips(TEXT, count=3)
    assert [clip.text for clip in found] == [sentence for sentence in TRAIN if sentence in {c.text for c in found}]
    assert all(TEXT[clip.begin : clip.end] == clip.text for clip in found)


def test_what_the_text_is_about_comes_before_what_stands_beside_it() -> None:
    assert TRAIN[3] not in {clip.text for clip in clips(TEXT, count=4)}


def test_the_owners_taste_draws_passages_towards_it() -> None:
    model = HashedWords()
    (taste,) = model.embed(["bees beekeeper swarm box sheet white"])
    plain = clips(TEXT, count=1, embed=model.embed)
    drawn = clips(TEXT, count=1, embed=model.embed, taste=taste)
    assert "bees" not in plain[0].text
    assert "bees" in drawn[0].text


def test_the_same_is_not_said_twice() -> None:
    said = "The night train to Malmö runs again from March, with one sleeping car and four couchettes."
    text = f"{said}\n{said}\n{said}\nA swarm of bees once stopped the night train for eleven minutes near the border."
    assert len({clip.text for clip in clips(text, count=2)}) == 2


def test_a_text_of_nothing_but_scraps_has_no_passages() -> None:
    assert clips("") == clips("Short. Shorter.\nNo.") == clips("x" * 5000) == []


@given(st.text(max_size=600), st.integers(1, 4), st.integers(60, 300))
def test_passages_are_always_stretches_of_the_text(text: str, count: int, limit: int) -> None:
    found = clips(text, count, limit)
    assert len(found) <= count
    for clip in found:
        assert text[clip.begin : clip.end] == clip.text and len(clip.text) <= limit


def test_a_very_long_text_is_read_from_its_beginning() -> None:
    calls: list[int] = []

    def embed(texts: Sequence[str]) -> np.ndarray:
        calls.append(len(texts))
        return HashedWords().embed(texts)

    clips(
        "\n".join(
            f"Sentence number {n} of a text that goes on and on, and says little that is new." for n in range(999)
        ),
        embed=embed,
    )
    assert calls == [200]
