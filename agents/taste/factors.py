"""What an opinion of the taste counts for in the ranking, as named factors with words for whoever asks why. Pure."""

from __future__ import annotations

import math

from agents.numbers import counted
from agents.taste.taste import Opinion
from memory.records import Factor

FEEDBACK_POINTS = 2.0
HOPED = 2.0  # errors of the log odds above what is judged: hardly anything is liked more than that
_MOST, _STEEP = 6.0, 2.6
_TELLING = 0.1  # log odds


def taste_points(likes: float) -> float:
    """Points in (-6, 6) for how a post is liked, in (0, 1): its log odds, weighed, the less the further out."""
    bounded = min(max(likes, 1e-9), 1 - 1e-9)
    return _MOST * math.tanh(_STEEP / _MOST * math.log(bounded / (1 - bounded)))


def liked(said: Opinion) -> Factor:
    """The chance of a like; its points tell how far that is from the average post's."""
    telling = sorted((part for part in said.parts if abs(part[1]) >= _TELLING), key=lambda part: -abs(part[1]))[:3]
    beside = "".join(f"; {kind} {value} {odds:+.1f}" for (kind, value), odds in telling)
    return Factor("taste", said.chance, taste_points(said.likes), f"chance that you like it, by what you liked{beside}")


def unsure(said: Opinion) -> Factor:
    """No points: what exploring may win. How much more it would have if it were liked as well as may be."""
    hoped = 1 / (1 + (1 / said.likes - 1) * math.exp(-HOPED * said.unsure))
    return Factor("unsure", taste_points(hoped) - taste_points(said.likes), 0.0, "points more, if taste is mistaken")


def told(said: Opinion) -> Factor:
    """What the owner's emoji say of posts like it."""
    return Factor(
        "feedback", said.feedback, FEEDBACK_POINTS * said.feedback, "your emoji on posts like it" * bool(said.feedback)
    )


def alike(said: Opinion) -> Factor:
    """No points: what it tells is in the taste. It says whether a story is new ground."""
    words = f"you liked {counted(said.alike, 'post')} like it" if said.alike else ""
    return Factor("alike", said.alike, 0.0, words)
