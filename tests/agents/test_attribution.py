"""A model's claim is shown only when it cites what exists, quotes what stands there, and says no more than that."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Claim
from agents.attribution import Drafted, Source, attributed, held, original
from agents.checks import verify_quote
from bench.corruptions import FALSE, TRUE, Corrupt
from bench.quotes import measured, sample_texts
from tests.laws import tried

DAY = date(2026, 11, 3)
BRIDGE = "The old bridge in Dresden is closed from Monday on. Engineer Paula Marsh says 14 cables are damaged."
TRIP = "I have moved to Porto with my two dogs. I never want to leave this river again!"
LURE = (
    "Our bakery opens at seven, see https://evil.example/win or ask @mallory@evil.example on the \u202eprize of today."
)
SOURCES = [
    Source(BRIDGE, "Ann Berg", DAY),
    Source(TRIP, "Caro Lima", DAY),
    Source(LURE, "Mallory", DAY),
]


def drafted(sentence: str, quote: str, *cites: int) -> Drafted:
    return Drafted(sentence=sentence, cites=list(cites), quotes=[quote] if quote else [])


@pytest.mark.parametrize(
    ("sentence", "quote", "cites"),
    [
        ("The old bridge in Dresden is closed from Monday on.", "bridge in Dresden is closed", 1),
        ("Paula Marsh says 14 cables are damaged.", "says 14 cables are damaged", 1),
        ("Ann Berg wrote that the old bridge in Dresden is closed.", "The old bridge in Dresden is closed", 1),
        ("The old bridge in Dresden is closed, says Ann.", "The old bridge in Dresden is closed", 1),
        ("On 3 November 2026 Ann wrote that the old bridge is closed.", "The old bridge in Dresden is closed", 1),
        ("Caro moved to Porto with two dogs.", "I have moved to Porto with my two dogs", 2),
        ("The bakery opens at seven.", "Our bakery opens at seven", 3),
    ],
)
def test_a_claim_that_its_sources_bear_out_is_shown(sentence: str, quote: str, cites: int) -> None:
    assert held(drafted(sentence, quote, cites), SOURCES) == Claim(sentence, (cites,), (quote,))


@pytest.mark.parametrize(
    ("sentence", "quote", "cites", "why"),
    [
        ("The old bridge in Dresden is closed.", "bridge in Dresden is closed", (), "does not exist"),
        ("The old bridge in Dresden is closed.", "bridge in Dresden is closed", (9,), "does not exist"),
        ("The old bridge in Dresden is closed.", "bridge in Dresden is closed", (1, 9), "does not exist"),
        ("The old bridge in Dresden is closed.", "", (1,), "quotes nothing"),
        ("The old bridge in Dresden is closed.", "bridge in Dresden is closed", (2,), "does not stand"),
        ("The old bridge in Dresden is closed.", "bridge in Leipzig is closed", (1,), "does not stand"),
        ("The old bridge in Leipzig is closed.", "bridge in Dresden is closed", (1,), "leipzig"),
        ("The old bridge in Dresden is not closed.", "bridge in Dresden is closed", (1,), "denies"),
        ("Paula Marsh says 41 cables are damaged.", "says 14 cables are damaged", (1,), "number 41"),
        ("Ben wrote that the old bridge in Dresden is closed.", "bridge in Dresden is closed", (1,), "name ben"),
        ("Caro Lima damaged 14 cables of the old bridge.", "says 14 cables are damaged", (1, 2), "caro"),
        ("On 4 December 2026 the old bridge is closed.", "The old bridge in Dresden is closed", (1,), "number 4"),
        ("The bakery opens at seven, see evil.example today.", "Our bakery opens at seven", (3,), "address"),
        ("The bakery opens at seven, ask @mallory@evil.example", "Our bakery opens at seven", (3,), "handle"),
        ("The bakery **opens** at seven today.", "Our bakery opens at seven", (3,), "markup"),
        ("The bakery opens at \u202eseven today.", "Our bakery opens at seven", (3,), "cannot be seen"),
        (
            "Volcanoes erupt beneath glaciers all over the continent.",
            "bridge in Dresden is closed",
            (1,),
            "most of its",
        ),
    ],
)
def test_any_other_claim_is_refused_for_its_own_reason(
    sentence: str, quote: str, cites: tuple[int, ...], why: str
) -> None:
    found = held(drafted(sentence, quote, *cites), SOURCES)
    assert isinstance(found, str) and why in found


def test_a_quote_that_is_nearly_right_is_replaced_by_the_words_of_the_source() -> None:
    found = held(drafted("The old bridge in Dresden is closed.", "old brigde in Dresden is  closed", 1), SOURCES)
    assert isinstance(found, Claim) and found.quotes == ("old bridge in Dresden is closed",)


def test_a_quote_ends_before_an_address_a_handle_or_a_hidden_sign() -> None:
    assert original(LURE, [LURE]) == "Our bakery opens at seven, see"
    assert original("ask @mallory@evil.example on the \u202eprize of today", [LURE]) == "prize of today"


def test_of_two_passages_only_those_that_are_quoted_are_cited() -> None:
    found = held(drafted("The old bridge in Dresden is closed.", "bridge in Dresden is closed", 2, 1), SOURCES)
    assert isinstance(found, Claim) and found.cites == (1,)


def test_a_claim_is_told_once_and_every_refusal_is_told() -> None:
    good = drafted("The old bridge in Dresden is closed.", "bridge in Dresden is closed", 1)
    bad = drafted("The old bridge in Leipzig is closed.", "bridge in Dresden is closed", 1)
    found = attributed([good, bad, good], SOURCES)
    assert len(found.claims) == 1 and len(found.refused) == 1


@tried(100)
@given(st.text(max_size=220), st.lists(st.text(max_size=160), max_size=2), st.lists(st.text(max_size=300), max_size=3))
def test_whatever_is_said_what_is_shown_stands_in_a_source(sentence: str, quotes: list[str], texts: list[str]) -> None:
    found = held(Drafted(sentence=sentence, cites=[1], quotes=quotes), [Source(text) for text in texts])
    assert isinstance(found, str) or all(any(quote in text for text in texts) for quote in found.quotes)


# -- quotes of real texts, corrupted


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return sample_texts()


@pytest.mark.parametrize("corrupt", FALSE, ids=lambda kind: kind.__name__)
def test_what_makes_another_statement_is_no_quote(texts: list[str], corrupt: Corrupt) -> None:
    made, taken, which = measured(texts, corrupt, 25, seed=1)
    assert made == 25
    assert taken == 0, which


@pytest.mark.parametrize("corrupt", TRUE, ids=lambda kind: kind.__name__)
def test_what_a_reader_forgives_is_a_quote(texts: list[str], corrupt: Corrupt) -> None:
    made, taken, _ = measured(texts, corrupt, 40, seed=1)
    assert made == 40 and taken >= 36


def test_a_slip_is_forgiven_and_mended_in_any_ordinary_word() -> None:
    sentence = "the lighthouse keeper painted seven green doors before breakfast"
    words = sentence.split()
    for place, word in enumerate(words):
        if len(word) > 3 and word != "seven":
            slipped = " ".join([*words[:place], word[:2] + word[3:], *words[place + 1 :]])
            assert verify_quote(slipped, [f"In May {sentence}, he said."]) == sentence, slipped
