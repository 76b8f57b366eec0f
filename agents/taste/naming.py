"""Words that tell what posts are about: their posts are near to each other, and say them more than others do. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from agents.telling import said
from memory.records import Item

Array = NDArray[np.float32]

FEWEST = 2
"""Posts of a word."""


def sayings(items: Iterable[Item]) -> list[frozenset[str]]:
    """The words of each that tell something."""
    return [frozenset(said([item])) for item in items]


def frequencies(some: Iterable[frozenset[str]]) -> Counter[str]:
    """In how many each word stands."""
    return Counter(chain.from_iterable(some))


def coherent(some: Sequence[frozenset[str]], vectors: Array, enough: float) -> frozenset[str]:
    """Of posts with (n, dim) vectors of unit length, the words whose own posts lie near to each other.

    Those of "bees" do; "minutes" and "years" stand in posts on anything. Near is a mean cosine of ``enough``, or one
    by a standard deviation above that of any two posts.
    """
    places: dict[str, list[int]] = {}
    for place, words in enumerate(some):
        for word in words:
            places.setdefault(word, []).append(place)
    often = {word: where for word, where in places.items() if len(where) >= FEWEST}
    if not often:
        return frozenset()
    usual, apart = _cosines(vectors)
    least = min(usual + apart, enough)
    return frozenset(word for word, where in often.items() if _cosines(vectors[where])[0] >= least)


def _cosines(vectors: Array) -> tuple[float, float]:
    """Mean and standard deviation of the cosines of all pairs, from sums: Σᵢⱼ xᵢ·xⱼ = |Σx|², Σᵢⱼ (xᵢ·xⱼ)² = ‖XᵀX‖²."""
    count = len(vectors)
    pairs, total = count * (count - 1), vectors.sum(0, dtype=np.float64)
    mean = (float(total @ total) - count) / pairs
    gram = vectors @ vectors.T if count < vectors.shape[1] else vectors.T @ vectors
    square = (float(np.square(gram, dtype=np.float64).sum()) - count) / pairs
    return mean, math.sqrt(max(square - mean**2, 0.0))


def distinctive(mine: Mapping[str, int], everywhere: Mapping[str, int], most: int) -> tuple[str, ...]:
    """The words that some posts say more than all do, each in one form: not "hive" and "hives".

    By class-based TF-IDF (Grootendorst 2022, "BERTopic", equation 2): in how many of them it stands, times the log of
    one and all words of theirs over in how many of all posts it stands.
    """
    often = {word: count for word, count in mine.items() if count >= FEWEST}
    total = sum(mine.values())
    telling = {word: count * math.log1p(total / everywhere[word]) for word, count in often.items()}
    found: list[str] = []
    for word in sorted(telling, key=lambda word: (-telling[word], word)):
        if not any(word.startswith(other) or other.startswith(word) for other in found):
            found.append(word)
    return tuple(found[:most])
