"""What we believe the owner wants: computed from reactions, each time anew. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from memory.records import Item, Kind, Reaction
from memory.store.notes import SOURCE

Array = NDArray[np.float32]

WORTH: Mapping[Kind, float] = {
    Kind.LIKE: 1.0,
    Kind.BOOST: 1.0,
    Kind.BOOKMARK: 1.0,
    Kind.REPLY: 0.5,
    Kind.AUTHORED: 0.5,
    Kind.MORE: 3.0,
    Kind.SAVE: 2.0,
    Kind.TELL: 1.0,
    Kind.SEEN: 0.0,
    Kind.LESS: -3.0,
    Kind.MUTE: -3.0,
}
"""How much each reaction tells: feedback on an entry is said to Magpie, a like is not."""

LIKES = frozenset({Kind.LIKE, Kind.BOOST, Kind.BOOKMARK, Kind.MORE, Kind.SAVE})
FEEDBACK = frozenset({Kind.MORE, Kind.LESS, Kind.SAVE, Kind.MUTE})
HALF_LIFE_DAYS = 180.0
FEWEST_LIKES = 3
NEAREST = 5
NEAR_WEIGHT = 0.5
RELATED = 0.2
"""Cosine from which feedback on one post begins to count for another."""

ALIKE = 0.45
"""Cosine from which two posts are called alike in a reason."""


@dataclass(frozen=True)
class Example:
    """An item that the owner reacted to, with its vector and what that reaction is worth now."""

    item: Item
    vector: Array
    kind: Kind
    worth: float


@dataclass(frozen=True)
class Taste:
    """A fitted taste. Without examples it expects nothing of anything: every probability is one half.

    Two views are summed as log odds: a linear one of all that was liked, and how near the nearest likes are. Both are
    taken against what was passed over, so that the average post has even odds however much or little is liked.
    """

    examples: tuple[Example, ...] = ()
    weights: Array | None = None
    intercept: float = 0.0
    nearness: tuple[float, float] = (0.0, 1.0)  # mean and deviation of nearness over what was passed over
    authors: Mapping[str, float] = field(default_factory=dict)  # Account.uri → affinity in (-1, 1)

    def likes(self, vector: Array) -> float:
        """Probability in (0, 1) that the owner likes a text with this vector, as far as its words tell."""
        if self.weights is None:
            return 0.5
        mean, deviation = self.nearness
        near = (_nearness(vector[None, :], self._liked)[0] - mean) / deviation
        return float(1 / (1 + np.exp(-(vector @ self.weights + self.intercept + NEAR_WEIGHT * near))))

    def feedback(self, vector: Array) -> float:
        """In [-1, 1]: what the owner said to Magpie about texts like this one; the nearer, the more it counts."""
        told, signs = self._told
        pull = signs @ np.maximum(0.0, (told @ vector - RELATED) / 0.4) if len(signs) else 0.0
        return max(-1.0, min(float(pull), 1.0))

    def alike(self, vector: Array) -> list[Example]:
        """Liked posts that are like this one, nearest first; own posts and answers are not among them."""
        likes, rows = self._likes
        if not likes:
            return []
        cosines = rows @ vector
        near = np.flatnonzero(cosines >= ALIKE)
        return [likes[place] for place in near[np.argsort(-cosines[near], kind="stable")]]

    @cached_property
    def _told(self) -> tuple[Array, Array]:
        told = [e for e in self.examples if e.kind in FEEDBACK]
        return _rows(told), np.array([np.sign(e.worth) for e in told], np.float32)

    @cached_property
    def _likes(self) -> tuple[list[Example], Array]:
        likes = [e for e in self.examples if e.kind in LIKES]
        return likes, _rows(likes)

    @cached_property
    def _liked(self) -> Array:
        return _rows([e for e in self.examples if e.worth > 0])

    def author(self, account: str) -> float:
        """Affinity in (-1, 1) to an account: how often what it writes was liked or disliked."""
        return self.authors.get(account, 0.0)


def examples(
    reactions: Sequence[Reaction], items: Mapping[str, Item], vectors: Mapping[int, Array], now: datetime
) -> tuple[Example, ...]:
    """One example an item: feedback outranks all else, and of feedback the latest word counts.

    A note is none: whoever writes "no more football" has not liked football.
    """
    chosen: dict[str, Reaction] = {}
    for reaction in reactions:  # oldest first
        old = chosen.get(reaction.item)
        told, said_before = reaction.kind in FEEDBACK, old is not None and old.kind in FEEDBACK
        if old is None or told or (not said_before and WORTH[reaction.kind] > WORTH[old.kind]):
            chosen[reaction.item] = reaction
    most: dict[str, float] = defaultdict(float)  # said twice in one direction, the stronger word weighs
    for reaction in reactions:
        most[reaction.item] = max(most[reaction.item], abs(WORTH[reaction.kind]))
    found = []
    for uri, reaction in chosen.items():
        item = items.get(uri)
        if item is not None and item.id in vectors and WORTH[reaction.kind] and item.source != SOURCE:
            age = max((now - reaction.at).total_seconds() / 86400, 0.0)
            worth = float(np.sign(WORTH[reaction.kind])) * most[uri] * 0.5 ** (age / HALF_LIFE_DAYS)
            found.append(Example(item, vectors[item.id], reaction.kind, worth))
    return tuple(found)


def fit(known: Sequence[Example], passed_over: Array | None = None) -> Taste:
    """Fit a logistic regression on vectors of what was liked against what was disliked or passed over.

    ``passed_over`` (n, dim) are texts that were there and drew no reaction; together they weigh as much as the likes.
    """
    authors = _authors(known)
    liked = [e for e in known if e.worth > 0]
    if len(liked) < FEWEST_LIKES:
        return Taste(tuple(known), authors=authors)
    from sklearn.linear_model import LogisticRegression

    background = passed_over if passed_over is not None else np.zeros((0, liked[0].vector.shape[0]), np.float32)
    texts = np.concatenate([np.stack([e.vector for e in known]), background])
    labels = np.array([e.worth > 0 for e in known] + [False] * len(background))
    if labels.all():  # nothing was ever passed over: the middle of all texts stands for the rest
        texts, labels = np.concatenate([texts, -texts.mean(0, keepdims=True)]), np.append(labels, False)
    weights = np.ones(len(texts))
    weights[: len(known)] = [abs(e.worth) for e in known]
    if len(background):
        weights[len(known) :] = sum(e.worth for e in liked) / len(background)
    model = LogisticRegression(C=0.5, max_iter=500).fit(texts, labels, sample_weight=weights)
    near = _nearness(background, _rows(liked)) if len(background) > 1 else np.array([0.0, 2.0])
    spread = (float(near.mean()), float(near.std()) or 1.0)
    linear = model.coef_[0].astype(np.float32)
    average = -float((background @ linear).mean()) if len(background) else float(model.intercept_[0])
    return Taste(tuple(known), linear, average, spread, authors)


def _rows(some: Sequence[Example]) -> Array:
    return np.stack([e.vector for e in some]) if some else np.zeros((0, 0), np.float32)


def _nearness(texts: Array, liked: Array) -> Array:
    """Mean cosine (n,) of each text to the few nearest likes."""
    cosines, fewest = texts @ liked.T, max(len(liked) - NEAREST, 0)
    return np.asarray(np.partition(cosines, fewest, axis=1)[:, fewest:].mean(axis=1), np.float32)


def _authors(known: Sequence[Example]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for e in known:
        if e.kind is not Kind.AUTHORED:
            sums[e.item.author] += e.worth
    return {account: total / (3 + abs(total)) for account, total in sums.items()}
