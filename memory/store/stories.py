"""By which name the story of every item went, so that it goes by the same name when it is put together anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.parts import parts
from memory.records import Item
from memory.schema import items, story_names, tombstones

_OF_ITEM = select(items.c.id, items.c.owner, bindparam("story"), bindparam("at", type_=story_names.c.at.type))
_FORGOTTEN = select(tombstones.c.ref).where(
    tombstones.c.owner == bindparam("mine"), tombstones.c.ref == bindparam("story")
)
_OF_ITEM = _OF_ITEM.where(items.c.owner == bindparam("mine"), items.c.uri == bindparam("uri"), ~_FORGOTTEN.exists())
_PUT = insert(story_names).from_select(["item_id", "owner", "story", "at"], _OF_ITEM)
_PUT = _PUT.on_conflict_do_update(
    ["item_id"],
    set_={name: _PUT.excluded[name] for name in ("story", "at")},
    where=story_names.c.story != _PUT.excluded.story,
)


@dataclass(frozen=True, slots=True)
class Stories:
    """Questions and facts about the names of stories."""

    conn: Connection
    owner: str

    def keep(self, names: Mapping[str, str], at: datetime) -> None:
        """Item.uri → Story.key, as of ``at``: since when an item's story goes by the name that it has.

        The address of what was forgotten meanwhile is no name any more.
        """
        rows = [{"mine": self.owner, "uri": uri, "story": story, "at": at} for uri, story in names.items()]
        if rows:
            self.conn.execute(_PUT, rows)

    def names(self, uris: Collection[str], before: datetime) -> dict[str, str]:
        """Item.uri → Story.key, as far as these items had one before an instant."""
        found: dict[str, str] = {}
        for part in parts(uris):
            query = select(items.c.uri, story_names.c.story).join(story_names, story_names.c.item_id == items.c.id)
            query = query.where(items.c.owner == self.owner, items.c.uri.in_(part), story_names.c.at < before)
            found |= {uri: story for uri, story in self.conn.execute(query).all()}
        return found

    def forget_item(self, item: Item) -> None:
        """No story goes by its address, its thread or its links any more."""
        mine, names = story_names.c.owner == self.owner, {item.uri, item.ref, item.thread, *item.canonical}
        numbered = self.conn.scalars(select(story_names.c.story).where(mine, story_names.c.story.contains(" ")))
        names |= {story for story in numbered if story.rpartition(" ")[0] in names}
        self.conn.execute(delete(story_names).where(mine, story_names.c.story.in_(names)))

    def drop(self, before: datetime) -> None:
        """What was named long ago is in no window any more."""
        mine = story_names.c.owner == self.owner
        self.conn.execute(delete(story_names).where(mine, story_names.c.at < before))
