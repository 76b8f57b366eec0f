"""A fitted judge of posts: a regression on words, runs of letters and vectors, side information, and a scale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from agents.taste.calibration import Scale, scaled
from agents.taste.linear import regress
from agents.taste.posts import Post
from agents.taste.sides import Parts, Sides, given
from agents.taste.views import ANY, COMMONEST, Lens

Array = NDArray[np.float32]

CAUTIOUS, BOLD = (10.0, 1.0), (30.0, 3.0)
"""How much a like weighs against the bound on the coefficients, and all that was passed over against all likes.

The cautious judge puts all posts in order. The bold one, which trusts single words more, is heard where it thinks a
like more likely than not: among the first. Chosen on development data.
"""

EVEN = 20
"""So many posts, as likely as not, stand beside those that were passed over: of a few the average is an accident."""

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
    """Judges posts. ``weights`` (d, 2 · (1 + PARTS)): by all lessons, and by all but those of one part; then boldly."""

    lens: Lens
    weights: Array
    shifts: Array
    sides: Sides
    scale: Scale
    middle: float  # log odds of the average post that was passed over

    def judged(self, posts: Sequence[Post]) -> tuple[Array, Array, Array, list[Parts]]:
        """Of each post (n,): log odds against the average post, the chance of a like, the error of the log odds.

        And, as log odds, what each value known beside its words gives.

        The error is that of the jackknife: how far the judgements are apart that leave out a part of the lessons.
        """
        scores = heard(self.lens.through(posts).dot(self.weights) + self.shifts)
        parts = [self.sides.parts(post) for post in posts]
        odds = self.scale.odds(np.stack([scores[:, 0], given(parts)], 1))
        apart = self.scale.slopes[0] * scores[:, 1:].std(1) * np.sqrt(PARTS - 1)
        against = np.clip(odds - self.middle, -FURTHEST, FURTHEST)
        told = [tuple((side, self.scale.slopes[1] * value) for side, value in some) for some in parts]
        return against, self.scale.chances(odds), np.asarray(apart, np.float32), told


def learnt(lessons: Sequence[Lesson], rate: float | None = None, alone: bool = False) -> Model:
    """The judge that these lessons make; some are liked, some passed over.

    ``rate``: the share of posts that are liked; else as among the lessons. ``alone``: of what others write nothing is
    known, so that no word is too common, and no scale can be found but the expected one.
    """
    posts, worths = [lesson.post for lesson in lessons], np.array([lesson.worth for lesson in lessons], np.float32)
    parts = _dealt(lessons, worths > 0)
    lens, seen = Lens.learnt(posts, ANY if alone else COMMONEST)
    sides, beside = Sides.learnt(posts, worths)
    among = np.stack([np.ones(len(posts), bool), *(parts != part for part in range(PARTS))], 1)
    weighed = np.hstack([_balanced(worths, among, *judge) for judge in (CAUTIOUS, BOLD)])
    weights, shifts, scores = regress(seen, np.where(worths > 0, 1, -1), weighed)
    unseen = np.stack([heard(scores)[np.arange(len(posts)), 1 + parts], beside], 1)
    plain = (worths >= 0) & (not alone)
    scale = scaled(unseen[plain], worths[plain], float((worths > 0).mean()) if rate is None else rate)
    passed = scale.odds(unseen[worths == 0])
    middle = float(passed.sum() / (len(passed) + EVEN))
    return Model(lens, weights, shifts, sides, scale, middle)


def heard(scores: Array) -> Array:
    """Log odds (n, k) of two judges (n, 2 · k): the cautious one's, and the bold one's where it is for a post."""
    cautious, bold = np.hsplit(scores, 2)
    return np.asarray(cautious + np.maximum(bold, 0), np.float32)


def _balanced(worths: Array, among: NDArray[np.bool_], like: float, others: float) -> Array:
    """Weights (n, k) of the lessons chosen in ``among`` (n, k). What one like weighs does not depend on the others."""
    felt = like * np.abs(worths)[:, None] * among
    likes, passed = felt[worths > 0].sum(0), (worths == 0)[:, None] * among
    return np.asarray(felt + passed * others * likes / np.maximum(passed.sum(0), 1), np.float32)


def _dealt(lessons: Sequence[Lesson], liked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The part of each lesson, by its name alone, so that as many liked ones are in each."""
    marks = np.array([crc32(lesson.name.encode()) for lesson in lessons], np.int64)
    parts = np.zeros(len(lessons), np.intp)
    for mine in (np.flatnonzero(liked), np.flatnonzero(~liked)):
        parts[mine[np.argsort(marks[mine], kind="stable")]] = np.arange(len(mine)) % PARTS
    return parts
