"""What was published or written: kept once, corrected when edited, purged when deleted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from memory.parts import parts
from memory.records import Counts, Item, Media, Visibility
from memory.schema import chaff, item_links, items, passages, reactions, seen, tombstones, vectors
from memory.store.passages import Passages

_COLUMNS = [items.c[column.name] for column in items.c if column.name != "raw"]
"""What an item is made of. The original is large, and kept to be read again when more is understood of it."""

# Asked and said for each post that comes in: to put a statement together takes longer than the database does.
_VISIBILITY = {str(visibility): visibility for visibility in Visibility}
_OWNER = bindparam("owner", type_=String)
_BURIED = select(tombstones.c.ref).where(
    tombstones.c.owner == _OWNER, tombstones.c.ref.in_((bindparam("ref"), bindparam("author")))
)
_BY_URI = select(*_COLUMNS).where(items.c.owner == _OWNER, items.c.uri == bindparam("uri"))
_THREAD_OF = select(items.c.thread).where(items.c.owner == _OWNER, items.c.ref == bindparam("ref"))
_ADD = insert(items).returning(items.c.id)
_ADD_LINKS = insert(item_links)


@dataclass(frozen=True, slots=True)
class Items:
    """Questions and facts about items; what they answer comes without ``raw``."""

    conn: Connection
    owner: str

    def keep(self, item: Item, at: datetime, indexable: bool = True) -> str:
        """Store the item, or what has changed in it. Returns new, edited, same, or gone (it, or its author, was
        deleted before).

        One that is not ``indexable`` stays out of the archive, unless the owner has reacted to it.
        """
        if self.is_gone(item):
            return "gone"
        indexable = indexable or self._reacted_to(item.uri)
        old = self.get(item.uri)
        if old is None:
            self._add(item, at, indexable)
            return "new"
        if old.source != item.source and old.text and not item.text:
            return "same"  # a bookmark that knows but the title takes no words from what is known better
        edited = (old.searchable, old.links) != (item.searchable, item.links)
        moved = edited or indexable != self._is_indexable(old.id)
        touched = {"checked_at": at, "counts": asdict(item.counts), "visibility": str(item.visibility)}
        touched |= (_values(item) if edited else {}) | {"indexable": indexable}
        self.conn.execute(update(items).where(items.c.id == old.id).values(touched))
        if edited:
            self._forget_links_and_vectors(old.id)
            self._keep_links(old.id, item)
        if moved:
            self._passages.withdraw(old)
            self._passages.cut(replace(item, id=old.id, thread=old.thread), indexable)
        return "edited" if edited else "same"

    def get(self, uri: str) -> Item | None:
        """The item of that URI."""
        rows = self._with_links(self.conn.execute(_BY_URI, {"owner": self.owner, "uri": uri}).all())
        return rows[0][1] if rows else None

    def all(self, uris: Iterable[str]) -> dict[str, Item]:
        """Items by URI, as far as they are known."""
        found: dict[str, Item] = {}
        for part in parts(uris):
            rows = self.conn.execute(select(*_COLUMNS).where(items.c.owner == self.owner, items.c.uri.in_(part)))
            found |= {row.uri: item for row, item in self._with_links(rows.all())}
        return found

    def by_id(self, ids: Iterable[int]) -> dict[int, Item]:
        """Items by their number in the store."""
        found: dict[int, Item] = {}
        for part in parts(ids):
            mine = func.likely(items.c.owner == self.owner)  # not by an index of all that is the owner's
            rows = self.conn.execute(select(*_COLUMNS).where(mine, items.c.id.in_(part)))
            found |= {row.id: item for row, item in self._with_links(rows.all())}
        return found

    def by_ref(self, ref: str) -> Item | None:
        """The item that the source calls so."""
        query = select(*_COLUMNS).where(items.c.owner == self.owner, items.c.ref == ref)
        rows = self._with_links(self.conn.execute(query).all())
        return rows[0][1] if rows else None

    def by_author(self, author: str, newest: int | None = 20) -> list[Item]:
        """The newest items of an account, or (None) all of them."""
        query = select(*_COLUMNS).where(items.c.owner == self.owner, items.c.author == author)
        rows = self.conn.execute(query.order_by(items.c.created_at.desc()).limit(newest)).all()
        return [item for _, item in self._with_links(rows)]

    def at(self, *addresses: str) -> list[Item]:
        """The items that have one of these addresses, and those that link there; newest first."""
        links = select(item_links.c.item_id).where(
            item_links.c.owner == self.owner, item_links.c.canonical.in_(addresses)
        )
        known = or_(items.c.uri.in_(addresses), items.c.url.in_(addresses), items.c.id.in_(links))
        query = select(*_COLUMNS).where(items.c.owner == self.owner, known).order_by(items.c.created_at.desc())
        return [item for _, item in self._with_links(self.conn.execute(query.limit(50)).all())]

    def in_thread(self, thread: str) -> list[Item]:
        """The known posts of a thread, oldest first."""
        query = select(*_COLUMNS).where(items.c.owner == self.owner, items.c.thread == thread)
        return [item for _, item in self._with_links(self.conn.execute(query.order_by(items.c.created_at)).all())]

    def unchecked(self, source: str, since: datetime, before: datetime, limit: int) -> list[str]:
        """Refs of items younger than ``since`` that were last looked at before ``before``, longest ago first."""
        query = (
            select(items.c.ref)
            .where(items.c.owner == self.owner, items.c.source == source, items.c.created_at >= since)
            .where(items.c.checked_at < before)
            .order_by(items.c.checked_at)
            .limit(limit)
        )
        return list(self.conn.scalars(query))

    def count(self, but_of: str = "") -> int:
        """How many items are known; those ``but_of`` a source do not count."""
        query = select(func.count()).select_from(items).where(items.c.owner == self.owner, items.c.source != but_of)
        return self.conn.scalar(query) or 0

    def make_searchable(self, uri: str) -> None:
        """Put an item into the archive after all: the owner has reacted to it."""
        item = self.get(uri)
        if item is None or self._is_indexable(item.id):
            return
        self.conn.execute(update(items).where(items.c.id == item.id).values(indexable=True))
        self.conn.execute(delete(chaff).where(chaff.c.item_id == item.id))
        self._passages.cut(item, indexable=True)

    def purge(self, ref: str, at: datetime) -> Item | None:
        """Delete the item with its words, vector and links, and never take it in again."""
        item = self.by_ref(ref)
        if item is None:
            return None
        self._passages.withdraw(item)
        self.conn.execute(delete(items).where(items.c.id == item.id))  # its links, vectors and shares go with it
        self.conn.execute(insert(tombstones).values(owner=self.owner, ref=ref, at=at).on_conflict_do_nothing())
        return item

    def let_return(self, ref: str) -> None:
        """What was deleted under that name may be taken in again: a file can come back."""
        self.conn.execute(delete(tombstones).where(tombstones.c.owner == self.owner, tombstones.c.ref == ref))

    def sweep(self) -> None:
        """After a batch of deletions: write the full text anew, which otherwise keeps deleted words for a while."""
        self.conn.execute(text("INSERT INTO passages_fts(passages_fts) VALUES ('optimize')"))

    def rewrite_full_text(self) -> int:
        """Cut all items anew, with their full text, and drop what is nobody's; returns how many may be searched."""
        nobodys = "rowid NOT IN (SELECT id FROM passages)"
        own = "rowid IN (SELECT id FROM passages WHERE owner = :owner)"
        self.conn.execute(text(f"DELETE FROM passages_fts WHERE {own} OR {nobodys}"), {"owner": self.owner})  # noqa: S608
        numbers = list(self.conn.scalars(select(items.c.id).where(items.c.owner == self.owner)))
        return sum(self.cut_anew(part) for part in parts(numbers))

    def cut_anew(self, numbers: Iterable[int]) -> int:
        """Cut these items anew, with their full text; returns how many of them may be searched."""
        count = 0
        for number, item in self.by_id(numbers).items():
            indexable = self._is_indexable(number)
            self._passages.cut(item, indexable)
            count += indexable
        return count

    @property
    def _passages(self) -> Passages:
        return Passages(self.conn, self.owner)

    def is_gone(self, item: Item) -> bool:
        """Whether it, or whoever wrote it, was deleted or forgotten, so that it is not taken in again."""
        known = {"owner": self.owner, "ref": item.ref, "author": item.author}
        return self.conn.scalar(_BURIED, known) is not None

    def _is_indexable(self, number: int) -> bool:
        return bool(self.conn.scalar(select(items.c.indexable).where(items.c.id == number)))

    def _reacted_to(self, uri: str) -> bool:
        query = select(reactions.c.id).where(reactions.c.owner == self.owner, reactions.c.item == uri).limit(1)
        return self.conn.scalar(query) is not None

    def _add(self, item: Item, at: datetime, indexable: bool) -> None:
        thread = self._join_thread(item)
        values = _values(item) | {"owner": self.owner, "thread": thread, "collected_at": at, "checked_at": at}
        number = self.conn.execute(_ADD, values | {"indexable": indexable}).scalar_one()
        self._keep_links(number, item)
        self._passages.cut(replace(item, id=number, thread=thread), indexable, fresh=True)

    def _join_thread(self, item: Item) -> str:
        """The ref of the earliest known ancestor; posts that waited for this one as their root follow it there."""
        if not item.reply_to:
            return item.ref
        thread = self.conn.scalar(_THREAD_OF, {"owner": self.owner, "ref": item.reply_to}) or item.reply_to
        if thread != item.ref:
            waiting = (items.c.owner == self.owner, items.c.thread == item.ref)
            self.conn.execute(update(items).where(*waiting).values(thread=thread))
            known = (seen.c.owner == self.owner, seen.c.scope == "thread", seen.c.key == item.ref)
            self.conn.execute(update(seen).prefix_with("OR IGNORE").where(*known).values(key=thread))
        return thread

    def _keep_links(self, number: int, item: Item) -> None:
        links = enumerate(dict.fromkeys(item.canonical))
        rows = [{"item_id": number, "owner": self.owner, "canonical": link, "place": place} for place, link in links]
        if rows:
            self.conn.execute(_ADD_LINKS, rows)

    def _forget_links_and_vectors(self, number: int) -> None:
        self.conn.execute(delete(item_links).where(item_links.c.item_id == number))
        of_it = select(passages.c.id).where(passages.c.item_id == number)
        self.conn.execute(delete(vectors).where(vectors.c.passage_id.in_(of_it)))

    def _with_links(self, rows: Collection[Row[Any]]) -> list[tuple[Row[Any], Item]]:
        links: dict[int, list[str]] = {}
        for part in parts([row.id for row in rows]):
            query = select(item_links).where(item_links.c.item_id.in_(part)).order_by(item_links.c.place)
            for link in self.conn.execute(query).all():
                links.setdefault(link.item_id, []).append(link.canonical)
        return [(row, _item(row, tuple(links.get(row.id, ())))) for row in rows]


