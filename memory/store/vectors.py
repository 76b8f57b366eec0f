"""Embeddings of items. They are kept here; the vector index is only a copy of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from config.errors import ModelError
from memory.records import Item, fingerprint
from memory.schema import index_removals, items, vectors
from memory.store.items import Items

Array = NDArray[np.float32]

_NEW = insert(vectors)
_PUT = _NEW.on_conflict_do_update(
    ["item_id", "model"], set_={name: _NEW.excluded[name] for name in ("fingerprint", "vector", "indexed")}
)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Questions and facts about embeddings. Vectors are float16 at rest and float32 in hand."""

    conn: Connection
    owner: str

    def missing(self, model: str, limit: int) -> list[int]:
        """Numbers of items that this model has not embedded yet, newest first."""
        has = select(vectors.c.item_id).where(vectors.c.item_id == items.c.id, vectors.c.model == model).exists()
        query = select(items.c.id).where(items.c.owner == self.owner, ~has).order_by(items.c.id.desc()).limit(limit)
        return list(self.conn.scalars(query))

    def put(self, model: str, rows: Iterable[tuple[Item, Array]]) -> None:
        """Store embeddings of items, but for those that were edited or deleted meanwhile. Raises ModelError."""
        given = list(rows)
        now = Items(self.conn, self.owner).by_id(item.id for item, _ in given)
        kept = [
            {
                "item_id": item.id,
                "model": model,
                "fingerprint": fingerprint(item.searchable),
                "vector": _at_rest(vector, model),
                "indexed": False,
            }
            for item, vector in given
            if item.id in now and now[item.id].searchable == item.searchable
        ]
        if kept:
            self.conn.execute(_PUT, kept)

    def get(self, model: str, ids: Sequence[int]) -> dict[int, Array]:
        """Item number → vector (dim,), of those that have one."""
        found: dict[int, Array] = {}
        for start in range(0, len(ids), 500):
            chunk = list(ids[start : start + 500])
            query = select(vectors.c.item_id, vectors.c.vector).where(
                vectors.c.model == model, vectors.c.item_id.in_(chunk), vectors.c.item_id.in_(self._own())
            )
            if rows := self.conn.execute(query).all():
                numbers, blobs = zip(*rows, strict=True)
                together = np.frombuffer(b"".join(blobs), "<f2").astype(np.float32)
                found |= zip(numbers, together.reshape(len(rows), -1), strict=True)
        return found

    def unindexed(self, model: str, limit: int) -> list[int]:
        """Numbers of searchable items whose vector the index has not got."""
        query = (
            select(vectors.c.item_id)
            .join(items, items.c.id == vectors.c.item_id)
            .where(items.c.owner == self.owner, items.c.indexable, vectors.c.model == model, ~vectors.c.indexed)
            .order_by(vectors.c.item_id)
            .limit(limit)
        )
        return list(self.conn.scalars(query))

    def mark_indexed(self, model: str, ids: Sequence[int], indexed: bool = True) -> None:
        """The index has got these now (or has lost them)."""
        mine = (vectors.c.model == model, vectors.c.item_id.in_(list(ids)), vectors.c.item_id.in_(self._own()))
        self.conn.execute(update(vectors).where(*mine).values(indexed=indexed))

    def mark_all_unindexed(self, model: str) -> None:
        """The index is to be built anew."""
        mine = (vectors.c.model == model, vectors.c.item_id.in_(self._own()))
        self.conn.execute(update(vectors).where(*mine).values(indexed=False))

    def indexed_count(self, model: str) -> int:
        """How many vectors the index should hold."""
        query = (
            select(func.count())
            .select_from(vectors.join(items, items.c.id == vectors.c.item_id))
            .where(items.c.owner == self.owner, vectors.c.model == model, vectors.c.indexed)
        )
        return self.conn.scalar(query) or 0

    def after(self, model: str, number: int, limit: int) -> tuple[list[int], Array]:
        """Searchable items with their vectors (n, dim), in the order of their numbers, from after ``number``."""
        query = (
            select(vectors.c.item_id, vectors.c.vector)
            .join(items, items.c.id == vectors.c.item_id)
            .where(items.c.owner == self.owner, items.c.indexable)
            .where(vectors.c.model == model, vectors.c.item_id > number)
            .order_by(vectors.c.item_id)
            .limit(limit)
        )
        rows = self.conn.execute(query).all()
        ids = [row.item_id for row in rows]
        if not rows:
            return ids, np.zeros((0, 0), np.float32)
        return ids, np.stack([np.frombuffer(row.vector, "<f2") for row in rows]).astype(np.float32)

    def sample(self, model: str, newest: int, others: int) -> list[int]:
        """Numbers of which the index should know: the newest ones, and some at random."""
        query = select(vectors.c.item_id).where(
            vectors.c.model == model, vectors.c.indexed, vectors.c.item_id.in_(self._own())
        )
        last = list(self.conn.scalars(query.order_by(vectors.c.item_id.desc()).limit(newest)))
        return last + list(self.conn.scalars(query.order_by(func.random()).limit(others)))

    def removals(self) -> list[int]:
        """Numbers that the index still has to forget."""
        return list(self.conn.scalars(select(index_removals.c.item_id).where(index_removals.c.owner == self.owner)))

    def removed(self, ids: Sequence[int]) -> None:
        """The index has forgotten these."""
        gone = (index_removals.c.owner == self.owner, index_removals.c.item_id.in_(list(ids)))
        self.conn.execute(delete(index_removals).where(*gone))

    def _own(self) -> Select[tuple[int]]:
        return select(items.c.id).where(items.c.owner == self.owner)


def _at_rest(vector: Array, model: str) -> bytes:
    if not np.isfinite(vector).all() or np.abs(vector).max(initial=0) > 2:
        raise ModelError(f"The embedding model {model!r} gave a vector that is not of unit length: try another one.")
    return np.asarray(vector, "<f2").tobytes()
