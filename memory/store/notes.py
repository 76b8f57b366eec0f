"""What the owner said to Magpie: notes to be remembered, and what was said besides. They are items like any others."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from memory.records import Item, Kind, Message, Reaction, Visibility
from memory.schema import items
from memory.store.items import Items
from memory.store.reactions import Reactions

SOURCE: Final = "magpie"
"""The source of what was said to Magpie itself."""

HANDED: Final = "magpie:shared/"
"""How the URI begins of what the owner has handed to Magpie, and nobody else can look up."""

NOTE: Final = "note"
MESSAGE: Final = "message"
QUESTION: Final = "question"  # a message that asks: it is no answer to anything


@dataclass(frozen=True, slots=True)
class Notes:
    """Questions and facts about what was said to Magpie. Nobody but the owner and Magpie may read it."""

    conn: Connection
    owner: str

    def add(self, text: str, author: str, at: datetime) -> Item:
        """Remember a note; it is searchable at once, exported with the items, and forgotten with them."""
        uri = f"magpie:note/{at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        item = Item(uri, uri, author, at, text, source=SOURCE, kind=NOTE, visibility=Visibility.DIRECT)
        self._items.keep(item, at)
        Reactions(self.conn, self.owner).add(Reaction(Kind.AUTHORED, at, uri, SOURCE))
        return self._items.get(uri) or item

    def all(self) -> list[Item]:
        """Every note, oldest first: its place in this list, from 1, is its number."""
        query = select(items.c.id).where(items.c.owner == self.owner, items.c.source == SOURCE, items.c.kind == NOTE)
        numbers = self.conn.scalars(query).all()
        return sorted(self._items.by_id(numbers).values(), key=lambda item: (item.created_at, item.id))

    def edit(self, note: Item, text: str, at: datetime) -> None:
        """It says something else from now on."""
        self._items.keep(replace(note, text=text, edited_at=at), at)

    def heard(self, message: Message, author: str, asks: bool) -> Item:
        """Keep what the owner said in passing, or asked, among what can be searched."""
        uri = f"magpie:message/{message.channel}/{message.platform_id}"
        kind = QUESTION if asks else MESSAGE
        item = Item(uri, uri, author, message.at, message.text, source=SOURCE, kind=kind, visibility=Visibility.DIRECT)
        self._items.keep(item, message.at)
        return self._items.get(uri) or item

    def said(self) -> list[Item]:
        """All that was said to Magpie and kept as an item, oldest first."""
        query = select(items.c.id).where(items.c.owner == self.owner, items.c.source == SOURCE)
        numbers = self.conn.scalars(query).all()
        return sorted(self._items.by_id(numbers).values(), key=lambda item: (item.created_at, item.id))

    @property
    def _items(self) -> Items:
        return Items(self.conn, self.owner)
