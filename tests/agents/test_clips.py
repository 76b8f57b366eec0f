"""The best passages of a long text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.clips import clips

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
    assert len(found) == 3 and found == [sentence for sentence in TRAIN if sentence in found]


def test_what_the_text_is_about_comes_before_what_stands_beside_it() -> None:
    assert TRAIN[3] not in clips(TEXT, count=4)


def test_the_same_is_not_said_twice() -> None:
    said = "The night train to Malmö runs again from March, with one sleeping car and four couchettes."
    text = f"{said}\n{said}\n{said}\nA swarm of bees once stopped the night train for eleven minutes near the border."
    assert len(set(clips(text, count=2))) == 2


def test_a_text_of_nothing_but_scraps_has_no_passages() -> None:
    assert clips("") == clips("Short. Shorter.\nNo.") == clips("x" * 5000) == []


@given(st.text(max_size=600), st.integers(1, 4), st.integers(60, 300))
def test_passages_are_always_stretches_of_the_text(text: str, count: int, limit: int) -> None:
    found = clips(text, count, limit)
    assert len(found) <= count
    assert all(clip in text and len(clip) <= limit for clip in found)


def test_a_very_long_text_is_read_from_its_beginning() -> None:
    begins = [f"Sentence number {n} of a text that goes on and on, and says little that is new." for n in range(200)]
    later = ["What comes so late may be said again and again, and is not looked at any more."] * 800
    assert set(clips("\n".join([*begins, *later]))) < set(begins)
