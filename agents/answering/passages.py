"""The part of a passage that lies nearest to a question, so that long texts are shown where they answer it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from agents import words as said
from agents.vocabulary import FUNCTION_WORDS
from memory.query import Hit, Passage

LIMIT = 360
"""Most characters of a passage that an answer shows."""

Nearness = Callable[[str, Sequence[str]], Sequence[float]]
"""Question, texts → how near in meaning each is, in [-1, 1]."""


def passage_of(hit: Hit) -> Passage:
    """The passage that was found, or all of the item as one."""
    words = hit.item.searchable
    return hit.passage or Passage(hit.item.uri, 0, 0, len(words), words)


def shortened(hit: Hit, query: str, near: Nearness | None = None, limit: int = LIMIT) -> Hit:
    """The hit with at most ``limit`` characters of its passage: whole sentences around the one nearest to the query.

    What is left stands in the item letter for letter: passage.text is Item.searchable[begin:end].
    """
    passage = passage_of(hit)
    begin, end = stretch(passage.text, query, near, limit)
    text = passage.text[begin:end]
    return replace(hit, passage=replace(passage, begin=passage.begin + begin, end=passage.begin + end, text=text))


def stretch(text: str, query: str, near: Nearness | None = None, limit: int = LIMIT) -> tuple[int, int]:
    """Where the sentences nearest to the query begin and end, ``limit`` characters at most."""
    if len(text) <= limit:
        return 0, len(text)
    spans = said.sentences(text)
    scores = _scores([text[begin:end] for begin, end in spans], query, near)
    first = last = max(range(len(spans)), key=lambda place: (scores[place], -place))
    if spans[first][1] - spans[first][0] > limit:
        return _cut(text, spans[first], query, limit)
    while True:
        sides = [place for place in (first - 1, last + 1) if 0 <= place < len(spans)]
        fitting = [p for p in sides if spans[max(p, last)][1] - spans[min(p, first)][0] <= limit]
        if not fitting:
            return _trimmed(text, spans[first][0], spans[last][1])
        best = max(fitting, key=lambda place: (scores[place], place))
        first, last = min(first, best), max(last, best)


def stems(text: str) -> set[str]:
    """The words that carry the meaning, without their endings; of scripts without spaces, each two neighbours."""
    found = said.words(text)
    plain = {said.without_possessive(word) for word in found if word not in FUNCTION_WORDS and not said.spaceless(word)}
    return {stem(word) for word in plain} | {a + b for a, b in pairwise(found) if said.spaceless(a + b)}


def stem(word: str) -> str:
    """A word cut to where most of its endings begin; short words lose a plural s."""
    if len(word) > 5:
        return word[: max(5, len(word) - 3)]
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _scores(sentences: Sequence[str], query: str, near: Nearness | None) -> list[float]:
    wanted = stems(query)
    found = [len(wanted & stems(sentence)) / max(len(wanted), 1) for sentence in sentences]
    meant = near(query, sentences) if near else [0.0] * len(sentences)
    return [share + float(cosine) for share, cosine in zip(found, meant, strict=True)]


def _cut(text: str, span: tuple[int, int], query: str, limit: int) -> tuple[int, int]:
    """A part of one endless sentence, around the first word that the query has too."""
    wanted = stems(query)
    places = (span[0] + start for start, word in said.placed_words(text[slice(*span)]) if stem(word) in wanted)
    begin = min(max(next(places, span[0]) - limit // 4, span[0]), span[1] - limit)
    end = begin + limit
    if begin > span[0] and (blank := re.search(r"\s", text[begin : begin + 40])):
        begin += blank.end()
    if end < span[1] and (tail := re.search(r"\s\S*$", text[end - 40 : end])):
        end -= 40 - tail.start()
    return _trimmed(text, begin, end)


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end
