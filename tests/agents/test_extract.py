# ruff: noqa: E501 (a case is a line)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.extract import lead_sentence

LEADS = {
    "the first sentence": (
        "The council has approved the new tram line to the harbour. Works begin in spring.",
        "The council has approved the new tram line to the harbour.",
    ),
    "no greeting": (
        "Good morning, fediverse! 👋\n\nThe council has approved the new tram line to the harbour.",
        "The council has approved the new tram line to the harbour.",
    ),
    "no greeting on the same line": (
        "Hello everyone! The council has approved the new tram line to the harbour.",
        "The council has approved the new tram line to the harbour.",
    ),
    "no German greeting": ("Guten Morgen zusammen!\nDer Stadtrat hat die neue Straßenbahn zum Hafen beschlossen.", "Der Stadtrat hat die neue Straßenbahn zum Hafen beschlossen."),
    "no thread marker": ("🧵 1/7 Why the harbour needs a tram, and who pays for it in the end.", "Why the harbour needs a tram, and who pays for it in the end."),
    "no bracketed marker": ("(2/5) The harbour needs a tram, and somebody has to pay for it.", "The harbour needs a tram, and somebody has to pay for it."),
    "a judgement is no marker": ("12/10 dogs agree that the harbour tram is a joy, open 24/7", "12/10 dogs agree that the harbour tram is a joy, open 24/7"),
    "a rate is no marker": ("24/7 service on the harbour tram begins this week.", "24/7 service on the harbour tram begins this week."),
    "no tags at the end": ("The harbour gets a tram line at last #trams #harbour https://news.example/1", "The harbour gets a tram line at last"),
    "tags within stay": ("The #harbour gets a tram line at last, says the council.", "The #harbour gets a tram line at last, says the council."),
    "no lines of tags": ("#trams #harbour\nThe harbour gets a tram line at last, says the council.", "The harbour gets a tram line at last, says the council."),
    "no lines of addresses": ("https://news.example/a/b\nThe harbour gets a tram line at last, says the council.", "The harbour gets a tram line at last, says the council."),
    "no mentions in front": ("@ann@trams.example @bob I think that the harbour tram will be late again.", "I think that the harbour tram will be late again."),
    "a short beginning takes the next along": ("Finally. The harbour gets a tram line. More soon.", "Finally. The harbour gets a tram line."),
    "an abbreviation is no end": ("Dr. Ada Brown and Mr. Hill plan the tram to the harbour. It is red.", "Dr. Ada Brown and Mr. Hill plan the tram to the harbour."),
    "Japanese": ("北海道で新しい鉄道が来月開業します。運賃は安くなります。", "北海道で新しい鉄道が来月開業します。"),
    "an address in brackets": ("The harbour tram is late (https://news.example/1) again this week.", "The harbour tram is late again this week."),
    "the names of emoji are not said": ("The harbour tram is late again this week :blobcat:", "The harbour tram is late again this week"),
    "only a pointer": ("RE: https://news.example/1", ""),
    "only tags": ("#caturday #cats", "#caturday #cats"),
    "only an address": ("https://news.example/1", ""),
    "only a greeting": ("Good morning!", "Good morning!"),
    "nothing": ("  \n ", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", LEADS)
def test_the_lead_is(case: str) -> None:
    text, lead = LEADS[case]

    assert lead_sentence(text) == lead


def test_a_long_lead_is_cut_at_a_word() -> None:
    assert (
        lead_sentence("The council has approved the new tram line to the harbour", limit=30)
        == "The council has approved the…"
    )


def test_japanese_is_cut_between_signs() -> None:
    assert lead_sentence("北海道で新しい鉄道が来月開業します。", limit=10) == "北海道で新しい鉄道…"


def test_an_emoji_of_many_signs_is_not_split() -> None:
    assert lead_sentence("family 👩‍👩‍👧 on tour", limit=10) == "family…"


@given(st.text(max_size=400), st.integers(1, 220))
def test_a_lead_is_one_line_within_the_limit(text: str, limit: int) -> None:
    lead = lead_sentence(text, limit)

    assert len(lead) <= limit
    assert len(lead.splitlines()) <= 1
