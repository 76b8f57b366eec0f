"""What is not worth searching or telling: it stays in the memory as it came, with the reason why it is left aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.schema import chaff, items
from memory.store.items import Items

_AT_ONCE = 500


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
        this = (chaff.c.owner == self.owner, chaff.c.item_id == self._number(uri).scalar_subquery())
        indexable = self.conn.scalar(select(chaff.c.indexable).where(*this))
        if indexable is None:
            return False
        self.conn.execute(delete(chaff).where(*this))
        if indexable:
            Items(self.conn, self.owner).make_searchable(uri)
        return True

    def reasons(self, uris: Collection[str]) -> dict[str, str]:
        """Item.uri → why it is laid aside, of those that are."""
        found: dict[str, str] = {}
        ordered = list(uris)
        for start in range(0, len(ordered), _AT_ONCE):
            these = items.c.uri.in_(ordered[start : start + _AT_ONCE])
            query = select(items.c.uri, chaff.c.reason).join(chaff, chaff.c.item_id == items.c.id)
            query = query.where(items.c.owner == self.owner, these)
            found |= {row.uri: row.reason for row in self.conn.execute(query)}
        return found

    def all(self, limit: int) -> list[str]:
        """Item.uri of what is laid aside, the newest first."""
        query = select(items.c.uri).join(chaff, chaff.c.item_id == items.c.id).where(chaff.c.owner == self.owner)
        return list(self.conn.scalars(query.order_by(items.c.id.desc()).limit(limit)))

    def _number(self, uri: str) -> Select[tuple[int]]:
        return select(items.c.id).where(items.c.owner == self.owner, items.c.uri == uri)
