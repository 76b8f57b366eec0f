"""Words that tell what posts are about, and names of topics made of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agents.taste import Taste, beliefs
from agents.taste.examples import Example
from agents.taste.naming import coherent, distinctive
from agents.telling import tells
from memory.records import Kind
from tests.fakes import NOW, post

TOPICS = {0: "hives and bees", 1: "viaduct of the railway", 2: "chess openings"}
USUAL = "minutes later"


def liked(fewest: int = 6) -> tuple[Example, ...]:
    """Of each topic so many posts, each a different one; "minutes later" stands in half of all."""
    found = []
    for topic, text in TOPICS.items():
        for number in range(fewest):
            vector = np.random.default_rng(100 * topic + number).normal(0, 0.15, 12).astype(np.float32)
            vector[topic] += 1
            vector /= np.linalg.norm(vector)
            item = post(f"{topic}-{number}", f"{text} {USUAL if number % 2 else ''}")
            found.append(Example(item, vector, Kind.LIKE, 1.0, NOW))
    return tuple(found)


def test_words_of_posts_on_anything_tell_nothing_of_a_taste() -> None:
    others = [post(f"o{number}", "soup with dumplings") for number in range(20)]
    told = {belief.value for belief in beliefs(Taste(examples=liked()), others).words}
    assert {"hives", "bees", "viaduct", "railway", "chess", "openings"} <= told
    assert not {"minutes", "later"} & told


def test_a_topic_is_not_named_by_what_stands_in_all_topics() -> None:
    names = {topic.words for topic in beliefs(Taste(examples=liked())).topics}
    assert names == {("bees", "hives"), ("railway", "viaduct"), ("chess", "openings")}


def test_of_one_topic_alone_all_words_tell() -> None:
    some = [frozenset({"bees"}), frozenset({"bees", "hives"}), frozenset({"hives"})]
    vectors = np.stack([example.vector for example in liked()[:3]])
    assert coherent(some, vectors, 0.35) == {"bees", "hives"}


def test_a_word_of_one_post_tells_nothing_yet() -> None:
    assert coherent([frozenset({"bees"})], np.ones((1, 3), np.float32), 0.35) == frozenset()
    assert distinctive({"bees": 1}, {"bees": 1}, 3) == ()


def test_a_name_has_no_word_in_two_forms() -> None:
    mine = Counter(hive=4, hives=3, beekeeping=2)
    assert distinctive(mine, mine, 3) == ("hive", "beekeeping")


def test_a_word_that_all_say_sets_less_apart_than_one_that_these_alone_say() -> None:
    mine = Counter(people=4, hive=4)
    assert distinctive(mine, mine + Counter(people=90), 1) == ("hive",)


@pytest.mark.parametrize(
    "word", ["eleven", "heute", "seven", "zwölf", "thousand", "2026", "the", "nicht", "j'ai", "rail's"]
)
def test_numbers_spelt_out_and_function_words_tell_nothing(word: str) -> None:
    assert not tells(word)


@pytest.mark.parametrize("word", ["bees", "miles", "dollar", "euro"])
def test_what_is_counted_tells_something(word: str) -> None:
    assert tells(word)
