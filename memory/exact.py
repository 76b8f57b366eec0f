"""The exact answer from the store: slower than an index, never wrong, and there whenever the store is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memory.store import Store

Array = NDArray[np.float32]


@dataclass(frozen=True)
class ExactIndex:
    """A VectorIndex that keeps nothing of its own: it compares with every vector, a chunk at a time."""

    store: Store
    model: str
    chunk: int = 8192

    def add(self, ids: Sequence[int], vectors: Array) -> None:
        """Nothing to do: the store has them."""

    def delete(self, ids: Sequence[int]) -> None:
        """Nothing to do: the store has them no more."""

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """The nearest ``count`` numbers with their cosine similarity, nearest first."""
        wanted = vector / max(float(np.linalg.norm(vector)), 1e-12)
        best: list[tuple[int, float]] = []
        for ids, rows in self._chunks():
            lengths = np.maximum(np.linalg.norm(rows, axis=1), 1e-12)
            likeness = rows @ wanted / lengths
            near = np.argsort(-likeness, kind="stable")[:count]
            best += [(ids[place], float(likeness[place])) for place in near]
            best = sorted(best, key=lambda pair: (-pair[1], pair[0]))[:count]
        return best

    def count(self) -> int:
        """How many vectors there are."""
        return sum(len(ids) for ids, _ in self._chunks())

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Nothing to do: there is nothing that could be broken."""
        for _ in batches:
            pass

    def _chunks(self) -> Iterator[tuple[list[int], Array]]:
        """A transaction each, so that nobody waits long."""
        last = 0
        while True:
            with self.store.begin() as memory:
                ids, rows = memory.vectors.after(self.model, last, self.chunk)
            if not ids:
                return
            yield ids, rows
            last = ids[-1]
