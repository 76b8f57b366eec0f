"""Which passages are looked at for a query: all that may be, where these are few; else the best by words and meaning.

Filters are conditions of these questions themselves: what they leave out takes nobody's place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    union,
)

from memory.full_text import Term, match
from memory.parts import parts
from memory.query import Filters
from memory.records import Evidence, Kind
from memory.schema import items, passages, reactions, seen, vectors
from memory.store import Memory
from memory.store.notes import QUESTION
from memory.store.passages import CONVERSED
from memory.store.vectors import together

Array = NDArray[np.float32]

FEW: Final = 2000
"""So many passages are all looked at."""

SOME: Final = 5000
"""Of so many that a filter leaves, each is compared with the query; of more, the index is asked deeper and deeper."""

DEEPEST: Final = 4096
EXPANDED: Final = 24  # of each way, so many of the best come with the turns around them
REACH: Final = 4

_FULL_TEXT = table("passages_fts", column("rowid"), column("words"), column("rank"))
_SIZES = table("passages_fts_docsize", column("id"))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Numbers of passages, as each way found them (best first), and what stands around them.

    ``linked``: pairs of items.id of which one follows the other; None where all candidates of a thread do.
    """

    words: list[int]
    meaning: list[int]
    others: list[int] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)  # of the others
    linked: set[tuple[int, int]] | None = None

    @property
    def all(self) -> list[int]:
        """Each once."""
        return list(dict.fromkeys([*self.words, *self.meaning, *self.others]))


@dataclass(frozen=True)
class Finder:
    """Finds candidates within one transaction, in which the index is not asked: ``nearest`` was answered before."""

    memory: Memory
    filters: Filters
    model: str

    def allowed(self, limit: int) -> list[int]:
        """Numbers of passages that the filters allow, ``limit`` at most."""
        return list(self.memory.conn.scalars(self._each().limit(limit)))

    def newest(self, count: int) -> list[int]:
        """Numbers of the newest items that the filters allow, newest first."""
        query = select(items.c.id).where(items.c.owner == self.memory.owner, items.c.indexable)
        query = query.where(*conditions(self.filters), *of_deeds(self.filters, self.memory.owner))
        query = query.order_by(items.c.created_at.desc(), items.c.id.desc())
        return list(self.memory.conn.scalars(query.limit(count)))

    def by_words(self, wanted: Sequence[Term], count: int) -> list[int]:
        """By BM25, best first."""
        expression = match(wanted)
        if not expression:
            return []
        query = self._of(select(passages.c.id), _FULL_TEXT).where(_matches(expression), *_joined())
        return list(self.memory.conn.scalars(query.order_by(_FULL_TEXT.c.rank, passages.c.id).limit(count)))

    def by_meaning(self, vector: Array, numbers: Sequence[int], count: int) -> list[int]:
        """Of these passages, those nearest to the vector, nearest first: each is compared."""
        ids, near = [], []
        for found, rows in self._vectors(numbers):
            ids += found
            near.append(rows @ vector)
        if not ids:
            return []
        best = np.argsort(-np.concatenate(near), kind="stable")[:count]
        return [ids[place] for place in best]

    def among(self, numbers: Sequence[int]) -> list[int]:
        """Those of these passages that the filters allow, in the same order."""
        kept: set[int] = set()
        for part in parts(numbers):
            kept |= set(self.memory.conn.scalars(self._of(select(passages.c.id)).where(passages.c.id.in_(part))))
        return [number for number in numbers if number in kept]

    def with_neighbours(self, words: list[int], meaning: list[int]) -> Candidates:
        """With the turns around the best of them, if they are turns of a conversation."""
        best = list(dict.fromkeys([*words[:EXPANDED], *meaning[:EXPANDED]]))
        linked: set[tuple[int, int]] = set()
        around: set[int] = set()
        for turn in self._turns(best):
            turns = self.memory.passages.around(turn, REACH)
            linked |= set(pairwise(turns))
            around |= set(turns)
        others = [
            number
            for part in parts(sorted(around))
            for number in self.memory.conn.scalars(select(passages.c.id).where(passages.c.item_id.in_(part)))
        ]
        return Candidates(words, meaning, others, set(self.among(others)), linked)

    def frequency(self, wanted: Sequence[Term]) -> tuple[list[int], int]:
        """In how many passages each of these is, and of how many."""
        counted = select(func.count()).select_from(_FULL_TEXT)
        found = [self.memory.conn.scalar(counted.where(_matches(term.expression))) or 0 for term in wanted]
        return found, self.memory.conn.scalar(select(func.count()).select_from(_SIZES)) or 0

    def rows(self, numbers: Sequence[int]) -> list[Any]:
        """What these passages are scored by."""
        query = select(
            *(passages.c.id, passages.c.item_id, passages.c.place),
            *(items.c.author, items.c.kind, items.c.thread, items.c.created_at),
            _FULL_TEXT.c.words,
            vectors.c.vector,
        ).select_from(
            passages.join(items, items.c.id == passages.c.item_id)
            .join(_FULL_TEXT, _FULL_TEXT.c.rowid == passages.c.id)
            .outerjoin(vectors, and_(vectors.c.passage_id == passages.c.id, vectors.c.model == self.model))
        )
        query = query.where(passages.c.owner == self.memory.owner)
        conn = self.memory.conn
        return [row for part in parts(numbers) for row in conn.execute(query.where(passages.c.id.in_(part)))]

    def _turns(self, numbers: Sequence[int]) -> Iterator[Any]:
        query = select(items.c.id, items.c.thread, items.c.created_at).distinct()
        query = query.join(passages, passages.c.item_id == items.c.id).where(items.c.kind.in_(CONVERSED))
        for part in parts(numbers):
            yield from self.memory.conn.execute(query.where(passages.c.id.in_(part))).all()

    def _vectors(self, numbers: Sequence[int]) -> Iterator[tuple[list[int], Array]]:
        for part in parts(numbers):
            query = select(vectors.c.passage_id, vectors.c.vector)
            rows = self.memory.conn.execute(
                query.where(vectors.c.model == self.model, vectors.c.passage_id.in_(part))
            ).all()
            if rows:
                yield [row.passage_id for row in rows], together([row.vector for row in rows])

    def _each(self) -> Select[Any]:
        """All passages that the filters allow. By the owner of items the database comes from their indexes; where what
        was done with an item is asked for, from that."""
        deeds = list(of_deeds(self.filters, self.memory.owner))
        return self._of(select(passages.c.id), by_owner=passages.c.owner if deeds else items.c.owner).where(*deeds)

    def _of(self, query: Select[Any], *more: Any, by_owner: Column[str] = passages.c.owner) -> Select[Any]:
        """What the filters allow. The owner of passages has no index: by it the database comes from whatever else is
        asked."""
        query = query.select_from(passages.join(items, items.c.id == passages.c.item_id), *more)
        return query.where(by_owner == self.memory.owner, items.c.indexable, *conditions(self.filters))


