"""How well each candidate answers a query. Pure.

A passage is scored by what it says itself and by what stands around it: in a conversation, one turn holds the words
of the question, another the answer. The weights were chosen by cross-validation: see docs/measurements.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from memory.full_text import Term

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. A clue of weight 0 is off."""

    k1: float = 0.9  # BM25: how soon more of the same word adds nothing
    b: float = 0.4  # BM25: how much long passages are held against them; the usual 0.75 is for long documents
    meaning: float = 0.6  # nearness of the vectors, beside words
    direct: float = 0.2  # the same once more, of the passage alone, without what stands around it
    before: float = 0.4  # what was said right before
    after: float = 0.25  # what was said right after
    half: float = 2.0  # after so many turns a neighbour counts half as much
    reach: int = 8
    topic: float = 0.2  # the same in a wider sense
    topic_half: float = 8.0
    topic_reach: int = 30
    cover: float = 0.25  # how many of the query's words are within near turns
    cover_reach: int = 4
    named: float = 0.25  # said by somebody whom the query names
    dated: float = 0.2  # "when" is answered where a time is told
    long: float = 0.5  # very short passages say little
    long_enough: int = 20  # words
    alone: float = 0.3  # where there is no neighbour, a passage counts for it with so much of itself


WEIGHTS: Final = Weights()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of n candidates, in an order in which neighbours stand beside each other."""

    counts: Floats  # (terms, n): how often each term of the query is in each
    idf: Floats  # (terms,)
    lengths: Floats  # (n,) in words
    near: Floats  # (n,) cosine with the query
    run: Numbers  # (n,) the same number: one follows the other
    named: Floats  # (n,) 1: by somebody whom the query names
    dated: Floats  # (n,) 1: it tells a time, and the query asks for one
    brief: Floats | None = None  # (n,) 1: meant to be short, as a note is; that is not held against it


def scores(given: Evidence, weights: Weights = WEIGHTS) -> Floats:
    """(n,) scores, the higher the better."""
    w, run = weights, given.run
    if not len(run):
        return np.zeros(0)
    near = _relative(np.maximum(given.near, 0))
    own = _relative(bm25(given, w)) + w.meaning * near
    total = _relative(_spread(own, run, _fading(w.before, w.half, w.reach), _fading(w.after, w.half, w.reach), w.alone))
    if w.topic:
        wide = _fading(1, w.topic_half, w.topic_reach)
        total += w.topic * _relative(_spread(own, run, wide, wide, w.alone))
    if w.cover:
        total += w.cover * covered(given, w)
    lengths = given.lengths if given.brief is None else np.where(given.brief > 0, w.long_enough, given.lengths)
    long = np.log(np.minimum(1, lengths / w.long_enough) + 0.05) / 3
    clues = w.direct * near + w.named * given.named + w.dated * given.dated + w.long * long
    combined: Floats = total + clues
    return combined


def bm25(given: Evidence, w: Weights) -> Floats:
    """(n,) Okapi BM25 (Robertson and Zaragoza, 2009)."""
    if not len(given.idf):
        return np.zeros(len(given.run))
    lengths = given.lengths / max(float(given.lengths.mean()), 1e-9)
    saturated = given.counts * (w.k1 + 1) / (given.counts + w.k1 * (1 - w.b + w.b * lengths))
    summed: Floats = given.idf @ saturated
    return summed


def covered(given: Evidence, w: Weights) -> Floats:
    """(n,) in [0, 1]: the share of the query's words, by their weight, that is said within near turns."""
    weight = float(given.idf.sum())
    if not weight:
        return np.zeros(len(given.run))
    anywhere = [1.0] * w.cover_reach
    near = np.stack([_spread((row > 0).astype(float), given.run, anywhere, anywhere) for row in given.counts])
    share: Floats = given.idf @ np.minimum(1, near) / weight
    return share


def inverse_frequency(found: Sequence[int], of: int) -> Floats:
    """(terms,) how much a term tells, by in how many of all passages it is."""
    n = np.asarray(found, float)
    rare: Floats = np.where(n > 0, np.log(1 + (of - np.minimum(n, of) + 0.5) / (n + 0.5)), 0.0)
    return rare


def counted(wanted: Sequence[Term], texts: Sequence[str]) -> tuple[Floats, Floats]:
    """How often each term is in each prepared text (terms, n), and how long these are (n,)."""
    split = [text.split() for text in texts]
    counts = np.zeros((len(wanted), len(texts)))
    single = [(row, term.forms) for row, term in enumerate(wanted) if not _is_long(term)]
    for place, words in enumerate(split):
        said = Counter(words)
        for row, forms in single:
            counts[row, place] = sum(said[form] for form in forms)
    for row, term in enumerate(wanted):
        if _is_long(term):
            counts[row] = [_occurs(term, text) for text in texts]
    return counts, np.array([len(words) for words in split], float)


def _is_long(term: Term) -> bool:
    return term.begins or any(" " in form for form in term.forms)


def _occurs(term: Term, text: str) -> int:
    end = "" if term.begins else " "
    return sum(f" {text} ".count(f" {form}{end}") for form in term.forms)


def _relative(values: Floats) -> Floats:
    """In [0, 1], the highest at 1."""
    highest = float(values.max())
    return values / highest if highest > 0 else values


def _fading(first: float, half: float, reach: int) -> list[float]:
    return [first * 0.5 ** (distance / half) for distance in range(reach)]


def _spread(
    values: Floats, run: Numbers, before: Sequence[float], after: Sequence[float], alone: float = 0.0
) -> Floats:
    """Each value with those of its neighbours; before[0] weighs the one right before it."""
    total = values.copy()
    for shift, weight in enumerate(before, 1):
        total[shift:] += weight * np.where(run[shift:] == run[:-shift], values[:-shift], alone * values[shift:])
    for shift, weight in enumerate(after, 1):
        total[:-shift] += weight * np.where(run[shift:] == run[:-shift], values[shift:], alone * values[:-shift])
    return total
