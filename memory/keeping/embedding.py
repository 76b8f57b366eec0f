"""Giving every passage its vector: what is new, what has changed, and what an older Magpie has left in one piece."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from memory.embedding import Embedder
from memory.store import Store

AT_ONCE = 128
CUT_AT_ONCE = 50


def embed_missing(
    store: Store, embedder: Embedder, told: Callable[[int], None] = lambda count: None, most: int | None = None
) -> int:
    """Embed what has no vector yet, of ``most`` passages the newest; returns how many that were.

    ``told`` hears of each part.

    The model is never asked within a transaction: it is slow, and others want to write. Raises ModelError.
    """
    if most is None:
        cut_what_is_uncut(store)
    count = 0
    while True:
        left = AT_ONCE if most is None else min(AT_ONCE, most - count)
        with store.begin() as memory:
            numbers = memory.vectors.missing(embedder.name, left)
            known = memory.items.by_id(set(memory.passages.items_of(numbers).values()))
            passages = memory.passages.to_embed(numbers, known)
        if not passages:
            return count
        vectors = np.asarray(embedder.embed([words for _, words in passages]))
        with store.begin() as memory:
            rows = [(passage, row) for (passage, _), row in zip(passages, vectors, strict=True)]
            memory.vectors.put(embedder.name, rows)
        count += len(passages)
        told(len(passages))


def cut_what_is_uncut(store: Store) -> None:
    """In parts, so that nobody waits long."""
    while True:
        with store.begin() as memory:
            numbers = memory.passages.uncut(CUT_AT_ONCE)
            memory.items.cut_anew(numbers)
        if not numbers:
            return
