"""A fitted judge of posts: a regression on words, runs of letters and vectors, side information, and a scale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from agents.taste.calibration import Scale, scaled
from agents.taste.linear import regress
from agents.taste.posts import Post, Side
from agents.taste.sides import Sides
from agents.taste.views import Lens

Array = NDArray[np.float32]

PER_LIKE = 10.0
"""How much a like weighs against the bound on the coefficients; chosen on development data."""

FURTHEST = 20.0  # log odds; further out all is the same

PARTS = 3
"""Into so many parts posts are dealt: each is judged by the others when the scale is found."""


@dataclass(frozen=True)
class Lesson:
    """A post to learn from: liked (worth > 0), disliked (< 0) or passed over (0). ``name`` deals it into a part."""

    post: Post
    worth: float
    name: str = ""


@dataclass(frozen=True)
class Model:
    """Judges posts. ``weights`` (d, 1 + PARTS): by all lessons, and by all but those of one part."""

    lens: Lens
    weights: Array
    shifts: Array
    sides: Sides
    scale: Scale
    middle: float  # log odds of the average post that was passed over

    def judged(self, posts: Sequence[Post]) -> tuple[Array, Array, Array]:
        """Of each post (n,): log odds against the average post, the chance of a like, and the error of the log odds.

        The error is that of the jackknife: how far the judgements are apart that leave out a part of the lessons.
        """
        if not posts:
            return (np.zeros(0, np.float32),) * 3
        scores = self.lens.through(posts).dot(self.weights) + self.shifts
        odds = self.scale.odds(np.stack([scores[:, 0], self.sides.given(posts)], 1))
        apart = self.scale.slopes[0] * scores[:, 1:].std(1) * np.sqrt(PARTS - 1)
        return np.clip(odds - self.middle, -FURTHEST, FURTHEST), self.scale.chances(odds), np.asarray(apart, np.float32)

    def beside(self, post: Post) -> tuple[tuple[Side, float], ...]:
        """What each value known beside a post's words gives, as log odds."""
        return tuple((side, self.scale.slopes[1] * odds) for side, odds in self.sides.parts(post))


def learnt(lessons: Sequence[Lesson], rate: float | None = None) -> Model:
    """The judge that these lessons make; some are liked, some passed over.

    ``rate``: the share of posts that are liked; else as among the lessons.
    """
    posts, worths = [lesson.post for lesson in lessons], np.array([lesson.worth for lesson in lessons], np.float32)
    parts = _dealt(lessons, worths > 0)
    lens, seen = Lens.learnt(posts)
    sides, beside = Sides.learnt(posts, worths)
    among = np.stack([np.ones(len(posts), bool), *(parts != part for part in range(PARTS))], 1)
    weights, shifts = regress(seen, np.where(worths > 0, 1, -1), _balanced(worths, among))
    scores = seen.dot(weights) + shifts
    unseen = np.stack([scores[np.arange(len(posts)), 1 + parts], beside], 1)
    plain = worths >= 0
    scale = scaled(unseen[plain], worths[plain], float((worths > 0).mean()) if rate is None else rate)
    middle = float(scale.odds(unseen[worths == 0]).mean())
    return Model(lens, weights, shifts, sides, scale, middle)


def _balanced(worths: Array, among: NDArray[np.bool_]) -> Array:
    """Weights (n, k) of the lessons chosen in ``among`` (n, k): what was passed over weighs as much as the likes.

    What one like weighs does not depend on the others.
    """
    felt = PER_LIKE * np.abs(worths)[:, None] * among
    likes, passed = felt[worths > 0].sum(0), (worths == 0)[:, None] * among
    return np.asarray(felt + passed * likes / np.maximum(passed.sum(0), 1), np.float32)


def _dealt(lessons: Sequence[Lesson], liked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The part of each lesson, by its name alone, so that as many liked ones are in each."""
    marks = np.array([crc32(lesson.name.encode()) for lesson in lessons], np.int64)
    parts = np.zeros(len(lessons), np.intp)
    for mine in (np.flatnonzero(liked), np.flatnonzero(~liked)):
        parts[mine[np.argsort(marks[mine], kind="stable")]] = np.arange(len(mine)) % PARTS
    return parts
