"""The VectorIndex port, and Chroma behind it. An index is a copy: it can always be rebuilt from the store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from config.errors import StoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

    from memory.store import Store

log = logging.getLogger(__name__)
Array = NDArray[np.float32]
DELETED_AT_ONCE = 1000


class VectorIndex(Protocol):
    """Nearest neighbours among the vectors of passages. Numbers are passages.id of the store."""

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

    Large batches cost less, and are no more dangerous than small ones: what a kill leaves broken is a graph that Chroma
    was just writing to its files, which it does after every thousand vectors, however they come. But a query waits for
    the batch that is being written.
    """

    folder: Path
    owner: str
    model: str
    batch: int = 100

    @cached_property
    def _client(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._asked("opened"):
            return chromadb.PersistentClient(path=str(self.folder), settings=Settings(anonymized_telemetry=False))

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        """Chroma raises bare exceptions of its Rust core, whose panics are not even exceptions."""
        try:
            yield
        except BaseException as error:
            if isinstance(error, StoreError) or not (isinstance(error, Exception) or "Panic" in type(error).__name__):
                raise
            raise StoreError(
                f"The vector index in {self.folder} cannot be {what}: {error}; build it anew with 'magpie reindex'."
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
        with self._asked("written"):
            collection = self._collection
            for start in range(0, len(ids), self.batch):
                part = slice(start, start + self.batch)
                collection.upsert(ids=[str(number) for number in ids[part]], embeddings=vectors[part])

    def delete(self, ids: Sequence[int]) -> None:
        """Forget vectors; numbers that are not there are no error."""
        with self._asked("written"):
            for start in range(0, len(ids), DELETED_AT_ONCE):
                part = ids[start : start + DELETED_AT_ONCE]
                self._collection.delete(ids=[str(number) for number in part])

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """The nearest ``count`` numbers with their cosine similarity, nearest first."""
        with self._asked("read"):
            found = self._collection.query(query_embeddings=vector[None, :], n_results=count, include=["distances"])
        distances = (found["distances"] or [[]])[0]
        return [(int(number), 1.0 - distance) for number, distance in zip(found["ids"][0], distances, strict=True)]

    def count(self) -> int:
        """How many vectors it says it holds."""
        with self._asked("read"):
            return self._collection.count()

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Begin anew with these."""
        self.drop()
        for ids, vectors in batches:
            self.add(ids, vectors)

    def close(self) -> None:
        """Let go of the files."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            with suppress(Exception):
                client.close()

    def drop(self) -> None:
        """Delete the folder: the index, whatever state it is in, and the journal of all that it was ever given."""
        self.close()
        rmtree(self.folder, ignore_errors=True)


_one_at_a_time = Lock()


def bring_up_to_date(store: Store, index: VectorIndex, model: str, chunk: int = 500) -> int:
    """Copy to the index what the store has and it has not, and have it forget what is gone. Returns how many moved.

    The index is never asked within a transaction: it may be slow, and others want to write.
    """
    with _one_at_a_time:
        with store.begin() as memory:
            gone = memory.vectors.removals()
            expected = memory.vectors.indexed_count(model)
        if index.count() >= expected:
            index.delete(gone)
        held = index.count()
        if held < expected:  # a lost or foreign index: begin anew
            log.warning("event=index_incomplete held=%d expected=%d", held, expected)
            with store.begin() as memory:
                memory.vectors.mark_all_unindexed(model)
            index.rebuild(())
        with store.begin() as memory:
            memory.vectors.removed(gone)
        return sum(_move(store, index, model, chunk))


def begin_anew(store: Store, index: VectorIndex, model: str) -> int:
    """Build the index from the store, whatever is in it. Returns how many vectors it holds now."""
    with _one_at_a_time:
        with store.begin() as memory:
            memory.vectors.mark_all_unindexed(model)
            gone = memory.vectors.removals()
        index.rebuild(())
        with store.begin() as memory:  # not before: whoever is killed in between has the old index still
            memory.vectors.removed(gone)
        return sum(_move(store, index, model, 500))


def _move(store: Store, index: VectorIndex, model: str, chunk: int) -> Iterator[int]:
    """What the index has not got, in parts; what has changed while its part was written comes again."""
    while True:
        with store.begin() as memory:
            ids = memory.vectors.unindexed(model, chunk)
            vectors = memory.vectors.of(model, ids)
        if not ids:
            return
        index.add(ids, np.stack([vectors[number] for number in ids]))
        with store.begin() as memory:
            now = memory.vectors.of(model, ids)
            memory.vectors.mark_indexed(model, [n for n in now if np.array_equal(now[n], vectors[n])])
        yield len(ids)
