"""The VectorIndex port, and Chroma behind it. An index is a copy: it can always be rebuilt from the store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from config.errors import StoreError
from memory.store import Store

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)
Array = NDArray[np.float32]


class VectorIndex(Protocol):
    """Nearest neighbours among item vectors. Numbers are items.id of the store."""

    def add(self, ids: Sequence[int], vectors: Array) -> None:
        """Add or replace vectors (n, dim)."""
        ...

    def delete(self, ids: Sequence[int]) -> None:
        """Forget vectors; numbers that are not there are no error."""
        ...

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """The nearest ``count`` numbers with their cosine similarity, nearest first."""
        ...

    def count(self) -> int:
        """How many vectors it says it holds."""
        ...

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Begin anew with these."""
        ...


@dataclass(frozen=True)
class ChromaIndex:
    """An embedded Chroma collection in a folder that only this process uses.

    Batches are small because a process that is killed within a large one can leave the collection broken.
    """

    folder: Path
    owner: str
    model: str
    batch: int = 10

    @cached_property
    def _client(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return chromadb.PersistentClient(path=str(self.folder), settings=Settings(anonymized_telemetry=False))
        except Exception as error:  # Chroma raises bare exceptions of its Rust core
            raise StoreError(
                f"The vector index in {self.folder} cannot be opened: {error}; delete that folder, it is rebuilt."
            ) from error

    @property
    def _name(self) -> str:
        return "items-" + hashlib.blake2b(f"{self.owner} {self.model}".encode(), digest_size=8).hexdigest()

    @property
    def _collection(self) -> Collection:
        return self._client.get_or_create_collection(
            self._name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def add(self, ids: Sequence[int], vectors: Array) -> None:
        """Add or replace vectors (n, dim)."""
        for start in range(0, len(ids), self.batch):
            part = slice(start, start + self.batch)
            self._collection.upsert(ids=[str(number) for number in ids[part]], embeddings=vectors[part])

    def delete(self, ids: Sequence[int]) -> None:
        """Forget vectors; numbers that are not there are no error."""
        if ids:
            self._collection.delete(ids=[str(number) for number in ids])

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """The nearest ``count`` numbers with their cosine similarity, nearest first."""
        try:
            found = self._collection.query(query_embeddings=vector[None, :], n_results=count, include=["distances"])
        except Exception as error:  # as above
            raise StoreError(
                f"The vector index in {self.folder} cannot be read: {error}; delete that folder and run collect."
            ) from error
        distances = (found["distances"] or [[]])[0]
        return [(int(number), 1.0 - distance) for number, distance in zip(found["ids"][0], distances, strict=True)]

    def count(self) -> int:
        """How many vectors it says it holds."""
        return self._collection.count()

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Begin anew with these."""
        try:
            self._client.delete_collection(self._name)
        except Exception as error:  # not there, or broken: either way it begins anew
            log.info("index dropped cause=%s", type(error).__name__)
        for ids, vectors in batches:
            self.add(ids, vectors)


def bring_up_to_date(store: Store, index: VectorIndex, model: str, chunk: int = 500) -> int:
    """Copy to the index what the store has and it has not, and have it forget what is gone. Returns how many moved."""
    with store.begin() as memory:
        gone = memory.vectors.removals()
        expected = memory.vectors.indexed_count(model)
    index.delete(gone)
    with store.begin() as memory:
        memory.vectors.removed(gone)
        if index.count() < expected:  # a lost or foreign index: begin anew
            log.warning("index incomplete held=%d expected=%d", index.count(), expected)
            memory.vectors.mark_all_unindexed(model)
            index.rebuild(())
    moved = 0
    while True:
        with store.begin() as memory:
            ids = memory.vectors.unindexed(model, chunk)
            vectors = memory.vectors.get(model, ids)
        if not ids:
            return moved
        index.add(ids, np.stack([vectors[number] for number in ids]))
        with store.begin() as memory:
            memory.vectors.mark_indexed(model, ids)
        moved += len(ids)
