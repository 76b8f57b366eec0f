"""What the owner says in plain words, and which texts it is about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.interests import matches, parse_interests

FAR, SAME = np.array([1, 0], np.float32), np.array([0, 1], np.float32)

SAID = [
    ("more on rail and bees, no crypto", {"rail": 1, "bees": 1, "crypto": -1}),
    ("rail", {"rail": 1}),
    ("rail, bees; night trains", {"rail": 1, "bees": 1, "night trains": 1}),
    ("more rail, please", {"rail": 1}),
    ("less football", {"football": -0.5}),
    ("not so much football. I love beekeeping!", {"football": -0.5, "beekeeping": 1}),
    ("no crypto or nfts please", {"crypto": -1, "nfts": -1}),
    ("no more crypto", {"crypto": -1}),
    ("never horoscopes but more astronomy", {"horoscopes": -1, "astronomy": 1}),
    ("I don’t like sports", {"sports": -1}),
    ("I'm interested in the rail stuff", {"rail": 1}),
    ("I'm not interested in football", {"football": -1}),
    ("more C++ and node.js", {"c++": 1, "node.js": 1}),
    ("#rail, no-code", {"rail": 1, "no-code": 1}),
    ("rail/bees", {"rail": 1, "bees": 1}),
    ("mehr über Bahn und Bienen, kein Fußball mehr", {"bahn": 1, "bienen": 1, "fußball": -1}),
    ("weniger Politik, ich mag die Berge", {"politik": -0.5, "berge": 1}),
    ("nicht mehr Krypto", {"krypto": -1}),
    ("ich mag keine Hunde", {"hunde": -1}),
    ("plus de trains et d'histoire, mais pas de foot", {"trains": 1, "histoire": 1, "foot": -1}),
    ("moins de politique, j'aime les abeilles", {"politique": -0.5, "abeilles": 1}),
    ("sans crypto", {"crypto": -1}),
    ("más sobre los trenes y abejas, nada de fútbol", {"trenes": 1, "abejas": 1, "fútbol": -1}),
    ("menos política, me gustan los libros", {"política": -0.5, "libros": 1}),
    ("no me gusta el fútbol", {"fútbol": -1}),
    ("", {}),
    ("more", {}),
    (" ,;. ", {}),
]


@pytest.mark.parametrize(("words", "wishes"), SAID, ids=[words or "nothing" for words, _ in SAID])
def test_wishes_are_understood_as_they_are_said(words: str, wishes: dict[str, float]) -> None:
    assert parse_interests(words) == wishes


@given(st.text(max_size=200))
@example("0\r?")
def test_whatever_is_said_gives_bounded_weights_and_bare_topics(words: str) -> None:
    for topic, weight in parse_interests(words).items():
        assert -1 <= weight <= 1 and topic and topic == topic.strip().lower()


def about(topic: str, text: str) -> bool:
    return topic in matches({topic: 1.0}, {topic: FAR}, text, SAME)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("crypto", "Cryptocurrency is down again"),
        ("crypto", "buy now, says crypto_karl@coins.example"),
        ("crypto", "a link to https://crypto.example/news"),
        ("bees", "the bees are back"),
        ("bees", "one bee in the kitchen"),
        ("rail", "Railways of Portugal"),
        ("night trains", "A night train to Vienna"),
        ("ai", "AI, once more"),
        ("fußball", "Heute nur FUßBALL"),
        ("c++", "modern C++ in practice"),
    ],
)
def test_a_topic_is_found_in_what_is_made_of_its_name(topic: str, text: str) -> None:
    assert about(topic, text)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("bees", "a cold beer"),
        ("bees", "it has been long"),
        ("ai", "they aim at the rain"),
        ("rail", "the trail and the derailed"),
        ("trains", "a training for runners"),
        ("news", "a new day"),
        ("chess", "a chestnut tree"),
        ("crypto", "the encrypted letter"),
    ],
)
def test_a_topic_is_not_found_in_words_that_only_look_alike(topic: str, text: str) -> None:
    assert not about(topic, text)


def test_a_text_that_names_no_topic_is_about_it_as_far_as_its_meaning_is_near() -> None:
    def strength(cosine: float) -> float:
        vector = np.array([cosine, np.sqrt(1 - cosine**2)], np.float32)
        return matches({"bees": 1.0}, {"bees": FAR}, "the hive hums", vector).get("bees", 0.0)

    assert strength(0.1) == 0
    assert 0 < strength(0.4) < strength(0.5) <= 1


def test_naming_a_topic_counts_more_than_being_near_it() -> None:
    vector = np.array([0.4, np.sqrt(1 - 0.4**2)], np.float32)
    near, named = (matches({"bees": 1.0}, {"bees": FAR}, text, vector)["bees"] for text in ("the hive", "the bees"))
    assert near < named <= 1


def test_a_topic_without_a_vector_is_found_by_its_name_alone() -> None:
    assert list(matches({"bees": 1.0, "rail": -1.0}, {}, "no bees here", SAME)) == ["bees"]
