"""Posts as rows of numbers: words and runs of letters, weighed by how rare they are, beside the vectors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from agents.taste.letters import counted
from agents.taste.posts import Post, rows

Array = NDArray[np.float32]

RAREST = 2
"""In so many posts a word must stand to be looked at."""

COMMONEST = (0.1, 0.3)
"""Shares of posts from which on a word, or a run of letters, says nothing."""

ANY = (1.0, 1.0)
"""The same where nobody knows what others write: what stands in all that was liked says most."""

WEIGHTS = (1.4, 1.0)  # of words and of runs of letters, beside 1 of the vector; chosen on development data

MOST_COUNTED = 600  # a text that is looked at is no longer than that
_LOUDER = np.concatenate([[0], 1 + np.log(np.arange(1, MOST_COUNTED + 1))]).astype(np.float32)


@dataclass(frozen=True)
class Rows:
    """n posts: ``signs`` (n, d) sparse, and ``vectors`` (n, dim)."""

    signs: csr_matrix
    vectors: Array

    def dot(self, weights: Array) -> Array:
        """Products (n, k) with weights (d + dim, k)."""
        width = self.signs.shape[1]
        return np.asarray(self.signs @ weights[:width] + self.vectors @ weights[width:], np.float32)


@dataclass(frozen=True)
class Lens:
    """How rare each sign is, learnt from the posts at hand: tf-idf with logarithmic counts, rows of unit length."""

    rarity: tuple[Array, Array]  # of words, and of runs of letters, that are looked at
    kept: tuple[NDArray[np.intp], NDArray[np.intp]]

    @classmethod
    def learnt(cls, posts: Sequence[Post], most: tuple[float, float] = COMMONEST) -> tuple[Lens, Rows]:
        """The lens of these posts, and the posts seen through it."""
        views = counted([post.words for post in posts])
        rarity, kept = [], []
        for view, commonest in zip(views, most, strict=True):
            shown = np.bincount(view.indices, minlength=view.shape[1])
            telling = np.flatnonzero((shown >= RAREST) & (shown <= max(commonest * len(posts), 20)))
            rarity.append((np.log((1 + len(posts)) / (1 + shown[telling])) + 1).astype(np.float32))
            kept.append(telling)
        lens = cls((rarity[0], rarity[1]), (kept[0], kept[1]))
        return lens, lens._rows(views, posts)

    def through(self, posts: Sequence[Post]) -> Rows:
        """Other posts, seen through the same lens."""
        return self._rows(counted([post.words for post in posts]), posts)

    def _rows(self, views: tuple[csr_matrix, csr_matrix], posts: Sequence[Post]) -> Rows:
        seen = [_weighed(*each) for each in zip(views, self.rarity, self.kept, WEIGHTS, strict=True)]
        return Rows(hstack(seen, format="csr"), rows(posts))


def _weighed(view: csr_matrix, rarity: Array, kept: NDArray[np.intp], length: float) -> csr_matrix:
    """Counts as tf-idf, each row of one length, with the columns that are looked at."""
    places = np.full(view.shape[1], -1, np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    columns = places[view.indices]
    told = columns >= 0
    ends = np.concatenate([[0], np.cumsum(told)])[view.indptr]
    columns = columns[told]
    values = _LOUDER[np.minimum(view.data[told], MOST_COUNTED).astype(np.intp)] * rarity[columns]
    owner = np.repeat(np.arange(view.shape[0]), np.diff(ends))
    lengths = np.sqrt(np.bincount(owner, values**2, view.shape[0]))
    values = (length * values / lengths[owner]).astype(np.float32)
    return csr_matrix((values, columns, ends), shape=(view.shape[0], len(kept)))
