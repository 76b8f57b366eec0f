"""The best passages of a long text: near its middle, and unlike each other. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.vocabulary import FUNCTION_WORDS
from agents.words import sentences, words

Array = NDArray[np.float32]

LONG = 1_200
"""Characters from which a text is a long one."""

_MOST_PASSAGES = 200
_SHORTEST = 60
_EARLY, _ALIKE = 0.08, 1.0


def clips(text: str, count: int = 2, limit: int = 240) -> list[str]:
    """At most ``count`` passages of whole sentences of at most ``limit`` characters, in the order of the text.

    The words that a passage has in common with the others tell how central it is (LexRank, one step: Erkan and Radev
    2004).
    """
    found = _passages(text, limit)[:_MOST_PASSAGES]
    if not found:
        return []
    rows = _by_words(found)
    likeness = rows @ rows.T
    worth = likeness.mean(axis=1) / (float(likeness.mean(axis=1).max()) or 1.0)
    worth = worth + np.linspace(_EARLY, 0, len(found), dtype=np.float32)
    chosen: list[int] = []
    while len(chosen) < min(count, len(found)):
        echo = likeness[:, chosen].max(axis=1) if chosen else np.zeros(len(found))
        left = worth - _ALIKE * echo
        left[chosen] = -math.inf
        chosen.append(int(left.argmax()))
    return [found[number] for number in sorted(chosen)]


def _passages(text: str, limit: int) -> list[str]:
    """Sentences of a paragraph, put together while they fit; too long or too short ones are left out."""
    found: list[str] = []
    for line in re.finditer(r"[^\n]+", text):
        begin = end = line.start()
        for start, stop in sentences(line[0]):
            if end > begin and len(text[begin : line.start() + stop].strip()) > limit:
                found += _fitting(text[begin:end], limit)
                begin = line.start() + start
            end = line.start() + stop
        found += _fitting(text[begin:end], limit)
    return found


def _fitting(said: str, limit: int) -> list[str]:
    said = said.strip()
    return [said] if _SHORTEST <= len(said) <= limit else []


def _by_words(passages: Sequence[str]) -> Array:
    """Unit rows (n, words): how often each passage says a word, by how rare it is among the passages."""
    counts = [Counter(w for w in words(passage) if w not in FUNCTION_WORDS) for passage in passages]
    spread = Counter(word for count in counts for word in count)
    column = {word: number for number, word in enumerate(spread)}
    rows = np.zeros((len(passages), max(len(column), 1)), np.float32)
    for row, count in zip(rows, counts, strict=True):
        for word, n in count.items():
            row[column[word]] = n * math.log(1 + len(passages) / spread[word])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Array = rows / np.maximum(lengths, np.float32(1e-9))
    return unit
