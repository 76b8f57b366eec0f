"""What is searched: the passages of items, each with its words in full text and the words that it is embedded by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from memory.chunking import WINDOW, cut, weight
from memory.full_text import prepared
from memory.parts import parts
from memory.query import Passage
from memory.records import Item
from memory.schema import UNCUT, accounts, index_removals, items, passages, vectors

CONVERSED: Final = ("chat", "message")
"""Kinds of items that are turns of a conversation: what stands before and after belongs to what is meant."""

PAUSE: Final = timedelta(hours=6)
"""After so long a silence another conversation begins."""

_PUT = insert(passages)
_PUT = _PUT.on_conflict_do_update(
    ["item_id", "place"], set_={name: _PUT.excluded[name] for name in ("begin", "end", "context")}
)
_PUT_ONE = _PUT.returning(passages.c.id)
_ADD_WORDS = text("INSERT OR REPLACE INTO passages_fts(rowid, words, author) VALUES (:id, :words, :author)")
_DROP_WORDS = text("DELETE FROM passages_fts WHERE rowid = :id")
_OF_ITEM = select(passages).where(passages.c.item_id == bindparam("item_id")).order_by(passages.c.place)
_OF_ITEMS = select(passages).where(passages.c.item_id.in_(bindparam("ids", expanding=True)))
_OF_ITEMS = _OF_ITEMS.order_by(passages.c.item_id, passages.c.place)
_NAME = select(accounts.c.name, accounts.c.handle).where(
    accounts.c.owner == bindparam("owner", type_=String), accounts.c.uri == bindparam("uri")
)


def _next_to_it(later: bool) -> Select[Any]:
    at, number = items.c.created_at, items.c.id
    here, itself = bindparam("at", type_=at.type), bindparam("id", type_=number.type)
    beyond = at > here if later else at < here
    tied = and_(at == here, number > itself if later else number < itself)
    order = (at, number) if later else (at.desc(), number.desc())
    of_thread = (items.c.owner == bindparam("owner"), items.c.thread == bindparam("thread"))
    within = at >= here if later else at <= here  # this is what its index is asked for
    turn = (items.c.indexable, or_(*(items.c.kind == kind for kind in CONVERSED)))
    query = select(number, items.c.author, at, items.c.text).where(*of_thread, within, or_(beyond, tied), *turn)
    return query.order_by(*order).limit(bindparam("count", type_=Integer()))


_EARLIER, _LATER = _next_to_it(later=False), _next_to_it(later=True)


class Turn(Protocol):
    """What says where in a conversation something was said: an item, or a row of these columns."""

    @property
    def id(self) -> int: ...
    @property
    def thread(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Passages:
    """Questions and facts about passages."""

    conn: Connection
    owner: str

    def cut(self, item: Item, indexable: bool, fresh: bool = False) -> None:
        """Cut the item anew; only what may be searched gets into full text. The number of a place stays what it was.

        A ``fresh`` item has never been cut.
        """
        said, cuts = item.searchable, cut(item.searchable, item.title)
        author = self._name(item.author)
        for place, piece in enumerate(cuts):
            row = {"owner": self.owner, "item_id": item.id, "place": place, "context": piece.context}
            number = self.conn.execute(_PUT_ONE, row | {"begin": piece.begin, "end": piece.end}).scalar_one()
            if indexable:
                words = prepared(f"{piece.context}\n{said[piece.begin : piece.end]}", item.language)
                self.conn.execute(_ADD_WORDS, {"id": number, "words": words, "author": author})
        if not fresh:
            self._drop(item, len(cuts))
        self._unsettle(item)

    def withdraw(self, item: Item) -> None:
        """Out of full text at once, and out of the index when it is brought up to date."""
        self._remove([row.id for row in self.conn.execute(_OF_ITEM, {"item_id": item.id})])
        self._unsettle(item)

    def uncut(self, limit: int) -> list[int]:
        """Numbers of items that an older Magpie has left in one piece, newest first."""
        old = (passages.c.owner == self.owner, passages.c.end == UNCUT)
        return list(
            self.conn.scalars(select(passages.c.item_id).where(*old).order_by(passages.c.item_id.desc()).limit(limit))
        )

    def of(self, *given: Item) -> list[Passage]:
        """The passages of these items; those of each are in order."""
        by_id = {item.id: item for item in given}
        rows = (row for part in parts(by_id) for row in self.conn.execute(_OF_ITEMS, {"ids": part}))
        return [_passage(row, by_id[row.item_id]) for row in rows if row.owner == self.owner]

    def items_of(self, ids: Iterable[int]) -> dict[int, int]:
        """Number of a passage → number of its item."""
        found: dict[int, int] = {}
        for part in parts(ids):
            mine = (passages.c.owner == self.owner, passages.c.id.in_(part))
            found |= {row.id: row.item_id for row in self.conn.execute(select(passages).where(*mine))}
        return found

    def to_embed(self, ids: Sequence[int], known: dict[int, Item]) -> list[tuple[Passage, str]]:
        """Passages of these items with the words that they are embedded by: their own, and where they stand."""
        query = select(passages).where(passages.c.owner == self.owner, passages.c.id.in_(list(ids)))
        rows = [row for row in self.conn.execute(query) if row.item_id in known]
        told = ((row, known[row.item_id]) for row in rows)
        return [(found := _passage(row, item), self._embedded(found, item)) for row, item in told]

    def around(self, turn: Turn, reach: int) -> list[int]:
        """Numbers of items: a turn of a conversation with up to ``reach`` turns on either side, oldest first."""
        before, after = (self._turns(turn, reach, later) for later in (False, True))
        return [*(row.id for row in reversed(before)), turn.id, *(row.id for row in after)]

    def _turns(self, item: Turn, count: int, later: bool) -> list[Any]:
        """Those next to it, the nearest first, as far as nobody was silent for long."""
        here = {"owner": self.owner, "thread": item.thread, "at": item.created_at, "id": item.id, "count": count}
        return _unbroken(self.conn.execute(_LATER if later else _EARLIER, here).all(), item.created_at)

    def _embedded(self, passage: Passage, item: Item) -> str:
        own = passage.text if item.kind not in CONVERSED else f"{self._speaker(item.author)}: {passage.text}"
        if passage.context:
            return f"{passage.context}\n{own}"
        if item.kind not in CONVERSED:
            return own
        room = (WINDOW - weight(own)) // 2
        before, after = (self._said(self._turns(item, 1, later)) for later in (False, True))
        return "\n".join(part for part in (_fitting(before, room, -1), own, _fitting(after, room, 1)) if part)

    def _said(self, turns: Sequence[Any]) -> str:
        return "\n".join(f"{self._speaker(turn.author)}: {turn.text}" for turn in turns)

    def _speaker(self, uri: str) -> str:
        row = self.conn.execute(_NAME, {"owner": self.owner, "uri": uri}).first()
        return (row.name or row.handle.split("@")[0]) if row else uri

    def _name(self, uri: str) -> str:
        row = self.conn.execute(_NAME, {"owner": self.owner, "uri": uri}).first()
        return _prepared_name(f"{row.name} {row.handle}" if row else uri)

    def _unsettle(self, item: Item) -> None:
        """What was embedded together with this turn of a conversation is to be embedded anew."""
        if item.kind in CONVERSED:
            nearest = [row.id for later in (False, True) for row in self._turns(item, 1, later)]
            of_them = select(passages.c.id).where(passages.c.item_id.in_(nearest))
            self.conn.execute(delete(vectors).where(vectors.c.passage_id.in_(of_them)))

    def _drop(self, item: Item, kept: int) -> None:
        """The passages of an item that was longer before."""
        if surplus := [old.id for old in self.conn.execute(_OF_ITEM, {"item_id": item.id}).all()[kept:]]:
            self._remove(surplus)
            self.conn.execute(delete(passages).where(passages.c.id.in_(surplus)))

    def _remove(self, ids: Sequence[int]) -> None:
        for number in ids:
            self.conn.execute(_DROP_WORDS, {"id": number})
            self.conn.execute(update(vectors).where(vectors.c.passage_id == number).values(indexed=False))
            removal = insert(index_removals).values(owner=self.owner, passage_id=number)
            self.conn.execute(removal.on_conflict_do_nothing())


@lru_cache(maxsize=1024)
def _prepared_name(name: str) -> str:
    return prepared(name)


def _unbroken(rows: Sequence[Any], at: datetime) -> list[Any]:
    kept: list[Any] = []
    for row in rows:
        if abs(row.created_at - at) > PAUSE:
            break
        at = row.created_at
        kept.append(row)
    return kept


def _fitting(words: str, room: int, side: int) -> str:
    """As much of it as there is room for, from the side that is nearer."""
    while words and weight(words) > room:
        keep = len(words) * 3 // 4
        words = words[-keep:] if side < 0 and keep else words[:keep]
    return words


def _passage(row: Row[Any], item: Item) -> Passage:
    said = item.searchable
    end = len(said) if row.end == UNCUT else row.end
    return Passage(item.uri, row.place, row.begin, end, said[row.begin : end], row.context, row.id)
