"""What was said in the channels, by either side, and which entry of which digest it was about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from memory.records import Message
from memory.schema import messages


@dataclass(frozen=True, slots=True)
class Messages:
    """Questions and facts about messages."""

    conn: Connection
    owner: str

    def add(self, message: Message, entry_id: int | None = None, digest_id: int | None = None) -> bool:
        """Keep a message; False when it is known (a platform may deliver it twice)."""
        row = {
            name: getattr(message, name) for name in ("channel", "incoming", "platform_id", "reply_to", "text", "at")
        }
        query = insert(messages).values(owner=self.owner, entry_id=entry_id, digest_id=digest_id, **row)
        return self.conn.execute(query.on_conflict_do_nothing()).rowcount > 0

    def said(self, channel: str, most: int = 1000) -> frozenset[str]:
        """The platform's ids of what Magpie has said there latest, each part counted."""
        mine = (messages.c.owner == self.owner, messages.c.channel == channel, messages.c.incoming.is_(False))
        query = select(messages.c.platform_id).where(*mine).order_by(messages.c.id.desc()).limit(most)
        return frozenset(self.conn.scalars(query))

    def known(self, channel: str, platform_id: str) -> bool:
        """Whether a message is kept, by whomever it was said."""
        query = select(messages.c.id).where(messages.c.owner == self.owner, messages.c.channel == channel)
        return self.conn.scalar(query.where(messages.c.platform_id == platform_id)) is not None

    def entry_of(self, channel: str, platform_id: str) -> int | None:
        """The entry that a message told of, or that the message it replied to told of."""
        seen: set[str] = set()
        while platform_id and platform_id not in seen:
            seen.add(platform_id)
            query = select(messages).where(messages.c.owner == self.owner, messages.c.channel == channel)
            row = self.conn.execute(query.where(messages.c.platform_id == platform_id)).first()
            if row is None or row.entry_id is not None:
                return None if row is None else row.entry_id
            platform_id = row.reply_to
        return None

    def told_entry(self, channel: str, platform_id: str) -> int | None:
        """The entry that this very message told of; an answer to it tells of none."""
        query = select(messages.c.entry_id).where(messages.c.owner == self.owner, messages.c.channel == channel)
        return self.conn.scalar(query.where(messages.c.platform_id == platform_id))

    def digest_of(self, channel: str, platform_id: str) -> int | None:
        """The digest that a message belonged to."""
        query = select(messages.c.digest_id).where(messages.c.owner == self.owner, messages.c.channel == channel)
        return self.conn.scalar(query.where(messages.c.platform_id == platform_id))

    def forget(self, said: Iterable[tuple[str, str]]) -> None:
        """Blank the words of these messages (channel, platform id); that something was said is kept."""
        for channel, platform_id in said:
            mine = (messages.c.owner == self.owner, messages.c.channel == channel)
            query = update(messages).where(*mine, messages.c.platform_id == platform_id)
            self.conn.execute(query.values(text=""))
