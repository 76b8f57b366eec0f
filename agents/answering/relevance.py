"""Whether what was found has to do with the question at all: search always finds something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agents import words
from agents.answering.passages import passage_of, stems
from memory.embedding import Embedder
from memory.query import Hit
from memory.records import Account


def near(embedder: Embedder, query: str, texts: Sequence[str]) -> list[float]:
    """Cosine of each text to the query, in [-1, 1]."""
    if not texts:
        return []
    rows = embedder.embed([query, *texts])
    return [float(cosine) for cosine in np.asarray(rows[1:] @ rows[0])]


def shared(query: str, texts: Sequence[str]) -> list[float]:
    """Share of the query's words that each text has too, in [0, 1]; 1 for a query that says nothing."""
    wanted = stems(query)
    return [len(wanted & stems(text)) / len(wanted) if wanted else 1.0 for text in texts]


def told(hit: Hit) -> str:
    """The words of a hit by which it was found."""
    passage = passage_of(hit)
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


MEANT, WORDED = 4.0, 2.0
FLOOR = 1.6
"""Weights of the best cosine and of the best share of words, and the least sum; chosen on chats and meetings."""


STEM = 5
"""Letters by which a name is known, whatever it ends in: Dresden, Dresdner."""

ACROSS = 0.4
"""What is added for a text in another language than the query: it has none of its words, and is less near to it."""


def related(embedder: Embedder, query: str, hits: Sequence[Hit], language: str = "") -> bool:
    """Whether any of the hits has to do with the query; a query that says nothing but filters relates to all.

    ``language``: two letters, of the query, if it is known.
    """
    if not hits or not stems(query):
        return bool(hits)
    return strength(embedder, query, hits, language) >= FLOOR


def unmentioned(query: str, hits: Sequence[Hit], accounts: Mapping[str, Account]) -> list[str]:
    """The numbers in digits and the names of a query that no hit has, nor its author bears, as the query has them.

    What is found is then hardly what is meant.
    """
    texts = [f"{told(hit)}\n{hit.item.searchable}" for hit in hits]
    authors = (accounts[hit.item.author] for hit in hits if hit.item.author in accounts)
    texts += [f"{author.name} {author.handle}" for author in authors]
    known = {number for text in texts for number in words.known_numbers(text)}
    known |= {str(part) for hit in hits for part in (hit.item.created_at.year, hit.item.created_at.day)}
    said = {word for text in texts for word in words.known_words(text)}
    missing = [fact for fact in words.numbers(query) if query[fact.start].isdigit() and fact.value not in known]
    if not words.german(query):  # where every noun looks like a name
        named = (fact for fact in words.names(query) if not fact.first)
        missing += [fact for fact in named if not any(word.startswith(fact.value[:STEM]) for word in said)]
    return list(dict.fromkeys(fact.value if fact.number else _written(query, fact) for fact in missing))


def _written(query: str, fact: words.Fact) -> str:
    return query[fact.start : fact.start + len(fact.value)]  # folding keeps every sign in its place


def strength(embedder: Embedder, query: str, hits: Sequence[Hit], language: str = "") -> float:
    """How much the best of the hits has to do with the query."""
    return max(strengths(embedder, query, hits, language))


def strengths(embedder: Embedder, query: str, hits: Sequence[Hit], language: str = "") -> list[float]:
    """How much each of the hits has to do with the query."""
    texts = [told(hit) for hit in hits]
    foreign = [ACROSS * bool(language and hit.item.language and hit.item.language[:2] != language) for hit in hits]
    ways = zip(near(embedder, query, texts), shared(query, texts), foreign, strict=True)
    return [MEANT * cosine + WORDED * share + across for cosine, share, across in ways]
