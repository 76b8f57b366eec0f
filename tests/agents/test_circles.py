"""Three friends of one circle count less than three strangers."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.circles import FEWEST_IN_COMMON, MOST_SHARERS, circles, effective, network
from memory.records import How, Share
from tests.fakes import NOW, account, post

FRIENDS, STRANGERS = ("ann", "bob", "cy"), ("dot", "eve", "flo")


def shares(*people: str, things: int = FEWEST_IN_COMMON + 2, name: str = "thing") -> list[Share]:
    """All of these share as many things with each other."""
    return [
        Share(account(who).uri, post(f"{name}{number}").uri, NOW, How.BOOSTED)
        for number in range(things)
        for who in people
    ]


def alone(*people: str) -> list[Share]:
    return [share for who in people for share in shares(who, name=f"of {who} ")]


def uris(*people: str) -> set[str]:
    return {account(who).uri for who in people}


def test_who_shares_the_same_things_is_of_one_circle_and_who_does_not_is_of_none() -> None:
    found = circles([*shares(*FRIENDS), *alone(*STRANGERS)])
    assert set(found) == uris(*FRIENDS) and len(set(found.values())) == 1


def test_who_answers_somebody_again_and_again_is_of_their_circle() -> None:
    said = [Share(account("ann").uri, post(f"a{n}").uri, NOW) for n in range(5)]
    answers = [Share(account("bob").uri, post(f"a{n}").uri, NOW, How.REPLIED) for n in range(4)]
    assert set(circles([*said, *answers])) == uris("ann", "bob")


def test_two_circles_stay_two_although_they_have_met() -> None:
    found = circles([*shares(*FRIENDS), *shares(*STRANGERS, name="other"), *shares("cy", "dot", things=3, name="met")])
    assert len(set(found.values())) == 2
    assert len({found[uri] for uri in uris(*FRIENDS)}) == 1


def test_a_few_things_in_common_make_no_friends() -> None:
    assert circles(shares(*FRIENDS, things=FEWEST_IN_COMMON - 1)) == {}


def test_what_everybody_shares_makes_no_friends() -> None:
    assert circles(shares(*(f"p{n}" for n in range(MOST_SHARERS + 1)))) == {}


def test_somebody_who_shares_everything_is_nobodys_friend() -> None:
    crowd = [share for n in range(12) for share in shares(f"p{n}", "loud", things=2, name=f"pair{n} ")]
    assert circles(crowd) == {}


def test_the_order_in_which_shares_come_makes_no_other_circles() -> None:
    made = [*shares(*FRIENDS), *shares(*STRANGERS, name="other")]
    assert circles(made) == circles(made[::-1])


def test_three_friends_count_less_than_three_strangers_and_more_than_one() -> None:
    circle_of = circles([*shares(*FRIENDS), *alone(*STRANGERS)])
    friends, strangers, one = (
        effective({account(who).uri: 1.0 for who in people}, circle_of) for people in (FRIENDS, STRANGERS, ("ann",))
    )
    assert one == 1 < friends < strangers == 3


def test_the_factor_counts_people_and_says_that_they_are_friends() -> None:
    circle_of = circles(shares(*FRIENDS))
    friends = network(dict.fromkeys(uris(*FRIENDS), 1.0), circle_of)
    strangers = network(dict.fromkeys(uris(*STRANGERS), 1.0), circle_of)
    assert friends.value == strangers.value == 3 and friends.points < strangers.points
    assert "friends of each other" in friends.words and "friends" not in strangers.words


VOICES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.1, 2), max_size=8)


@given(VOICES, st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("XY")), st.floats(0.1, 2))
def test_one_more_voice_never_counts_for_less(
    voices: dict[str, float], circle_of: dict[str, str], weight: float
) -> None:
    more = effective({**voices, "new": weight}, {**circle_of, "new": "X"})
    assert more >= effective(voices, circle_of) - 1e-9
    assert effective(voices, circle_of) <= effective(voices, {}) + 1e-9


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_who_comes_first_makes_no_difference(order: tuple[str, ...]) -> None:
    weights = {"a": 1.0, "b": 0.5, "c": 1.7}
    same = dict.fromkeys("abc", "X")
    assert effective({name: weights[name] for name in order}, same) == effective(weights, same)
