"""Hybrid recall: by words, by meaning, and by what stands around."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import ModelError
from memory.candidates import DEEPEST, FEW, SOME, Candidates, Finder
from memory.clues import dated, named
from memory.embedding import Embedder
from memory.full_text import Term, terms
from memory.index import VectorIndex
from memory.query import NO_FILTERS, Filters, Hit
from memory.scoring import WEIGHTS, Evidence, Weights, counted, inverse_frequency, scores
from memory.store import Memory, Store
from memory.store.notes import NOTE
from memory.store.passages import CONVERSED, PAUSE
from memory.store.vectors import together

Array = NDArray[np.float32]
log = logging.getLogger(__name__)

POOL = 200
Reranker = Callable[[str, Sequence[str]], Sequence[float]]
"""The port of a model that reads both together: query, texts → how well each answers, the higher the better."""

RERANKED = 30


@dataclass(frozen=True)
class Archive:
    """The owner's archive, searchable. ``ignored`` are words that say nothing of what is looked for, in lower case."""

    store: Store
    embedder: Embedder
    index: VectorIndex
    ignored: Collection[str] = frozenset()
    weights: Weights = WEIGHTS
    rerank: Reranker | None = None

    def search(self, query: str, count: int = 10, filters: Filters = NO_FILTERS, pool: int = POOL) -> list[Hit]:
        """The ``count`` best items for a query in plain words, best first; nothing for a query without words.

        Of larger archives, ``pool`` passages by each way are looked at closely.
        """
        if not query.strip():
            return []
        wanted = terms(query, self.ignored)
        vector = self.embedder.embed([query])[0]
        near = self._by_meaning(vector, filters, max(pool, count))
        with self.store.begin() as memory:
            finder = Finder(memory, filters, self.embedder.name)
            if near is None:
                found = Candidates([], finder.allowed(FEW))
            else:
                found = finder.with_neighbours(finder.by_words(wanted, max(pool, count)), near)
            ranked = self._ranked(finder, query, wanted, vector, found)
            hits = _hits(memory, ranked, max(count, RERANKED) if self.rerank else count)
        return self._reranked(query, hits)[:count]

    def newest(self, count: int, filters: Filters = NO_FILTERS) -> list[Hit]:
        """The newest items that the filters allow, newest first."""
        with self.store.begin() as memory:
            numbers = Finder(memory, filters, self.embedder.name).newest(count)
            found = memory.items.by_id(numbers)
        return [Hit(found[number], 0.0, ("newest",)) for number in numbers if number in found]

    def by_words(self, query: str, count: int, filters: Filters = NO_FILTERS) -> list[int]:
        """Item numbers by full text alone (BM25), best first."""
        with self.store.begin() as memory:
            numbers = Finder(memory, filters, self.embedder.name).by_words(terms(query, self.ignored), count)
            return _items(memory, numbers)

    def by_meaning(self, query: str, count: int) -> list[int]:
        """Item numbers by similarity of their vectors alone, best first."""
        near = [number for number, _ in self.index.query(self.embedder.embed([query])[0], count)]
        with self.store.begin() as memory:
            return _items(memory, near)

    def _by_meaning(self, vector: Array, filters: Filters, count: int) -> list[int] | None:
        """The nearest passages that the filters allow, nearest first; None: there are so few that all are looked at.

        The index is asked outside of any transaction, and never for so few that the filters leave none of them.
        """
        with self.store.begin() as memory:
            finder = Finder(memory, filters, self.embedder.name)
            some = finder.allowed((SOME if filters else FEW) + 1)
            if not filters and len(some) <= FEW:
                return None
            if filters and len(some) <= SOME:
                return finder.by_meaning(vector, some, count)
        depth = 4 * count if filters else count
        while depth <= DEEPEST:
            near = [number for number, _ in self.index.query(vector, depth)]
            with self.store.begin() as memory:
                kept = Finder(memory, filters, self.embedder.name).among(near)
            if len(kept) >= min(count, len(some)) or not filters or len(near) < depth:
                return kept[:count]
            depth *= 4
        with self.store.begin() as memory:
            finder = Finder(memory, filters, self.embedder.name)
            return finder.by_meaning(vector, finder.allowed(-1), count)

    def _ranked(
        self, finder: Finder, query: str, wanted: Sequence[Term], vector: Array, found: Candidates
    ) -> list[tuple[Any, float, tuple[str, ...]]]:
        """Rows with their scores and by which ways they were found, best first, as far as the filters allow them."""
        rows = sorted(finder.rows(found.all), key=_order)
        if not rows:
            return []
        given = _evidence(finder, query, wanted, vector, rows, found.linked)
        said, meant, asked = given.counts.sum(axis=0) > 0, set(found.meaning), {*found.words, *found.meaning}
        worth = scores(given, self.weights)
        ranked = []
        for place in np.lexsort(([row.id for row in rows], -worth)):
            row = rows[place]
            if row.id in asked or row.id in found.allowed:
                ways = ("words",) * bool(said[place]) + ("meaning",) * (row.id in meant)
                ranked.append((row, float(worth[place]), ways or ("context",)))
        return ranked

    def _reranked(self, query: str, hits: list[Hit]) -> list[Hit]:
        """Best first by the model that reads both together; as they are where there is none, or it is away."""
        if self.rerank is None or not hits:
            return hits
        try:
            answers = self.rerank(query, [hit.passage.text if hit.passage else hit.item.searchable for hit in hits])
        except ModelError as error:
            log.warning("event=not_reranked cause=%r", str(error))
            return hits
        places = np.argsort([-answer for answer in answers], kind="stable")
        return [replace(hits[place], score=float(answers[place])) for place in places]