def _values(item: Item) -> dict[str, Any]:
    same = "uri ref author source kind created_at edited_at url title warning text language reply_to quotes"
    return {name: getattr(item, name) for name in same.split()} | {
        "visibility": str(item.visibility),
        "links": list(item.links),
        "tags": list(item.tags),
        "mentions": list(item.mentions),
        "media": [asdict(media) for media in item.media],
        "poll": list(item.poll),
        "counts": asdict(item.counts),
        "raw": json.loads(json.dumps(item.raw, default=str)),
    }


def _item(row: Row[Any], canonical: tuple[str, ...]) -> Item:
    return Item(
        id=row.id,
        uri=row.uri,
        ref=row.ref,
        author=row.author,
        source=row.source,
        kind=row.kind,
        created_at=row.created_at,
        edited_at=row.edited_at,
        url=row.url,
        title=row.title,
        warning=row.warning,
        text=row.text,
        language=row.language,
        visibility=_VISIBILITY[row.visibility],
        reply_to=row.reply_to,
        quotes=row.quotes,
        thread=row.thread,
        links=tuple(row.links),
        canonical=canonical,
        tags=tuple(row.tags),
        mentions=tuple(row.mentions),
        media=tuple(Media(**media) for media in row.media),
        poll=tuple(row.poll),
        counts=Counts(**row.counts),
    )
