"""Hybrid recall: full text and vectors, fused by reciprocal rank (Cormack, Clarke and Büttcher, 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from memory.embedding import Embedder
from memory.full_text import match
from memory.index import VectorIndex
from memory.query import NO_FILTERS, Filters, Hit
from memory.store import Store

RRF = 60  # the constant of the paper


@dataclass(frozen=True)
class Archive:
    """The owner's archive, searchable. ``ignored`` are words that say nothing of what is looked for, in lower case."""

    store: Store
    embedder: Embedder
    index: VectorIndex
    ignored: Collection[str] = frozenset()

    def search(self, query: str, count: int = 10, filters: Filters = NO_FILTERS, pool: int = 50) -> list[Hit]:
        """The ``count`` best items for a query in plain words, best first; nothing for a query without words."""
        if not query.strip():
            return []
        ways = {"words": self.by_words(query, pool), "meaning": self.by_meaning(query, pool)}
        scores: dict[int, float] = defaultdict(float)
        found_by: dict[int, list[str]] = defaultdict(list)
        for way, numbers in ways.items():
            for rank, number in enumerate(numbers, 1):
                scores[number] += 1 / (RRF + rank)
                found_by[number].append(way)
        best = sorted(scores, key=lambda number: (-scores[number], number))[:count]
        with self.store.begin() as memory:
            items = memory.items.by_id(best)
        return [Hit(items[number], scores[number], tuple(found_by[number])) for number in best if number in items]

    def by_words(self, query: str, count: int) -> list[int]:
        """Item numbers by full text (BM25), best first."""
        expression = match(query, self.ignored)
        if not expression:
            return []
        found = text(
            "SELECT items.id FROM items_fts JOIN items ON items.id = items_fts.rowid "
            "WHERE items_fts MATCH :match AND items.owner = :owner ORDER BY bm25(items_fts) LIMIT :count"
        )
        with self.store.begin() as memory:
            rows = memory.conn.execute(found, {"match": expression, "owner": self.store.owner, "count": count})
            return [row.id for row in rows]

    def by_meaning(self, query: str, count: int) -> list[int]:
        """Item numbers by similarity of their vectors, best first."""
        return [number for number, _ in self.index.query(self.embedder.embed([query])[0], count)]
