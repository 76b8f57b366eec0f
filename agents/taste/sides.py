"""What is known of posts beside their words, as log odds a value: sharers, sites, tags, language, form, time. Pure.

A value's log odds are log((liked + m) / (expected + m)): ``liked`` is the weight of likes that have it, ``expected``
what it would be if they had it as often as what was passed over; m shrinks what was seldom seen towards nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from agents.taste.posts import AUTHOR, Post, Side

Array = NDArray[np.float32]

Parts = tuple[tuple[Side, float], ...]
"""Values, and the log odds that each of them gives."""

SHRINK = 10.0
MOST = 3.0  # log odds that all kinds together may give or take, before they are put to scale


@dataclass(frozen=True)
class Sides:
    """Log odds of every value that was met."""

    leanings: Mapping[Side, float] = field(default_factory=dict)

    @classmethod
    def learnt(cls, posts: Sequence[Post], worths: Array) -> tuple[Sides, Array]:
        """What posts of these worths tell (0: passed over), and what each of them is given by all the others (n,)."""
        places: dict[Side, int] = {}
        for post in posts:
            for side in post.sides:
                places.setdefault(side, len(places))
        if not places:
            return cls(), np.zeros(len(posts), np.float32)
        table = _table(posts, places)
        has = csr_matrix((np.ones_like(table.data), table.indices, table.indptr), table.shape)
        good, passed = np.maximum(worths, 0), worths == 0
        bad = np.maximum(-worths, 0) + passed * good.sum() / max(passed.sum(), 1)
        liked, expected = has.T @ good, has.T @ bad
        owner = np.repeat(np.arange(len(posts)), np.diff(table.indptr))
        without = _odds(liked[table.indices] - good[owner], expected[table.indices] - bad[owner])
        given = np.bincount(owner, without * table.data, len(posts))
        odds = _odds(liked, expected)
        leanings = {side: float(odds[k]) for side, k in places.items() if abs(odds[k]) > 1e-6}
        return cls(leanings), _bounded(given)

    def parts(self, post: Post) -> Parts:
        """What each value of a post gives; several of a kind share one place. The author is a matter of its own."""
        told = [side for side in post.sides if side[0] != AUTHOR]
        many = Counter(kind for kind, _ in told)
        return tuple((s, self.leanings[s] / many[s[0]]) for s in told if s in self.leanings)


def given(parts: Sequence[Parts]) -> Array:
    """The log odds (n,) that posts get for what is known beside their words."""
    return _bounded(np.array([sum(odds for _, odds in some) for some in parts], float))


def _odds(liked: Array, expected: Array) -> Array:
    return np.asarray(np.log((np.maximum(liked, 0) + SHRINK) / (np.maximum(expected, 0) + SHRINK)), np.float32)


def _bounded(sums: NDArray[Any]) -> Array:
    return np.asarray(np.clip(sums, -MOST, MOST), np.float32)


def _table(posts: Sequence[Post], places: Mapping[Side, int]) -> csr_matrix:
    """Which post has which values, each with its part of its kind's one place; nothing for the author."""
    columns, parts, ends = [], [], [0]
    for post in posts:
        kinds: dict[str, int] = {}
        for kind, _ in post.sides:
            kinds[kind] = kinds.get(kind, 0) + 1
        for side in post.sides:
            columns.append(places[side])
            parts.append(0.0 if side[0] == AUTHOR else 1 / kinds[side[0]])
        ends.append(len(columns))
    return csr_matrix((np.array(parts, np.float32), columns, ends), shape=(len(posts), len(places)))
