"""The best passages of a long text: near its middle, near the owner's taste, unlike each other. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.vocabulary import FUNCTION_WORDS
from agents.words import sentences, words

Array = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Array]

LONG = 1_200
"""Characters from which a text is a long one."""

_MOST_PASSAGES = 200
_SHORTEST = 60
_TASTE, _EARLY, _ALIKE = 1.5, 0.08, 1.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A passage and where it stands: text[begin:end]."""

    text: str
    begin: int
    end: int


def clips(
    text: str, count: int = 2, limit: int = 240, embed: Embed | None = None, taste: Array | None = None
) -> list[Clip]:
    """At most ``count`` passages of whole sentences of at most ``limit`` characters, in the order of the text.

    ``embed`` gives unit rows (n, dim), and ``taste`` (dim) draws passages towards it; without a model the words that
    a passage has in common with the others tell how central it is (LexRank, one step: Erkan and Radev 2004).
    """
    found = _passages(text, limit)[:_MOST_PASSAGES]
    if not found:
        return []
    rows = embed([clip.text for clip in found]) if embed else _by_words([clip.text for clip in found])
    likeness = rows @ rows.T
    worth = likeness.mean(axis=1) / (float(likeness.mean(axis=1).max()) or 1.0)
    worth = worth + np.linspace(_EARLY, 0, len(found), dtype=np.float32)
    if embed is not None and taste is not None:
        worth = worth + _TASTE * (rows @ taste)
    chosen: list[int] = []
    while len(chosen) < min(count, len(found)):
        echo = likeness[:, chosen].max(axis=1) if chosen else np.zeros(len(found))
        left = worth - _ALIKE * echo
        left[chosen] = -math.inf
        chosen.append(int(left.argmax()))
    return [found[number] for number in sorted(chosen)]


def _passages(text: str, limit: int) -> list[Clip]:
    """Sentences of a paragraph, put together while they fit; too long or too short ones are left out."""
    found: list[Clip] = []
    for line in re.finditer(r"[^\n]+", text):
        begin = end = line.start()
        for start, stop in sentences(line[0]):
            if end > begin and len(text[begin : line.start() + stop].strip()) > limit:
                found += _clip(text, begin, end, limit)
                begin = line.start() + start
            end = line.start() + stop
        found += _clip(text, begin, end, limit)
    return found


def _clip(text: str, begin: int, end: int, limit: int) -> list[Clip]:
    said = text[begin:end].strip()
    if not _SHORTEST <= len(said) <= limit:
        return []
    start = text.index(said, begin)
    return [Clip(said, start, start + len(said))]


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
