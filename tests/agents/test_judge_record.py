"""What a judge is worth: by what came of what it foretold."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.judge_record import FADED, PATIENCE, Record, of_model, outcomes, record
from memory.records import Evidence, Kind, Reaction
from memory.store import Store
from memory.store.judgements import Judgement
from tests.fakes import HOUR, NOW, post

DAY = timedelta(days=1)


def judgement(name: str, score: float, days: float = -5, model: str = "tiny", run: str = "r1") -> Judgement:
    return Judgement(run, NOW + days * DAY, post(name).uri, model, 1, score)


def did(kind: Kind, name: str, days: float = -4) -> Reaction:
    return Reaction(kind, NOW + days * DAY, post(name).uri)


def test_a_judge_begins_small() -> None:
    assert Record().weight == pytest.approx(0.2)


def test_a_good_judge_earns_its_weight_and_a_bad_one_loses_it() -> None:
    good, chance, bad = (Record(auc, 40, 60) for auc in (0.8, 0.5, 0.3))
    assert good.weight > 0.8
    assert chance.weight < 0.06
    assert bad.weight == 0
    assert Record(0.5, 200, 400).weight < FADED
    assert Record(0.8, 3, 3).weight < 0.5, "six posts prove little"


@given(st.floats(0, 1), st.integers(0, 500), st.integers(0, 500))
def test_a_weight_is_a_weight(auc: float, liked: int, passed: int) -> None:
    assert 0 <= Record(auc, liked, passed).weight <= 1


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), max_size=30))
def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order(known: list[tuple[int, bool]]) -> None:
    pairs = [(a, b) for a, good in known if good for b, also in known if not also]
    right = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
    found = record([(float(score), good) for score, good in known])
    assert found.auc == pytest.approx(right / len(pairs) if pairs else 0.5)


def test_an_outcome_is_a_reaction_or_having_been_passed_over_long_enough() -> None:
    said = [judgement(name, score) for name, score in zip("abcdef", (9, 8, 7, 6, 5, 4), strict=True)]
    reactions = [did(Kind.LIKE, "a"), did(Kind.LESS, "b"), did(Kind.SEEN, "f")]
    delivered = {post("c").uri: NOW - PATIENCE, post("d").uri: NOW - PATIENCE + HOUR}
    assert sorted(outcomes(said, reactions, delivered, NOW)) == [(7, False), (8, False), (9, True)]


def test_the_owners_latest_word_on_a_post_counts_and_the_first_of_the_judge() -> None:
    said = [judgement("a", 2, days=-1, run="r2"), judgement("a", 9)]
    reactions = [did(Kind.LIKE, "a"), did(Kind.LESS, "a", days=-3)]
    assert outcomes(said, reactions, {}, NOW) == [(9, False)]


def test_the_record_is_read_from_memory_and_is_of_one_model(store: Store) -> None:
    with store.begin() as memory:
        for name in "abcd":
            memory.items.keep(post(name), NOW)
        memory.judgements.keep([judgement(name, score) for name, score in zip("abcd", (9, 8, 3, 2), strict=True)])
        memory.judgements.keep([judgement("a", 0, model="other", run="r9")])
        memory.reactions.add(did(Kind.LIKE, "a"))
        memory.reactions.add(did(Kind.LESS, "d"))
        memory.seen.add_item(post("c"), NOW - 4 * DAY, Evidence.DELIVERED)
        memory.seen.add_item(post("b"), NOW - 4 * DAY, Evidence.DISMISSED)
        assert of_model(memory, "tiny", NOW) == Record(1.0, 1, 2)
        assert of_model(memory, "other", NOW) == Record(0.5, 1, 0)
        assert of_model(memory, "tiny", NOW + 400 * DAY) == Record(), "what was said so long ago is forgotten"


def test_a_judge_who_guesses_fades_and_one_who_knows_does_not() -> None:
    dice, liked = Random(7), [n % 4 == 0 for n in range(300)]
    knows = record([(dice.gauss(7 if good else 4, 2), good) for good in liked])
    guesses = record([(dice.gauss(5, 2), good) for good in liked])
    assert knows.weight > 0.9 and guesses.weight < 0.25
