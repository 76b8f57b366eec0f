"""What the owner did with posts, as examples; and what is learnt from them where there is nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from agents.taste import Example, Opinion, Post, fit
from agents.taste.examples import WORTH, examples
from memory.records import Kind, Reaction
from tests.fakes import NOW, post

BEES = np.eye(8, dtype=np.float32)[0]
LIKED, DISLIKED = ("honey from wild hives", 1.0), ("football scores tonight", -3.0)


def felt(*kinds: Kind) -> Example:
    """What is made of several reactions to one post."""
    item = replace(post("a"), id=1)
    deeds = [Reaction(kind, NOW + timedelta(seconds=n), item.uri) for n, kind in enumerate(kinds)]
    (example,) = examples(deeds, {item.uri: item}, {1: BEES}, NOW)
    return example


@pytest.mark.parametrize(
    ("said", "worth"),
    [
        ((Kind.LESS, Kind.SAVE), WORTH[Kind.SAVE]),
        ((Kind.SAVE, Kind.LESS), WORTH[Kind.LESS]),
        ((Kind.MUTE, Kind.SAVE), WORTH[Kind.SAVE]),
        ((Kind.MORE, Kind.SAVE), WORTH[Kind.MORE]),
        ((Kind.MORE, Kind.LESS, Kind.SAVE), WORTH[Kind.SAVE]),
        ((Kind.SAVE, Kind.LESS, Kind.MORE, Kind.SAVE), WORTH[Kind.MORE]),
    ],
)
def test_the_last_emoji_counts_and_no_less_than_those_just_before_it_that_agree(
    said: tuple[Kind, ...], worth: float
) -> None:
    example = felt(*said)
    assert (example.kind, example.worth) == (said[-1], worth)


@pytest.mark.parametrize("other", [Kind.BOOKMARK, Kind.LIKE, Kind.BOOST, Kind.AUTHORED, Kind.SEEN])
@pytest.mark.parametrize("sign", [Kind.SAVE, Kind.LESS])
def test_an_emoji_outranks_a_bookmark_and_all_else_before_it_and_after(sign: Kind, other: Kind) -> None:
    assert felt(sign, other).worth == felt(other, sign).worth == WORTH[sign]


def told(texts: Sequence[tuple[str, float]], *asked: str, passed_over: Sequence[Post] = ()) -> list[Opinion]:
    """What is said of texts. All vectors are one: by words alone can they be told apart."""
    known = [Example(post(f"e{n}", f"{text} {n}"), BEES, Kind.LIKE, worth) for n, (text, worth) in enumerate(texts)]
    return fit(known, passed_over).opinions([Post(BEES, text) for text in asked])


@pytest.mark.parametrize("likes", [3, 6, 40])
def test_with_nothing_around_words_are_learnt_from_the_examples_themselves(likes: int) -> None:
    more, less, other = told([LIKED] * likes + [DISLIKED] * 3, "hives and honey", "football again", "rain")
    assert more.likes - other.likes > 0.1 and other.likes - less.likes > 0.05
    more, other = told([LIKED] * likes, "hives and honey", "rain")
    assert more.likes - other.likes > 0.1


def test_with_nothing_around_more_likes_never_lower_what_is_like_them() -> None:
    found = [told([LIKED] * count, "honey from hives")[0].likes for count in (3, 6, 12, 24, 48, 96)]
    assert all(later >= earlier - 0.001 for earlier, later in pairwise(found))


def test_with_nothing_around_nothing_is_made_of_language_or_form() -> None:
    known = [Example(replace(post(f"e{n}", "honey"), language="de"), BEES, Kind.LIKE, 1.0) for n in range(9)]
    assert fit(known).leanings() == {}


def test_vectors_alone_are_held_against_vectors_alone() -> None:
    known = [Example(post(f"e{n}", "honey"), BEES, Kind.LIKE, 1.0) for n in range(9)]
    honey, rain = fit(known, np.eye(8, dtype=np.float32)).opinions([Post(BEES, "honey"), Post(BEES, "rain")])
    assert honey == rain