def _items(memory: Memory, numbers: Sequence[int]) -> list[int]:
    known = memory.passages.items_of(numbers)
    return list(dict.fromkeys(known[number] for number in numbers if number in known))


def _order(row: Any) -> tuple[Any, ...]:
    """Turns of a conversation one after the other, and the passages of a text."""
    if row.kind in CONVERSED:
        return (row.thread, row.created_at, row.item_id, row.place)
    return ("", datetime.min.replace(tzinfo=UTC), row.item_id, row.place)


def _evidence(
    finder: Finder,
    query: str,
    wanted: Sequence[Term],
    vector: Array,
    rows: Sequence[Any],
    linked: set[tuple[int, int]] | None,
) -> Evidence:
    texts = [row.words for row in rows]
    counts, lengths = counted(wanted, texts)
    if linked is None:
        often, of = [int(count) for count in (counts > 0).sum(axis=1)], len(rows)
    else:
        often, of = finder.frequency(wanted)
    near = np.zeros(len(rows))
    embedded = [place for place, row in enumerate(rows) if row.vector is not None]
    if embedded:
        near[embedded] = together([rows[place].vector for place in embedded]) @ vector
    authors = [row.author for row in rows]
    return Evidence(
        counts=counts,
        idf=inverse_frequency(often, of),
        lengths=lengths,
        near=near,
        run=_runs(rows, linked),
        named=named(query, authors, finder.memory.accounts.all(set(authors))),
        dated=dated(query, texts),
        brief=np.array([float(row.kind == NOTE) for row in rows]),
    )


def _runs(rows: Sequence[Any], linked: set[tuple[int, int]] | None) -> Any:
    """(n,) rising by one where a row does not follow the one before it."""
    breaks = [0, *(not _follows(one, other, linked) for one, other in pairwise(rows))]
    return np.cumsum(breaks)


def _follows(one: Any, other: Any, linked: set[tuple[int, int]] | None) -> bool:
    if one.item_id == other.item_id:
        return bool(other.place == one.place + 1)
    if one.kind not in CONVERSED or one.thread != other.thread or other.created_at - one.created_at > PAUSE:
        return False
    return linked is None or (one.item_id, other.item_id) in linked


def _hits(memory: Memory, ranked: Sequence[tuple[Any, float, tuple[str, ...]]], count: int) -> list[Hit]:
    best: dict[int, tuple[Any, float, tuple[str, ...]]] = {}
    for row, score, ways in ranked:
        best.setdefault(row.item_id, (row, score, ways))
        if len(best) == count:
            break
    items = memory.items.by_id(best)
    return [
        Hit(item, score, ways, next(one for one in memory.passages.of(item) if one.id == row.id))
        for number, (row, score, ways) in best.items()
        if (item := items.get(number))
    ]
