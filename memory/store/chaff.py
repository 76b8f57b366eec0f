"""What is not worth searching or telling: it stays in the memory as it came, with the reason why it is left aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.parts import parts
from memory.records import Item, Media
from memory.schema import chaff, items
from memory.store.items import Items

# asked for every post that comes in, or for most
_OWNER = items.c.owner == bindparam("owner")
_ASIDE = select(chaff.c.item_id, chaff.c.indexable).join(items, items.c.id == chaff.c.item_id)
_ASIDE = _ASIDE.where(_OWNER, items.c.uri == bindparam("uri"))
_SAID_BY = (
    select(*(items.c[name] for name in ("uri", "created_at", "title", "warning", "text", "media", "poll")))
    .where(_OWNER, items.c.author == bindparam("author"))
    .order_by(items.c.created_at.desc())
    .limit(bindparam("newest", type_=Integer()))
)


@dataclass(frozen=True, slots=True)
class Chaff:
    """Questions and facts about what is left aside."""

    conn: Connection
    owner: str

    def lay_aside(self, uri: str, reason: str, indexable: bool = True) -> None:
        """No vector is made of it from now on. It was kept as not to be searched; ``indexable`` says if for this alone.

        A new reason takes the place of an old one.
        """
        number = self.conn.scalar(self._number(uri))
        if number is not None:
            query = insert(chaff).values(item_id=number, owner=self.owner, reason=reason, indexable=indexable)
            self.conn.execute(query.on_conflict_do_update(index_elements=["item_id"], set_={"reason": reason}))

    def take_back(self, uri: str) -> bool:
        """It is searched as if it had never been laid aside; False when it was not."""
        aside = self.conn.execute(_ASIDE, {"owner": self.owner, "uri": uri}).first()
        if aside is None:
            return False
        self.conn.execute(delete(chaff).where(chaff.c.item_id == aside.item_id))
        if aside.indexable:
            Items(self.conn, self.owner).make_searchable(uri)
        return True

    def said_by(self, author: str, newest: int) -> dict[str, str]:
        """URI → Item.searchable of the newest items of an account: some say the same again and again."""
        known = {"owner": self.owner, "author": author, "newest": newest}
        return {row.uri: _searchable(row) for row in self.conn.execute(_SAID_BY, known).all()}

    def reasons(self, uris: Collection[str]) -> dict[str, str]:
        """Item.uri → why it is laid aside, of those that are."""
        found: dict[str, str] = {}
        for part in parts(uris):
            query = select(items.c.uri, chaff.c.reason).join(chaff, chaff.c.item_id == items.c.id)
            query = query.where(items.c.owner == self.owner, items.c.uri.in_(part))
            found |= {row.uri: row.reason for row in self.conn.execute(query)}
        return found

    def all(self, limit: int) -> list[str]:
        """Item.uri of what is laid aside, the newest first."""
        query = select(items.c.uri).join(chaff, chaff.c.item_id == items.c.id).where(chaff.c.owner == self.owner)
        return list(self.conn.scalars(query.order_by(items.c.id.desc()).limit(limit)))

    def _number(self, uri: str) -> Select[tuple[int]]:
        return select(items.c.id).where(items.c.owner == self.owner, items.c.uri == uri)


def _searchable(row: Row[Any]) -> str:
    media = tuple(Media(**media) for media in row.media)
    words = {"title": row.title, "warning": row.warning, "media": media, "poll": tuple(row.poll)}
    return Item(row.uri, "", "", row.created_at, row.text, **words).searchable
