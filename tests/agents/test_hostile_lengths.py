"""A post as long as its author likes, of whatever signs, holds up neither a digest nor an answer."""

from __future__ import annotations

import pytest

from agents.attribution import original
from agents.extract import lead_sentence
from agents.telling import said
from agents.words import names, sentences
from memory.records import Item
from tests.clock import in_good_time
from tests.fakes import post

SIGNS = 60_000
BITS = (
    *(" ", "\t", ".", "!", "?", "a. ", "1. ", "! ", "Dr. ", "e.g. ", "!)", "#a ", "(1/2) ", "https://a ", "🧵 ", "@a "),
    *("„", "中", "a-", "a.b.", "-a", "/", '"', "\u0301", ":a", "www."),
)


def hostile(bit: str, end: str) -> str:
    return (bit * SIGNS)[:SIGNS] + end


@in_good_time
@pytest.mark.parametrize("end", ["", "x", "!"])
@pytest.mark.parametrize("bit", BITS)
def test_a_long_post_is_read_once(bit: str, end: str) -> None:
    text = hostile(bit, end)
    item: Item = post("long", text)
    assert len(lead_sentence(text)) <= 200
    assert all(begin < close for begin, close in sentences(text))
    assert all(0 <= name.start < len(text) for name in names(text))
    assert isinstance(said([item]), dict)


@in_good_time
@pytest.mark.parametrize("bit", BITS)
def test_a_quote_in_a_long_post_is_found(bit: str) -> None:
    text = f"The old bridge is closed. {hostile(bit, 'x')}"
    assert original("The old bridge is closed", [text]) == "The old bridge is closed"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Bees swarm on the clock #bees #clock https://a.example/x", "Bees swarm on the clock"),
        ("Bees swarm on the clock 🧵👇 (1/4)", "Bees swarm on the clock"),
        ("Bees swarm on the clock   #bees   ", "Bees swarm on the clock"),
        ("Bees #swarm on the clock", "Bees #swarm on the clock"),
        ("Bees swarm #a #b on the clock →", "Bees swarm #a #b on the clock"),
    ],
)
def test_what_tells_nothing_is_left_out_at_the_end_alone(line: str, told: str) -> None:
    assert lead_sentence(line) == told


def test_sentences_end_where_they_ended_before() -> None:
    text = 'Dr. Ann came. "Really?" he said... No! e.g. this (yes!) one.\n\n\nAnd more。中文。 End'
    told = [" ".join(text[begin:end].split()) for begin, end in sentences(text)]
    assert told == [
        "Dr. Ann came.",
        '"Really?"',
        "he said...",
        "No!",
        "e.g. this (yes!)",
        "one.",
        "And more。",
        "中文。",
        "End",
    ]
