"""The order of stories: directions and laws that hold whatever the weights."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.bursts import Topics
from agents.choice import MOST_PER_AUTHOR, SAMENESS, TOPIC, choose
from agents.ranking import FACTORS, Candidate, Circumstances, Ranked, rank, rank_anew
from agents.taste import Example, Taste, fit
from memory.records import Account, Factor, How, Item, Kind, Media, Share, Story
from tests.fakes import HOUR, NOW, account, post

Array = NDArray[np.float32]
DIM = 8
AXES = np.eye(DIM, dtype=np.float32)
LONG = "The night train over the mountains leaves from tomorrow on at nine in the evening, " * 3
PEOPLE = {a.uri: a for a in (*map(account, ("ann", "bob", "cy", "dot")), account("eve", followed=False))}
CALM = Circumstances(NOW, Taste(), PEOPLE, {}, {}, {}, frozenset())


def shared(*names: str, how: How = How.POSTED, ago: float = 1) -> dict[str, Share]:
    return {account(name).uri: Share(account(name).uri, "uri", NOW - ago * HOUR, how) for name in names}


def candidate(name: str = "a", by: str = "ann", vector: Array = AXES[0], **more: Any) -> Candidate:
    """A plain story of one post by somebody who is followed."""
    lead: Item = replace(post(name, LONG, by=by, at=NOW - HOUR), **more.pop("lead", {}))
    grown = more.pop("grown_by", 0)
    story = Story(lead.uri, lead.uri, (lead.uri,), (lead.author,), lead.canonical, (lead.ref,), grown)
    return Candidate(story, lead, vector, **{"words": lead.text, "shares": shared(by), **more})


def score(one: Candidate, by: Circumstances = CALM) -> float:
    return rank([one], by)[0].score


def taste(kind: Kind, vector: Array, by: str = "ann", affinity: float = 0.0) -> Taste:
    example = Example(post("felt", by=by), vector, kind, 1.0 if kind is not Kind.LESS else -1.0)
    return Taste((example,), authors={account(by).uri: affinity})


PLAIN = candidate()
LIKED = fit([Example(post(f"l{n}", by=f"l{n}"), AXES[1], Kind.LIKE, 1.0) for n in range(5)], AXES)
BETTER = {
    "more people share it": (candidate(shares=shared("ann", "bob", "cy")), PLAIN, CALM),
    "strangers do not count as people": (PLAIN, candidate(shares=shared("eve")), CALM),
    "sharing counts more than answering": (PLAIN, candidate(shares=shared("ann", how=How.REPLIED)), CALM),
    "it is newer": (PLAIN, candidate(shares=shared("ann", ago=30)), CALM),
    "it says something": (PLAIN, candidate(lead={"text": "so true"}), CALM),
    "a picture says something": (
        candidate(lead={"text": "look", "media": (Media("image"),)}),
        candidate(lead={"text": "look"}),
        CALM,
    ),
    "a link says something": (
        candidate(lead={"text": "look", "canonical": ("https://a.example/x",)}),
        candidate(lead={"text": "look"}),
        CALM,
    ),
    "it begins something": (PLAIN, candidate(lead={"reply_to": "ref"}), CALM),
    "it is surely unseen": (PLAIN, candidate(novelty=0.5), CALM),
    "it has grown": (candidate(grown_by=4), PLAIN, CALM),
    "it is like what is liked": (candidate(vector=AXES[1]), PLAIN, replace(CALM, taste=LIKED)),
    "it is not like what got a 👎": (
        PLAIN,
        candidate(vector=AXES[1]),
        replace(CALM, taste=taste(Kind.LESS, AXES[1], "cy")),
    ),
    "it is like what got a 👍": (
        candidate(vector=AXES[1]),
        PLAIN,
        replace(CALM, taste=taste(Kind.MORE, AXES[1], "cy")),
    ),
    "its author is liked": (candidate(by="bob"), PLAIN, replace(CALM, taste=taste(Kind.LIKE, AXES[5], "bob", 0.5))),
    "its author is not disliked": (
        PLAIN,
        candidate(by="bob"),
        replace(CALM, taste=taste(Kind.LESS, AXES[5], "bob", -0.5)),
    ),
    "it was asked for": (candidate(words="bees"), PLAIN, replace(CALM, interests={"bees": 1.0})),
    "it was not asked to stay away": (PLAIN, candidate(words="crypto"), replace(CALM, interests={"crypto": -1.0})),
    "it is in a language that is read": (
        candidate(lead={"language": "de"}),
        candidate(lead={"language": "fi"}),
        replace(CALM, languages=frozenset({"de", "en"})),
    ),
    "its sharers are no friends of one circle": (
        candidate(shares=shared("ann", "bob", "cy")),
        candidate(shares=shared("ann", "bob", "dot")),
        replace(CALM, circles=dict.fromkeys((account(name).uri for name in ("ann", "bob", "dot")), "friends")),
    ),
    "its topic is not always talked about": (
        candidate(shares=shared("ann", "bob")),
        candidate(shares=shared("ann", "bob"), vector=AXES[1]),
        replace(CALM, usually=Topics(AXES[1:2], np.array([900.0]), 10.0)),
    ),
    "its sharer seldom speaks": (
        PLAIN,
        candidate(by="bob"),
        replace(CALM, rates={account("ann").uri: 0.1, account("bob").uri: 40.0}),
    ),
}
BETTER["it is not written by a bot"] = (
    PLAIN,
    candidate(by="bob", shares=shared("ann")),
    replace(CALM, accounts={**PEOPLE, account("bob").uri: replace(account("bob"), bot=True)}),
)
BETTER["of no language nobody says that it is foreign"] = (
    candidate(lead={"language": ""}),
    candidate(lead={"language": "fi"}),
    replace(CALM, languages=frozenset({"en"})),
)


@pytest.mark.parametrize("why", BETTER)
def test_of_two_that_are_else_alike_the_better_is_the_one_of_which(why: str) -> None:
    better, worse, by = BETTER[why]
    assert score(better, by) > score(worse, by)


def test_a_handle_with_an_unwanted_word_counts_too() -> None:
    people = {**PEOPLE, account("bob").uri: replace(account("bob"), handle="crypto_bob@fedi.example")}
    by = replace(CALM, accounts=people, interests={"crypto": -1.0})
    assert score(candidate(by="bob"), by) < score(PLAIN, by)


def test_what_is_not_wanted_outweighs_what_is() -> None:
    by = replace(CALM, interests={"rail": 1.0, "crypto": -1.0})
    assert score(candidate(words="rail crypto"), by) < score(PLAIN, by)


def test_every_factor_is_there_once_by_a_name_of_its_own() -> None:
    (ranked,) = rank([PLAIN], CALM)
    assert len({factor.name for factor in ranked.factors}) == len(FACTORS)
    assert ranked.score == pytest.approx(sum(factor.points for factor in ranked.factors))


WORLDS = st.lists(
    st.tuples(
        st.integers(0, DIM - 1),  # topic
        st.sampled_from(["ann", "bob", "cy", "eve"]),
        st.floats(0, 40),  # hours ago
        st.sampled_from(["", "en", "fi"]),
        st.floats(0.5, 1),  # novelty
    ),
    max_size=14,
)
MOODS = st.sampled_from(
    [CALM, replace(CALM, taste=taste(Kind.LESS, AXES[2], "bob", -0.6)), replace(CALM, languages=frozenset({"en"}))]
)


def stories(world: list[tuple[int, str, float, str, float]]) -> list[Candidate]:
    return [
        candidate(f"p{n}", by, AXES[topic], lead={"language": lang}, shares=shared(by, ago=ago), novelty=novelty)
        for n, (topic, by, ago, lang, novelty) in enumerate(world)
    ]


@given(WORLDS, MOODS, st.randoms(use_true_random=False))
def test_ranking_is_a_permutation_best_first_in_whatever_order_they_come(
    world: Any, by: Circumstances, chance: Any
) -> None:
    came = stories(world)
    shuffled = list(came)
    chance.shuffle(shuffled)
    ranked = rank(came, by)
    assert sorted(r.candidate.story.key for r in ranked) == sorted(c.story.key for c in came)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)
    assert [r.candidate.story.key for r in rank(shuffled, by)] == [r.candidate.story.key for r in ranked]


@given(WORLDS, MOODS, st.integers(1, 8), st.integers(0, 1), st.floats(-9, 3))
def test_what_is_chosen_is_some_of_the_ranked_each_once_and_within_all_bounds(
    world: Any, by: Circumstances, count: int, explore: int, floor: float
) -> None:
    ranked = rank(stories(world), by)
    chosen = choose(ranked, count, explore, floor)
    keys = [r.candidate.story.key for r in chosen]
    assert len(keys) == len(set(keys)) <= count
    assert {r.candidate.story.key: r.factors for r in chosen}.items() <= {
        r.candidate.story.key: r.factors for r in ranked
    }.items()
    assert all(r.score > floor for r in chosen)
    assert max(Counter(r.candidate.lead.author for r in chosen).values(), default=0) <= MOST_PER_AUTHOR


@given(WORLDS, MOODS, st.integers(1, 8), st.integers(1, 3))
def test_what_explores_is_marked_comes_last_and_was_never_told_off(
    world: Any, by: Circumstances, count: int, explore: int
) -> None:
    chosen = choose(rank(stories(world), by), count, explore, floor=-99)
    marks = [r.explores for r in chosen]
    assert marks == sorted(marks) and sum(marks) <= explore
    for r in (r for r in chosen if r.explores):
        assert min(r.points("feedback"), r.points("wishes"), r.points("author")) >= 0
        assert r.points("language") == r.points("bot") == 0


@given(WORLDS, MOODS, MOODS)
def test_by_another_taste_they_rank_as_if_it_had_been_asked_at_once(
    world: Any, first: Circumstances, then: Circumstances
) -> None:
    came = stories(world)
    anew, at_once = rank_anew(rank(came, first), then), rank(came, then)
    assert [(r.candidate.story.key, r.factors) for r in anew] == [(r.candidate.story.key, r.factors) for r in at_once]


@given(WORLDS, MOODS, st.integers(0, 4))
def test_nothing_has_more_left_than_what_is_chosen_first(world: Any, by: Circumstances, told: int) -> None:
    def left(r: Ranked) -> float:
        return r.score - SAMENESS * 0.5 * max(float(r.candidate.vector @ AXES[told]) - TOPIC, 0.0)

    ranked = rank(stories(world), by)
    chosen = choose(ranked, 1, explore=0, floor=-99, told=[AXES[told]])
    assert [left(r) for r in chosen] == sorted(map(left, ranked), reverse=True)[:1]


def known(number: int, points: float, vector: Array, by: str = "", **more: Any) -> Ranked:
    """A story with a given score. Unless it is said otherwise, everybody has one."""
    one = candidate(f"k{number}", by or f"by{number}", vector, **more)
    return Ranked(one, (Factor("network", 1, 0.1), Factor("taste", 1, points - 0.1)))


def numbers(chosen: list[Ranked]) -> list[str]:
    return [r.candidate.lead.uri.rsplit("/k", 1)[1] for r in chosen]


def test_the_best_of_different_topics_are_told_before_the_second_of_the_same() -> None:
    ranked = [known(1, 3.0, AXES[0]), known(2, 2.9, AXES[0]), known(3, 2.5, AXES[1])]
    assert numbers(choose(ranked, 2, explore=0)) == ["1", "3"]


def test_what_is_like_what_was_told_lately_has_to_be_better() -> None:
    ranked = [known(1, 3.0, AXES[0]), known(2, 2.9, AXES[1])]
    assert numbers(choose(ranked, 1, explore=0)) == ["1"]
    assert numbers(choose(ranked, 1, explore=0, told=[AXES[0]])) == ["2"]


def test_a_story_that_has_grown_may_be_like_what_was_told() -> None:
    ranked = [known(1, 3.0, AXES[0], grown_by=3), known(2, 2.9, AXES[1])]
    assert numbers(choose(ranked, 1, explore=0, told=[AXES[0]])) == ["1"]


def test_a_third_of_one_author_gives_way_to_something_worse() -> None:
    ranked = [known(n, 9.0 - n, AXES[n], by="ann") for n in range(1, 4)] + [known(4, 1.0, AXES[4])]
    assert numbers(choose(ranked, 3, explore=0)) == ["1", "2", "4"]


def test_nothing_under_the_floor_is_told_however_few_there_are() -> None:
    assert choose([known(1, 0.5, AXES[0]), known(2, 0.6, AXES[1])], 8, 1, floor=0.6) == []


def test_nothing_gives_nothing() -> None:
    assert rank([], CALM) == [] == choose([], 8, 1)


def test_what_explores_is_what_may_be_worth_most_if_the_taste_is_mistaken() -> None:
    sure = replace(known(2, 1.0, AXES[1]), factors=(Factor("network", 3, 3.0), Factor("taste", 0, -2.0)))
    unsure = replace(sure, factors=(*sure.factors, Factor("unsure", 4.0, 0.0)))
    usual = replace(known(3, 1.5, AXES[2]), factors=(Factor("network", 1, 0.5), Factor("taste", 1, 1.0)))
    for odd, second in ((sure, "3"), (unsure, "2")):
        chosen = choose([known(1, 9.0, AXES[0]), usual, odd], 2, explore=1)
        assert numbers(chosen) == ["1", second] and [r.explores for r in chosen] == [False, True]


def test_of_one_author_no_more_are_told_by_exploring_twice() -> None:
    by_one = [replace(known(n, 0, AXES[n], by="ann"), factors=(Factor("network", 1, 9.0 - n),)) for n in range(1, 5)]
    assert len(choose(by_one, 3, explore=2)) <= MOST_PER_AUTHOR


def test_where_there_is_no_new_ground_no_place_stays_empty() -> None:
    familiar = [
        replace(known(n, 0, AXES[n]), factors=(Factor("network", 1, 3.0), Factor("alike", 4, 0.0))) for n in range(4)
    ]
    assert len(choose(familiar, 3, explore=1)) == 3


def test_followees_are_followed_people_and_no_bots() -> None:
    from agents.ranking import followees

    people: dict[str, Account] = {**PEOPLE, account("bob").uri: replace(account("bob"), bot=True)}
    everybody = candidate(shares=shared("ann", "bob", "eve", "stranger", "cy"))
    assert followees(everybody, people) == [account("ann").uri, account("cy").uri]