def of_deeds(filters: Filters, owner: str) -> Iterator[ColumnElement[bool]]:
    """The same as ``conditions`` asks for by what was done with an item, as lists of items.id to come from: these are
    short, and to look at every item for what was done with it takes long."""
    mine = select(items.c.id).where(items.c.owner == owner)
    done = mine.join(reactions, and_(reactions.c.owner == owner, reactions.c.item == items.c.uri))
    if filters.own:
        by_people = mine.where(items.c.author.in_(sorted(filters.people)))
        yield items.c.id.in_(union(by_people, done.where(reactions.c.kind == str(Kind.AUTHORED))))
    if filters.deeds:
        yield items.c.id.in_(done.where(reactions.c.kind.in_(sorted(map(str, filters.deeds)))))
    if filters.delivered:
        of_item = and_(seen.c.owner == owner, seen.c.scope == "item", seen.c.key == items.c.uri)
        yield items.c.id.in_(mine.join(seen, of_item).where(seen.c.evidence == str(Evidence.DELIVERED)))


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """What the filters ask of an item. What the owner has asked answers nothing, unless just that is looked for."""
    if not filters.kinds:
        yield items.c.kind != QUESTION
    if filters.since is not None:
        yield items.c.created_at >= filters.since
    if filters.until is not None:
        yield items.c.created_at < filters.until
    if filters.people or filters.own:
        by_people = items.c.author.in_(sorted(filters.people))
        yield or_(by_people, _done(Kind.AUTHORED)) if filters.own else by_people
    for asked, said in (
        (filters.sources, items.c.source),
        (filters.kinds, items.c.kind),
        (filters.languages, func.substr(items.c.language, 1, 2)),
    ):
        if asked:
            yield said.in_(sorted(asked))
    if filters.deeds:
        yield _done(*filters.deeds)
    if filters.delivered:
        told = (seen.c.owner == items.c.owner, seen.c.scope == "item", seen.c.key == items.c.uri)
        yield exists().where(*told, seen.c.evidence == str(Evidence.DELIVERED))


def _done(*deeds: Kind) -> ColumnElement[bool]:
    """The owner did one of these with the item."""
    of_it = (reactions.c.owner == items.c.owner, reactions.c.item == items.c.uri)
    return exists().where(*of_it, reactions.c.kind.in_(sorted(map(str, deeds))))


def _matches(expression: str) -> ColumnElement[bool]:
    return literal_column("passages_fts").op("MATCH")(expression)


def _joined() -> Iterator[ColumnElement[bool]]:
    yield _FULL_TEXT.c.rowid == passages.c.id
