"""Texts come one by one and find their story; a second look mends what came too early."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.stories import Strand, Stream, settle
from agents.stories.stream import EVEN, MOST_COMPARED
from agents.stories.surface import Rarity, Surface
from agents.stories.table import AROUND, USUAL, Table
from tests.laws import tried

DIM = 48
TOPICS = (
    "The old bridge over the river will be closed for two years from Monday on",
    "Bees have settled on the station clock and stopped it at noon, passengers wait",
    "A night train from Lyon to Hamburg returns next winter with beds and breakfast",
    "Parliament passed the budget with one single vote after a long night of talks",
    "A painter found the harbour chart of 1782 in an attic and gave it to the museum",
)


def strand(topic: int, number: float, spread: float = 0.35, gap: float = 1.0, **more: bool) -> Strand:
    """Something said on a topic: near to all else that is said on it."""
    chance = np.random.default_rng([topic, int(2 * number)])
    vector = np.eye(DIM, dtype=np.float32)[topic] + spread * chance.normal(size=DIM).astype(np.float32) / DIM**0.5
    words = TOPICS[topic % len(TOPICS)].split()
    random.Random(number).shuffle(words)
    text = " ".join(words[: len(words) - 2])
    return Strand(f"t{topic} n{number}", vector / np.linalg.norm(vector), Surface(text), 3600 * gap * number, **more)


def told(stream: Stream) -> set[frozenset[str]]:
    return {frozenset(stream.strands[k].name for k in members) for members in stream.stories.values()}


def mixed(count: int) -> list[Strand]:
    return [strand(number % len(TOPICS), number) for number in range(count)]


RIGHT = {frozenset(s.name for s in mixed(40) if s.name.startswith(f"t{topic} ")) for topic in range(len(TOPICS))}


def test_each_text_finds_its_story_as_it_comes() -> None:
    stream = Stream()
    for one in mixed(40):
        stream.add(one)
    assert told(stream) == RIGHT


def test_all_at_once_is_as_one_by_one() -> None:
    stream = Stream()
    stream.extend(mixed(40))
    assert told(stream) == RIGHT


def test_a_second_look_at_what_is_right_changes_nothing() -> None:
    stream = Stream()
    stream.extend(mixed(40))
    before = dict(stream.stories)
    settle(stream)
    assert stream.stories == before


@tried(15)
@given(st.permutations(mixed(20)))
def test_the_order_in_which_texts_arrive_makes_no_other_stories(arriving: Sequence[Strand]) -> None:
    stream = Stream()
    for one in arriving:
        stream.add(one)
    settle(stream)
    assert told(stream) == {frozenset(n for n in right if int(n.split("n")[1]) < 20) for right in RIGHT}


@tried(15)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.floats(0.1, 3)), min_size=1, max_size=25))
def test_whatever_comes_every_text_is_in_one_story_that_bears_the_number_of_one_of_its_own(
    made: list[tuple[int, int, float]],
) -> None:
    stream = Stream()
    for topic, number, spread in made:
        stream.add(strand(topic, number, spread))
    settle(stream)
    placed = sorted(k for members in stream.stories.values() for k in members)
    assert placed == list(range(len(made)))
    assert all(story in members for story, members in stream.stories.items())
    assert all(stream.story_of(k) == story for story, members in stream.stories.items() for k in members)


def test_what_comes_later_does_not_renumber_a_story() -> None:
    stream = Stream()
    stream.extend(mixed(10))
    first = [stream.story_of(k) for k in range(10)]
    stream.extend(mixed(40)[10:])
    settle(stream)
    assert [stream.story_of(k) for k in range(10)] == first


def test_a_story_that_drifted_is_split_and_the_older_half_keeps_its_number() -> None:
    stream = Stream()
    stream.extend([strand(number % 2, number) for number in range(12)])
    bridge, bees = stream.story_of(0), stream.story_of(1)
    stream.move(list(stream.stories[bees]), bridge)
    assert len(stream.stories) == 1
    settle(stream)
    assert len(stream.stories) == 2 and stream.story_of(0) == bridge
    assert {stream.story_of(k) for k in range(0, 12, 2)} == {bridge}


def test_two_small_stories_on_one_thing_are_put_together_under_the_older_number() -> None:
    stream = Stream()
    stream.extend([strand(0, number) for number in range(4)])
    stream.move([2, 3], 2)
    stream.misses[2].append(0)
    settle(stream)
    assert stream.stories == {0: [0, 1, 2, 3]}


def test_what_is_usual_around_a_text_counts_against_it() -> None:
    """Where all is alike, as in a network on one topic, likeness does not make a story."""
    alone, crowd = Stream(), Stream()
    pair = [strand(0, 1, 0.9), strand(0, 2, 0.9)]
    alone.extend(pair)
    chance = np.random.default_rng(1)
    words = [f"w{n}" for n in range(400)]
    others = []
    for number in range(40):
        near = strand(0, 100 + number, 0.9)
        others.append(Strand(f"o{number}", near.vector, Surface(" ".join(chance.choice(words, 9))), near.at))
    crowd.extend(others)
    crowd.extend(pair)
    assert alone.odds([0], [1]) > crowd.odds([40], [41])


def test_what_everybody_tells_is_still_one_story() -> None:
    stream = Stream()
    stream.extend([strand(0, number) for number in range(60)])
    assert len(stream.stories) == 1 and max(AROUND, MOST_COMPARED) < 60


def test_the_more_lies_between_two_texts_the_less_likely_they_are_one_story() -> None:
    near, far = Stream(), Stream()
    others = [strand(1 + n % 4, n) for n in range(1, 60)]
    near.extend([strand(0, 0), strand(0, 0.5), *others])
    far.extend([strand(0, 0), *others, strand(0, 61)])
    assert near.odds([0], [1]) > far.odds([0], [60])


def test_without_a_word_in_common_it_takes_the_same_meaning() -> None:
    vector = np.eye(DIM, dtype=np.float32)[0]
    aside = np.eye(DIM, dtype=np.float32)[1]
    half = (0.55 * vector + (1 - 0.55**2) ** 0.5 * aside).astype(np.float32)
    stream = Stream()
    stream.extend([Strand("a", vector, Surface("bridge closed Monday")), Strand("b", half, Surface("owls nest high"))])
    assert stream.odds([0], [1]) == -np.inf


@pytest.mark.parametrize("size", [1, 3, 700])
def test_what_is_usual_is_the_same_however_the_rows_come(size: int) -> None:
    strands = [strand(n % 5, n, 0.8) for n in range(600)]
    one, other = Table(), Table()
    one.survey(strands)
    for start in range(0, 600, size):
        other.survey(strands[start : start + size])
    pairs = list(combinations(range(0, 600, 97), 2))
    for a, b in pairs:
        assert one.above([a], [b]) == pytest.approx(other.above([a], [b]), abs=1e-5)
    assert float(one.above([0], [0])[0, 0]) <= 1 - USUAL[0] + 1e-5


def test_rare_words_in_common_tell_more_than_common_ones() -> None:
    rarity = Rarity()
    for number in range(2000):
        rarity.learn(Surface(f"people talk about thing{number}").words)
    assert rarity.of("people") < 1 < rarity.of("quetza")


def test_function_words_and_handles_are_no_words_in_common() -> None:
    one, other = (
        Surface("@ann the bees are at https://a.example/x"),
        Surface("@ann the owls are at https://a.example/x"),
    )
    assert not one.words & other.words and one.likeness(other) < 0.3


@pytest.mark.parametrize("text", ["おはようございます", "Guten Morgen zusammen", "Happy birthday!", "so true", "👍"])
def test_greetings_tell_nothing(text: str) -> None:
    assert not Surface(text).tells


@pytest.mark.parametrize(
    "text", ["Bridge closed until spring", "古い橋は来週の月曜日から二年間閉鎖", "Nachtzug nach Lyon fährt"]
)
def test_few_words_can_tell_something(text: str) -> None:
    assert Surface(text).tells


def test_even_odds_decide() -> None:
    stream = Stream()
    stream.extend(mixed(20))
    inside = [stream.odds([k], [m]) for members in stream.stories.values() for k, m in combinations(members, 2)]
    across = [stream.odds([0], [k]) for k in range(1, 5)]
    assert min(inside) > EVEN > max(across)
