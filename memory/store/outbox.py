"""What is to be said: decided and queued in one transaction, said afterwards, and said once.

queued ▸ sending ▸ sent, or doubtful (it is not known whether it arrived), failed (not by the latest try, to be tried
again), given up (refused for good), cancelled. What was tried once may have been said, in part at least, whatever its
state: whoever tries again finds out first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.sqlite import insert

from memory.records import Offer, Outgoing, Span
from memory.schema import messages, outbox

OPEN = ("queued", "sending", "doubtful", "failed")
"""States from which a message may still be sent."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits, with what it is about. ``after`` is the key of the message that it replies to."""

    id: int
    out: Outgoing
    after: str
    attempts: int
    entry_id: int | None
    digest_id: int | None
    queued_at: datetime
    tried_at: datetime | None  # for the first time: from then on it may have been said
    settled_at: datetime | None  # when its state last changed
    in_doubt: bool = False  # an earlier try may have said it; otherwise each has surely said nothing


@dataclass(frozen=True, slots=True)
class Outbox:
    """Questions and facts about messages to be sent."""

    conn: Connection
    owner: str

    def queue(
        self,
        channel: str,
        out: Outgoing,
        at: datetime,
        after: str = "",
        entry_id: int | None = None,
        digest_id: int | None = None,
    ) -> bool:
        """Put a message in line; False when one with this key was queued before."""
        row: dict[str, Any] = {"channel": channel, "key": out.key, "state": "queued", "payload": asdict(out)}
        row |= {"after": after, "platform_id": "", "attempts": 0, "queued_at": at}
        query = insert(outbox).values(owner=self.owner, entry_id=entry_id, digest_id=digest_id, **row)
        return self.conn.execute(query.on_conflict_do_nothing()).rowcount > 0

    def waiting(self, channel: str) -> list[Queued]:
        """What is still to be said there, in order."""
        query = select(outbox).where(outbox.c.owner == self.owner, outbox.c.channel == channel)
        rows = self.conn.execute(query.where(outbox.c.state.in_(OPEN)).order_by(outbox.c.id)).all()
        return [_queued(row) for row in rows]

    def still_open(self, number: int) -> bool:
        """Whether a message was neither sent nor cancelled meanwhile."""
        query = select(outbox.c.state).where(outbox.c.owner == self.owner, outbox.c.id == number)
        return self.conn.scalar(query) in OPEN

    def platform_id(self, channel: str, key: str) -> str:
        """The platform's id of what was sent under that key (of its first part), or nothing."""
        query = select(outbox.c.platform_id).where(outbox.c.owner == self.owner, outbox.c.channel == channel)
        return self.conn.scalar(query.where(outbox.c.key == key)) or ""

    def about(self, channel: str, key: str) -> tuple[int | None, int | None] | None:
        """Which entry and which digest the message under that key tells of; None where there is no such message."""
        query = select(outbox.c.entry_id, outbox.c.digest_id).where(outbox.c.owner == self.owner)
        row = self.conn.execute(query.where(outbox.c.channel == channel, outbox.c.key == key)).first()
        return (row.entry_id, row.digest_id) if row else None

    def told(self, channel: str, entry_id: int) -> list[tuple[str, Outgoing]]:
        """What was said there of an entry, by the platform's id of its last part."""
        query = select(outbox).where(outbox.c.owner == self.owner, outbox.c.channel == channel)
        rows = self.conn.execute(query.where(outbox.c.entry_id == entry_id, outbox.c.state == "sent")).all()
        return [(self._last_part(channel, row.platform_id), _queued(row).out) for row in rows]

    def _last_part(self, channel: str, platform_id: str) -> str:
        """Further parts answer the first, and have no words of their own."""
        part = (messages.c.channel == channel, messages.c.reply_to == platform_id, messages.c.text == "")
        query = select(messages.c.platform_id).where(messages.c.owner == self.owner, messages.c.incoming.is_(False))
        return self.conn.scalar(query.where(*part).order_by(messages.c.id.desc()).limit(1)) or platform_id

    def astray(self, channel: str, since: datetime) -> list[Queued]:
        """What may stand there under an id that nobody knows, or appear yet: it was tried again, or never recorded."""
        unsure = outbox.c.state.in_(("sending", "doubtful", "cancelled")) & (outbox.c.attempts > 0)
        query = select(outbox).where(outbox.c.owner == self.owner, outbox.c.channel == channel)
        query = query.where(func.coalesce(outbox.c.settled_at, outbox.c.queued_at) >= since)
        return [_queued(row) for row in self.conn.execute(query.where(unsure | (outbox.c.attempts > 1))).all()]

    def settle(self, number: int, state: str, at: datetime, platform_id: str = "", error: str = "") -> None:
        """What became of a message. One that was cancelled while it was being sent is never tried again."""
        row = {"state": state, "settled_at": at, "platform_id": platform_id, "error": error}
        if state == "sending":
            row |= {"attempts": outbox.c.attempts + 1, "tried_at": func.coalesce(outbox.c.tried_at, at)}
        mine = [outbox.c.id == number, outbox.c.owner == self.owner]
        if state in OPEN:
            mine.append(outbox.c.state != "cancelled")
        self.conn.execute(update(outbox).where(*mine).values(row))

    def drop_entry(self, digest_id: int, number: int) -> None:
        """Cut an entry out of messages that tell of several, be they said already or not."""
        of_digest = (outbox.c.owner == self.owner, outbox.c.digest_id == digest_id, outbox.c.entry_id.is_(None))
        for row in self.conn.execute(select(outbox).where(*of_digest)).all():
            payload = {**row.payload, "spans": without_entry(row.payload["spans"], number)}
            self.conn.execute(update(outbox).where(outbox.c.id == row.id).values(payload=payload))

    def forget_item(self, uri: str, entry_ids: Sequence[int], at: datetime) -> list[tuple[str, str]]:
        """Do not say what quotes this item or tells of these entries, and drop the words.

        Returns (channel, platform id) of what was said already.
        """
        each = func.json_each(outbox.c.payload, "$.about").table_valued("value")
        quotes = select(each.c.value).where(each.c.value == uri).exists()
        query = select(outbox).where(outbox.c.owner == self.owner, quotes | outbox.c.entry_id.in_(list(entry_ids)))
        rows = self.conn.execute(query).all()
        for row in rows:
            changes: dict[str, Any] = {"payload": asdict(Outgoing(key=row.key, spans=()))}
            changes |= {"state": "cancelled", "settled_at": at} if row.state in OPEN else {}
            self.conn.execute(update(outbox).where(outbox.c.id == row.id).values(changes))
        return [(row.channel, row.platform_id) for row in rows if row.platform_id]


def _queued(row: Row[Any]) -> Queued:
    payload = dict(row.payload)
    payload["spans"] = tuple(Span(**span) for span in payload["spans"])
    payload["about"] = tuple(payload.get("about", ()))
    payload["offers"] = tuple(Offer(**offer) for offer in payload.get("offers", ()))
    about = {name: getattr(row, name) for name in ("after", "attempts", "entry_id", "digest_id", "queued_at")}
    tried_at = row.tried_at or (row.queued_at if row.attempts else None)  # before it was written down
    in_doubt = row.state in ("sending", "doubtful")
    return Queued(row.id, Outgoing(**payload), **about, tried_at=tried_at, settled_at=row.settled_at, in_doubt=in_doubt)


def without_entry(spans: Sequence[Mapping[str, Any]], number: int) -> list[Mapping[str, Any]]:
    """The spans without those of an entry: its line of contents, and all from its number in strong type to the next."""
    kept, cutting = [], False
    for span in spans:
        if span["kind"] in ("strong", "contents"):
            cutting = span["text"].startswith((f"{number} · ", f"{number}. "))
        if not cutting:
            kept.append(span)
    return kept
