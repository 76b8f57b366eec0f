"""FIND: what the archive says on something, in the words that it says it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from agents.answer import Answer, Understood
from agents.answering import SHOWN, Means, Question
from agents.answering.passages import shortened, stems
from agents.answering.relevance import near, related
from agents.understanding.intents import without_asking
from agents.understanding.tongues import CODES, tongue
from memory.query import NO_FILTERS, Hit

POOL = 10
"""How many hits a model gets to read."""

UNSURE = "I am not sure that this answers you: it is what fits best of what they wrote."
MOST = 100
"""Of how many that pass the filters the newest are taken."""


def find(means: Means, question: Question) -> Answer:
    """The best passages; or, where nothing has to do with the question, what lies nearest to it."""
    asked, embedder = question.understood, means.reading.embedder
    query = asked_for(asked)
    found = _found(means, question, query)
    if not found and asked.filters:
        return _beyond(means, asked)
    if related(embedder, query, found[:SHOWN], asked.language):
        return Answer(asked, hits=told_near(means, query, found))
    hits = told_near(means, query, found)[:SHOWN]
    if hits and asked.filters.people:
        return Answer(asked, hits=hits, notes=(UNSURE,))
    return Answer(asked, nearest=hits)


def asked_for(asked: Understood) -> str:
    """What is looked for, without the verbs that only ask for it."""
    return without_asking(asked.text, tongue(asked.language)) if asked.language in CODES else asked.text


def _beyond(means: Means, asked: Understood) -> Answer:
    """Nothing passes the filters: what is nearest in another time, else in all of the archive, and said to be so."""
    for wider in (replace(asked.filters, since=None, until=None), NO_FILTERS):
        words = asked.text if stems(asked.text) else " ".join(asked.filtered)
        if wider == asked.filters or not (wider or stems(asked.text)):
            continue
        if hits := means.search(words, SHOWN, wider):
            where = "of another time" if wider else "from all of your archive"
            note = f"Nothing there fits {', '.join(asked.filtered) or 'that'}; this is {where}."
            return Answer(asked, nearest=told_near(means, words, hits), notes=(note,))
    return Answer(asked)


def _found(means: Means, question: Question, query: str) -> list[Hit]:
    """The best hits; the newest ones where all that is asked for are filters."""
    asked = question.understood
    if stems(query):
        return means.search(query, POOL, asked.filters)
    found = means.search(question.text, MOST, asked.filters)
    return sorted(found, key=lambda hit: hit.item.created_at, reverse=True)[:POOL]


def told_near(means: Means, query: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits, each with the sentences of its passage that lie nearest to the query."""
    return tuple(shortened(hit, query, partial(near, means.reading.embedder)) for hit in hits)
