"""FIND: what the archive says on something, in the words that it says it with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from agents.answer import Answer
from agents.answering import SHOWN, Means, Question
from agents.answering.passages import shortened, stems
from agents.answering.relevance import near, related
from memory.query import Hit

POOL = 10
"""How many hits a model gets to read."""

MOST = 100
"""Of how many that pass the filters the newest are taken."""


def find(means: Means, question: Question) -> Answer:
    """The best passages; or, where nothing has to do with the question, what lies nearest to it."""
    asked = question.understood
    found = _found(means, question)
    hits = told_near(means, asked.text, found)
    if not related(means.reading.embedder, asked.text, found[:SHOWN]):
        return Answer(asked, nearest=hits[:SHOWN])
    return Answer(asked, hits=hits)


def _found(means: Means, question: Question) -> list[Hit]:
    """The best hits; the newest ones where all that is asked for are filters."""
    asked = question.understood
    if stems(asked.text):
        return means.search(asked.text, POOL, asked.filters)
    found = means.search(question.text, MOST, asked.filters)
    return sorted(found, key=lambda hit: hit.item.created_at, reverse=True)[:POOL]


def told_near(means: Means, query: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits, each with the sentences of its passage that lie nearest to the query."""
    return tuple(shortened(hit, query, partial(near, means.reading.embedder)) for hit in hits)
