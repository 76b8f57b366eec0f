"""Whether what was found has to do with the question at all: search always finds something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.answering.passages import passage_of, stems
from memory.embedding import Embedder
from memory.query import Hit


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
"""Weights of the best cosine and of the best share of words, and the least sum: see docs/measurements.md."""


def related(embedder: Embedder, query: str, hits: Sequence[Hit]) -> bool:
    """Whether any of the hits has to do with the query; a query that says nothing but filters relates to all."""
    if not hits or not stems(query):
        return bool(hits)
    return strength(embedder, query, hits) >= FLOOR


def strength(embedder: Embedder, query: str, hits: Sequence[Hit]) -> float:
    """How much the best of the hits has to do with the query."""
    texts = [told(hit) for hit in hits]
    both = zip(near(embedder, query, texts), shared(query, texts), strict=True)
    return max(MEANT * cosine + WORDED * share for cosine, share in both)
