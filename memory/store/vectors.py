"""Embeddings of passages. They are kept here; the vector index is only a copy of them.

Numbers are passages.id, but for ``get``: the vector of an item is that of its first passage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Select, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from config.errors import ModelError
from memory.parts import parts
from memory.query import Passage
from memory.records import Item, fingerprint
from memory.schema import chaff, index_removals, items, passages, vectors
from memory.store.items import Items
from memory.store.notes import QUESTION
from memory.store.passages import Passages

Array = NDArray[np.float32]

_NEW = insert(vectors)
_PUT = _NEW.on_conflict_do_update(
    ["passage_id", "model"], set_={name: _NEW.excluded[name] for name in ("fingerprint", "vector", "indexed")}
)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Questions and facts about embeddings. Vectors are float16 at rest and float32 in hand."""

    conn: Connection
    owner: str

    def missing(self, model: str, limit: int) -> list[int]:
        """Numbers of passages that this model has not embedded yet, newest first; questions and chaff are not to be."""
        has = select(vectors.c.passage_id).where(vectors.c.passage_id == passages.c.id, vectors.c.model == model)
        query = select(passages.c.id).join(items, items.c.id == passages.c.item_id)
        aside = select(chaff.c.item_id).where(chaff.c.item_id == items.c.id)
        query = query.where(passages.c.owner == self.owner, items.c.kind != QUESTION, ~has.exists(), ~aside.exists())
        return list(self.conn.scalars(query.order_by(passages.c.id.desc()).limit(limit)))

    def put(self, model: str, rows: Iterable[tuple[Item | Passage, Array]]) -> None:
        """Store embeddings of passages (of an item: its first), but for those that were edited or deleted meanwhile.

        Raises ModelError.
        """
        given = list(rows)
        now = self._now({_uri(what) for what, _ in given})
        kept = [
            {
                "passage_id": passage.id,
                "model": model,
                "fingerprint": fingerprint(passage.text),
                "vector": _at_rest(vector, model),
                "indexed": False,
            }
            for what, vector in given
            if (passage := _same(what, *now.get(_uri(what), (None, ()))))
        ]
        if kept:
            self.conn.execute(_PUT, kept)

    def get(self, model: str, ids: Sequence[int]) -> dict[int, Array]:
        """Item number → vector (dim,) of its first passage, of those that have one."""
        return self._found(passages.c.item_id, model, ids, passages.c.place == 0)

    def of(self, model: str, ids: Sequence[int]) -> dict[int, Array]:
        """Passage number → vector (dim,), of those that have one."""
        return self._found(passages.c.id, model, ids)

    def unindexed(self, model: str, limit: int) -> list[int]:
        """Numbers of searchable passages whose vector the index has not got."""
        query = self._searchable(select(vectors.c.passage_id), model).where(~vectors.c.indexed)
        return list(self.conn.scalars(query.order_by(vectors.c.passage_id).limit(limit)))

    def mark_indexed(self, model: str, ids: Sequence[int], indexed: bool = True) -> None:
        """The index has got these now (or has lost them)."""
        mine = (vectors.c.model == model, vectors.c.passage_id.in_(list(ids)), vectors.c.passage_id.in_(self._own()))
        self.conn.execute(update(vectors).where(*mine).values(indexed=indexed))

    def mark_all_unindexed(self, model: str) -> None:
        """The index is to be built anew."""
        mine = (vectors.c.model == model, vectors.c.passage_id.in_(self._own()))
        self.conn.execute(update(vectors).where(*mine).values(indexed=False))

    def indexed_count(self, model: str) -> int:
        """How many vectors the index should hold."""
        query = (
            select(func.count())
            .select_from(vectors.join(passages, passages.c.id == vectors.c.passage_id))
            .where(passages.c.owner == self.owner, vectors.c.model == model, vectors.c.indexed)
        )
        return self.conn.scalar(query) or 0

    def after(self, model: str, number: int, limit: int) -> tuple[list[int], Array]:
        """Searchable passages with their vectors (n, dim), in the order of their numbers, from after ``number``."""
        query = self._searchable(select(vectors.c.passage_id, vectors.c.vector), model)
        query = query.where(vectors.c.passage_id > number).order_by(vectors.c.passage_id).limit(limit)
        rows = self.conn.execute(query).all()
        return [row.passage_id for row in rows], together([row.vector for row in rows])

    def sample(self, model: str, newest: int, others: int) -> list[int]:
        """Numbers of which the index should know: the newest ones, and some at random."""
        query = select(vectors.c.passage_id).where(
            vectors.c.model == model, vectors.c.indexed, vectors.c.passage_id.in_(self._own())
        )
        last = list(self.conn.scalars(query.order_by(vectors.c.passage_id.desc()).limit(newest)))
        return last + list(self.conn.scalars(query.order_by(func.random()).limit(others)))

    def removals(self) -> list[int]:
        """Numbers that the index still has to forget."""
        return list(self.conn.scalars(select(index_removals.c.passage_id).where(index_removals.c.owner == self.owner)))

    def removed(self, ids: Sequence[int]) -> None:
        """The index has forgotten these."""
        gone = (index_removals.c.owner == self.owner, index_removals.c.passage_id.in_(list(ids)))
        self.conn.execute(delete(index_removals).where(*gone))

    def _own(self) -> Select[tuple[int]]:
        return select(passages.c.id).where(passages.c.owner == self.owner)

    def _searchable(self, query: Select[Any], model: str) -> Select[Any]:
        """Of the owner's passages, as far as they may be searched."""
        joined = vectors.join(passages, passages.c.id == vectors.c.passage_id)
        joined = joined.join(items, items.c.id == passages.c.item_id)
        return query.select_from(joined).where(
            passages.c.owner == self.owner, items.c.indexable, vectors.c.model == model
        )

    def _found(
        self, number: Column[int], model: str, ids: Sequence[int], *which: ColumnElement[bool]
    ) -> dict[int, Array]:
        query = select(number, vectors.c.vector).join(vectors, vectors.c.passage_id == passages.c.id)
        query = query.where(vectors.c.model == model, passages.c.owner == self.owner, *which)
        found: dict[int, Array] = {}
        for part in parts(ids):
            rows = self.conn.execute(query.where(number.in_(part))).all()
            found |= zip((row[0] for row in rows), together([row[1] for row in rows]), strict=True)
        return found

    def _now(self, uris: set[str]) -> dict[str, tuple[Item, list[Passage]]]:
        now = {uri: (item, list[Passage]()) for uri, item in Items(self.conn, self.owner).all(uris).items()}
        for passage in Passages(self.conn, self.owner).of(*(item for item, _ in now.values())):
            now[passage.item][1].append(passage)
        return now


def together(blobs: Sequence[bytes]) -> Array:
    """Vectors at rest as one array (n, dim)."""
    if not blobs:
        return np.zeros((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), "<f2").astype(np.float32).reshape(len(blobs), -1)


def _uri(what: Item | Passage) -> str:
    return what.uri if isinstance(what, Item) else what.item


def _same(what: Item | Passage, item: Item | None, passages: Sequence[Passage]) -> Passage | None:
    """The passage that is meant, as it is now, if it still says what was embedded."""
    if isinstance(what, Item):
        return passages[0] if item is not None and passages and item.searchable == what.searchable else None
    meant = next((passage for passage in passages if passage.place == what.place), None)
    return meant if meant is not None and meant.text == what.text else None


def _at_rest(vector: Array, model: str) -> bytes:
    if not np.isfinite(vector).all() or np.abs(vector).max(initial=0) > 2:
        raise ModelError(f"The embedding model {model!r} gave a vector that is not of unit length: try another one.")
    return np.asarray(vector, "<f2").tobytes()
