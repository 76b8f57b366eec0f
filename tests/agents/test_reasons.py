"""Why a story is told: every count and every name is true of the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.ranking import Candidate, Circumstances, Ranked, rank
from agents.reasons import called, reasons
from agents.taste import Example, Taste
from memory.records import Account, Factor, How, Kind, Share, Story
from tests.fakes import HOUR, NOW, account, post

HERE, FAR = np.eye(2, dtype=np.float32)
NAMES = ("ann", "bob", "cy", "dot", "eve")
PEOPLE = {a.uri: a for a in map(account, NAMES)} | {account("stranger").uri: account("stranger", followed=False)}
BY = Circumstances(NOW, Taste(), PEOPLE, {account(name).uri: 5.0 for name in NAMES}, {}, {}, frozenset())


def told(*names: str, how: How = How.POSTED, by: Circumstances = BY, grown_by: int = 0, **more: Any) -> tuple[str, ...]:
    """The reasons of a story that these people share, in this order."""
    shares = {account(n).uri: Share(account(n).uri, "uri", NOW + i * HOUR, how) for i, n in enumerate(names)}
    lead = replace(post("a", by=(names or ("nobody",))[0]), **more.pop("lead", {}))
    story = Story(lead.uri, lead.uri, (lead.uri,), tuple(shares), grown_by=grown_by)
    (ranked,) = rank([Candidate(story, lead, HERE, **({"words": ""} | more), shares=shares)], by)
    return reasons(ranked, by)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (How.POSTED, "@ann posted it"),
        (How.BOOSTED, "@ann boosted it"),
        (How.QUOTED, "@ann quoted it"),
        (How.REPLIED, "@ann talked about it"),
        (How.LINKED, "@ann linked it"),
    ],
)
def test_one_person_is_named_with_what_they_did(how: How, words: str) -> None:
    assert told("ann", how=how) == (words,)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (NAMES[:2], "2 people you follow shared it (@ann, @bob)"),
        (NAMES[:3], "3 people you follow shared it (@ann, @bob, @cy)"),
        (NAMES, "5 people you follow shared it (@ann, @bob, @cy and 2 more)"),
    ],
)
def test_several_are_counted_and_three_are_named(names: tuple[str, ...], words: str) -> None:
    assert told(*names)[0] == words


def test_those_who_only_answer_talk_about_it() -> None:
    assert told("ann", "bob", how=How.REPLIED)[0] == "2 people you follow talk about it (@ann, @bob)"


def test_strangers_and_bots_are_neither_counted_nor_named() -> None:
    by = replace(BY, accounts={**PEOPLE, account("bob").uri: replace(account("bob"), bot=True)})
    assert told("stranger", "bob", "ann", by=by)[0] == "@ann posted it"


@given(st.lists(st.sampled_from([*NAMES, "stranger"]), unique=True))
def test_the_people_told_of_are_those_followees_who_share_it(names: list[str]) -> None:
    people = [name for name in names if name != "stranger"]
    first = told(*names)[0]
    if len(people) > 1:
        assert first.startswith(f"{len(people)} people you follow")
    assert [name for name in NAMES if f"@{name}" in first] == sorted(people[:3], key=NAMES.index)


def test_what_nobody_shares_came_with_its_tags_or_with_the_feeds() -> None:
    assert told("stranger", lead={"tags": ("bees", "rail", "soup")}) == ("it came with #bees, #rail",)
    assert told("stranger") == ("it came with your feeds",)


def test_a_name_that_two_bear_is_told_with_its_host() -> None:
    other = Account("uri:other", "ann@far.example")
    assert called(account("ann"), {**PEOPLE, other.uri: other}) == "@ann@fedi.example"
    assert called(account("ann"), PEOPLE) == "@ann"


def liked(*vectors_and_kinds: tuple[Any, Kind]) -> Circumstances:
    found = [Example(post(f"l{n}"), v, kind, 1.0) for n, (v, kind) in enumerate(vectors_and_kinds)]
    return replace(BY, taste=Taste(tuple(found)))


@pytest.mark.parametrize(
    ("near", "words"),
    [(1, "you liked 1 post like it"), (2, "you liked 2 posts like it"), (4, "you liked 4 posts like it")],
)
def test_likes_are_counted_as_they_are(near: int, words: str) -> None:
    by = liked(*[(HERE, Kind.LIKE)] * near, (FAR, Kind.LIKE))
    assert words in told("ann", by=by)


def test_where_nothing_alike_was_liked_nothing_is_said_of_likes() -> None:
    assert not any("liked" in reason for reason in told("ann", by=liked((FAR, Kind.LIKE))))


def test_an_answer_is_not_called_a_like() -> None:
    assert not any("liked" in reason for reason in told("ann", by=liked((HERE, Kind.REPLY))))


def test_a_wish_is_told_and_its_contrary_is_no_reason() -> None:
    wanting, refusing = (replace(BY, interests={"bees": weight}) for weight in (1.0, -1.0))
    assert "you asked for more bees" in told("ann", by=wanting, words="all the bees")
    assert told("ann", by=refusing, words="all the bees") == told("ann") == told("ann", by=wanting, words="rooks")


def test_growth_is_told_with_its_number() -> None:
    assert "4 more people since it was told" in told("ann", "bob", grown_by=4)


def test_somebody_who_seldom_posts_is_called_so_and_no_one_else() -> None:
    seldom = replace(BY, rates={account("ann").uri: 0.1})
    assert "@ann, who seldom posts, posted it" in told("ann", by=seldom)
    assert not any("seldom" in reason for reason in (*told("ann"), *told("ann", "bob", by=seldom)))


def test_what_explores_says_so() -> None:
    one = Candidate(Story("k", "uri", ("uri",), ()), post("a"), HERE, "", {})
    plain = Ranked(one, (Factor("network", 0, 0),))
    assert "something outside your usual" in reasons(replace(plain, explores=True), BY)
    assert "something outside your usual" not in reasons(plain, BY)


def test_who_shares_it_is_always_said_first_and_nothing_ends_with_a_stop() -> None:
    by = replace(liked((HERE, Kind.LIKE)), interests={"bees": 1.0})
    found = told("ann", "bob", by=by, words="bees", grown_by=3)
    assert found[0].startswith("2 people") and len(found) == 4 and not any(reason.endswith(".") for reason in found)
