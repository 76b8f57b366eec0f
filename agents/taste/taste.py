"""What we believe the owner wants: computed from reactions, each time anew. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agents.taste.examples import FEEDBACK, LIKES, Example
from agents.taste.model import Lesson, Model, learnt
from agents.taste.posts import Post, Side, rows
from memory.records import Kind

Array = NDArray[np.float32]

FEWEST_LIKES = 3
MOST_EXAMPLES = 4000
"""So many reactions are learnt from: those that count most."""

RELATED = 0.2
"""Cosine from which feedback on one post begins to count for another."""

ALIKE = 0.45
"""Cosine from which two posts are called alike in a reason."""

IGNORED = 0.2
"""What an entry that was told in vain weighs against its like."""

UNKNOWN = 1.0
"""The error of the log odds where nothing is known."""

_BATCH = 1000


@dataclass(frozen=True)
class Opinion:
    """What the taste says of a post.

    ``likes``: in (0, 1), by log odds against the average post, which has ½; ``chance``: that the owner likes it;
    ``unsure``: the error of the log odds; ``feedback``: in [-1, 1]; ``alike``: liked posts like it; ``parts``: what is
    known of it beside its words, with log odds.
    """

    likes: float = 0.5
    chance: float = 0.5
    unsure: float = UNKNOWN
    feedback: float = 0.0
    alike: int = 0
    parts: tuple[tuple[Side, float], ...] = ()


@dataclass(frozen=True)
class Taste:
    """A fitted taste. Without enough likes it expects nothing of anything: every probability is one half."""

    examples: tuple[Example, ...] = ()
    model: Model | None = None
    authors: Mapping[str, float] = field(default_factory=dict)  # Account.uri → affinity in (-1, 1)

    def opinions(self, posts: Sequence[Post]) -> list[Opinion]:
        """What it says of many posts, in their order: far quicker than one by one."""
        found: list[Opinion] = []
        for start in range(0, len(posts), _BATCH):
            found += self._opinions(posts[start : start + _BATCH])
        return found

    def _opinions(self, posts: Sequence[Post]) -> list[Opinion]:
        vectors = rows(posts)
        told, alike = self._feedback(vectors), self._alike(vectors)
        if self.model is None:
            return [Opinion(feedback=float(f), alike=int(a)) for f, a in zip(told, alike, strict=True)]
        odds, chances, unsure, parts = self.model.judged(posts)
        likes = 1 / (1 + np.exp(-odds.astype(float)))
        each = zip(likes.tolist(), chances.tolist(), unsure.tolist(), told.tolist(), alike.tolist(), parts, strict=True)
        return [Opinion(*one) for one in each]

    def likes(self, vector: Array) -> float:
        """In (0, 1): how a text with this vector is liked, as far as that tells; the average one has one half."""
        return self.opinions([Post(vector)])[0].likes

    def feedback(self, vector: Array) -> float:
        """In [-1, 1]: what the owner said to Magpie about texts like this one; the nearer, the more it counts."""
        return float(self._feedback(vector[None, :])[0])

    def author(self, account: str) -> float:
        """Affinity in (-1, 1) to an account: how often what it writes was liked or disliked."""
        return self.authors.get(account, 0.0)

    def leanings(self) -> Mapping[Side, float]:
        """What is believed of sites, tags, languages and the like."""
        return self.model.sides.leanings if self.model else {}

    def _feedback(self, vectors: Array) -> Array:
        told, signs = self._told
        if not len(signs):
            return np.zeros(len(vectors), np.float32)
        pull = np.maximum(0.0, (vectors @ told.T - RELATED) / 0.4) @ signs
        return np.asarray(np.clip(pull, -1.0, 1.0), np.float32)

    def _alike(self, vectors: Array) -> NDArray[np.intp]:
        liked = self._liked
        return np.count_nonzero(vectors @ liked.T >= ALIKE, axis=1) if len(liked) else np.zeros(len(vectors), np.intp)

    @cached_property
    def _told(self) -> tuple[Array, Array]:
        told = [e for e in self.examples if e.kind in FEEDBACK]
        return _vectors(told), np.array([np.sign(e.worth) for e in told], np.float32)

    @cached_property
    def _liked(self) -> Array:
        return _vectors(_strongest([e for e in self.examples if e.kind in LIKES]))


def fit(
    known: Sequence[Example],
    passed_over: Array | Sequence[Post] | None = None,
    ignored: Sequence[Post] = (),
    rate: float | None = None,
) -> Taste:
    """Learn what was liked against what was disliked or passed over.

    ``passed_over`` are posts that were there and drew no reaction, or (n, dim) their vectors alone: then nobody's words
    are looked at. Where there are none, words are learnt from the examples themselves; what is known beside them is
    not, for nobody knows how many others are in that language, or that short. ``ignored``: told by Magpie, and in vain.
    ``rate``: the share of posts that are liked, if known.
    """
    authors = _authors(known)
    if sum(e.worth > 0 for e in known) < FEWEST_LIKES:
        return Taste(tuple(known), authors=authors)
    around = [post if isinstance(post, Post) else Post(post) for post in (() if passed_over is None else passed_over)]
    looked_at = _looked_at(around)
    learnt_from = sorted(_strongest(known), key=lambda e: e.item.uri)  # whichever counts most: sums round alike
    lessons = [Lesson(looked_at(e.post), e.worth, e.item.uri) for e in learnt_from]
    lessons += [Lesson(looked_at(post), -IGNORED) for post in ignored]
    lessons += [Lesson(post, 0.0, f"{place}") for place, post in enumerate(around or [_opposite(lessons)])]
    return Taste(tuple(known), learnt(lessons, rate, alone=not around), authors)


def _looked_at(around: Sequence[Post]) -> Callable[[Post], Post]:
    """What of a post that was reacted to can be held against those around."""
    if not around:
        return lambda post: Post(post.vector, post.words)
    if any(post.words or post.sides for post in around):
        return lambda post: post
    return lambda post: Post(post.vector)


def _opposite(lessons: Sequence[Lesson]) -> Post:
    """Where nothing was ever passed over: the middle of all texts, turned round, stands for the rest."""
    middle = rows([lesson.post for lesson in lessons]).mean(0)
    return Post(np.asarray(-middle, np.float32))


def _strongest(some: Sequence[Example]) -> list[Example]:
    return sorted(some, key=lambda e: (-abs(e.worth), e.item.uri))[:MOST_EXAMPLES]


def _vectors(some: Sequence[Example]) -> Array:
    return rows([Post(e.vector) for e in some])


def _authors(known: Sequence[Example]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for e in known:
        if e.kind is not Kind.AUTHORED:
            sums[e.item.author] += e.worth
    return {account: total / (3 + abs(total)) for account, total in sums.items()}
