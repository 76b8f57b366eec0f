"""The tables. Every personal row carries its owner; instants are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)


class Instant(TypeDecorator[datetime]):
    """A time zone aware datetime, stored as naive UTC, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no zone: a local time mistaken for UTC is silent and wrong."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a time zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner() -> Column[str]:
    return Column("owner", String, nullable=False)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _of(name: str, table: str, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable)


accounts = Table(
    "accounts",
    metadata,
    _id(),
    _owner(),
    Column("uri", String, nullable=False),
    Column("handle", String, nullable=False),
    _text("name"),
    _text("url"),
    Column("bot", Boolean, nullable=False),
    Column("followers", Integer, nullable=False),
    Column("followed", Boolean, nullable=False),
    _json("asks"),
    UniqueConstraint("owner", "uri"),
)

items = Table(
    "items",
    metadata,
    _id(),
    _owner(),
    Column("uri", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("author", String, nullable=False),
    Column("source", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("edited_at", Instant),
    _text("url"),
    _text("title"),
    _text("warning"),
    _text("text"),
    _text("language"),
    Column("visibility", String, nullable=False),
    _text("reply_to"),
    _text("quotes"),
    Column("thread", String, nullable=False),
    _json("links"),
    _json("tags"),
    _json("mentions"),
    _json("media"),
    _json("poll"),
    _json("counts"),
    _json("raw"),
    Column("collected_at", Instant, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("indexable", Boolean, nullable=False),
    UniqueConstraint("owner", "uri"),
    Index(None, "owner", "ref"),
    Index(None, "owner", "thread", "created_at"),
    Index(None, "owner", "author", "created_at"),
    Index(None, "owner", "created_at"),
    sqlite_autoincrement=True,  # the index may know a deleted number a while longer: it must never mean another item
)

item_links = Table(
    "item_links",
    metadata,
    _of("item_id", "items"),
    _owner(),
    Column("canonical", String, nullable=False),
    Column("place", Integer, nullable=False),  # in the order of the text
    UniqueConstraint("item_id", "canonical"),
    Index(None, "owner", "canonical"),
)

resolved_links = Table(
    "resolved_links",
    metadata,
    _owner(),
    Column("url", String, nullable=False),
    Column("canonical", String, nullable=False),
    UniqueConstraint("owner", "url"),
)

passages = Table(
    "passages",
    metadata,
    _id(),
    _owner(),
    _of("item_id", "items"),
    Column("place", Integer, nullable=False),  # among the passages of its item, from 0
    Column("begin", Integer, nullable=False),
    Column("end", Integer, nullable=False),  # UNCUT: as an older Magpie has left it, the whole item
    _text("context"),
    UniqueConstraint("item_id", "place"),
    sqlite_autoincrement=True,  # as with items: the index may know a deleted number a while longer
)

UNCUT = -1

vectors = Table(
    "vectors",
    metadata,
    _of("passage_id", "passages"),
    Column("model", String, nullable=False),
    Column("fingerprint", String, nullable=False),  # of the words that were embedded
    Column("vector", LargeBinary, nullable=False),  # float16, little-endian
    Column("indexed", Boolean, nullable=False),
    UniqueConstraint("passage_id", "model"),
)

index_removals = Table(
    "index_removals",
    metadata,
    _owner(),
    Column("passage_id", Integer, nullable=False),
    UniqueConstraint("owner", "passage_id"),
)

tombstones = Table(
    "tombstones",
    metadata,
    _owner(),
    Column("ref", String, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("owner", "ref"),
)

shares = Table(
    "shares",
    metadata,
    _id(),
    _owner(),
    _of("item_id", "items"),
    Column("account", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("how", String, nullable=False),
    _text("ref"),
    UniqueConstraint("owner", "item_id", "account", "how"),
    Index(None, "owner", "at"),
    Index(None, "owner", "account", "at"),
    Index(None, "owner", "ref"),
)

seen = Table(
    "seen",
    metadata,
    _owner(),
    Column("scope", String, nullable=False),
    Column("key", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("evidence", String, nullable=False),
    Column("strength", Float, nullable=False),
    UniqueConstraint("owner", "scope", "key", "evidence"),
)

SEEN_NUMBER = literal_column("seen.rowid", Integer)
"""The order in which evidence came in; its instants do not tell, since a like may be dated as the post that it is on.

SQLite may number rows anew when the file is made smaller, but in the same order, and without a gap nothing moves.
"""

reactions = Table(
    "reactions",
    metadata,
    _id(),
    _owner(),
    Column("kind", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("item", String, nullable=False),
    _text("source"),
    _text("emoji"),
    Column("event", String, nullable=False),
    _of("entry_id", "entries", nullable=True),
    UniqueConstraint("owner", "event"),
    Index(None, "owner", "item"),
)

rules = Table(
    "rules",
    metadata,
    _owner(),
    Column("origin", String, nullable=False),  # a source's name, or "owner"
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("until", Instant),
    Column("whole_word", Boolean, nullable=False),
    UniqueConstraint("owner", "origin", "kind", "key"),
)

interests = Table(
    "interests",
    metadata,
    _owner(),
    Column("topic", String, nullable=False),
    Column("weight", Float, nullable=False),  # in [-1, 1]
    Column("at", Instant, nullable=False),
    UniqueConstraint("owner", "topic"),
)

cursors = Table(
    "cursors",
    metadata,
    _owner(),
    Column("source", String, nullable=False),
    Column("feed", String, nullable=False),
    Column("mark", Text, nullable=False),
    UniqueConstraint("owner", "source", "feed"),
)

gaps = Table(
    "gaps",
    metadata,
    _id(),
    _owner(),
    Column("source", String, nullable=False),
    Column("feed", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    _of("told_in", "digests", nullable=True),
    UniqueConstraint("owner", "source", "feed", "since"),
)

digests = Table(
    "digests",
    metadata,
    _id(),
    _owner(),
    Column("date", Date, nullable=False),
    Column("slot", Integer, nullable=False, server_default="0"),  # the how manieth of that date's hours, from 0
    Column("channel", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("run", String, nullable=False),
    _json("notes"),
    UniqueConstraint("owner", "date", "slot", "channel"),
)

occasions = Table(
    "occasions",
    metadata,
    _owner(),
    Column("channel", String, nullable=False),
    Column("date", Date, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("state", String, nullable=False),
    _text("reason"),
    Column("at", Instant, nullable=False),
    _text("run"),
    UniqueConstraint("owner", "channel", "date", "slot"),
)

preferences = Table(
    "preferences",
    metadata,
    _owner(),
    Column("key", String, nullable=False),
    _json("value"),
    Column("at", Instant, nullable=False),
    UniqueConstraint("owner", "key"),
)

entries = Table(
    "entries",
    metadata,
    _id(),
    _owner(),
    _of("digest_id", "digests"),
    Column("number", Integer, nullable=False),
    Column("lead", String, nullable=False),  # Item.uri
    _json("items"),  # Item.uri of the whole story
    _json("sharers"),  # Account.uri
    _json("scored"),
    UniqueConstraint("digest_id", "number"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    _owner(),
    Column("channel", String, nullable=False),
    Column("incoming", Boolean, nullable=False),
    Column("platform_id", String, nullable=False),
    _text("reply_to"),
    _text("text"),
    Column("at", Instant, nullable=False),
    _of("entry_id", "entries", nullable=True),
    _of("digest_id", "digests", nullable=True),
    UniqueConstraint("owner", "channel", "platform_id"),
)

questions = Table(
    "questions",
    metadata,
    _id(),
    _owner(),
    Column("channel", String, nullable=False),
    Column("message", String, nullable=False),  # the platform's id of the message that asks
    Column("conversation", String, nullable=False),
    _text("text"),
    Column("at", Instant, nullable=False),
    Column("state", String, nullable=False),  # waiting, answered, stopped, failed
    _text("run"),
    UniqueConstraint("owner", "channel", "message"),
    Index(None, "owner", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _owner(),
    Column("channel", String, nullable=False),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False),
    _json("payload"),
    Column("after", String, nullable=False),  # the key of the message that this one replies to
    Column("platform_id", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    _text("error"),
    Column("queued_at", Instant, nullable=False),
    Column("tried_at", Instant),  # for the first time: from then on it may have been said
    Column("settled_at", Instant),
    _of("entry_id", "entries", nullable=True),
    _of("digest_id", "digests", nullable=True),
    UniqueConstraint("owner", "channel", "key"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    _owner(),
    Column("job", String, nullable=False),
    Column("began", Instant, nullable=False),
    Column("ended", Instant),
    Column("state", String, nullable=False),
    _text("replays"),  # the run whose input this one has taken
    _json("counts"),
    _json("failures"),
    Index(None, "owner", "began"),
)

steps = Table(
    "steps",
    metadata,
    _id(),
    _owner(),
    Column("run", String, nullable=False),
    Column("node", String, nullable=False),
    Column("began", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    _json("given"),  # counts of what went in
    _json("made"),  # counts of what came out
    Index(None, "owner", "run"),
)

model_calls = Table(
    "model_calls",
    metadata,
    _id(),
    _owner(),
    Column("run", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("prompt", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("model", String, nullable=False),
    _json("inputs"),  # Item.uri
    _json("messages"),
    _text("output"),
    _text("verdict"),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)

judgements = Table(
    "judgements",
    metadata,
    _id(),
    _owner(),
    Column("run", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("item", String, nullable=False),  # Item.uri
    Column("model", String, nullable=False),
    Column("version", Integer, nullable=False),  # of the prompt
    Column("score", Float, nullable=False),  # in [0, 10], the mean of ``times`` answers
    Column("times", Integer, nullable=False),
    _text("reason"),
    _text("quote"),
    UniqueConstraint("owner", "run", "item"),
    Index(None, "owner", "model", "at"),
)

chaff = Table(
    "chaff",
    metadata,
    _of("item_id", "items"),
    _owner(),
    Column("reason", String, nullable=False),
    Column("indexable", Boolean, nullable=False),  # whether it may be searched when it is taken back
    UniqueConstraint("item_id"),
)

story_names = Table(
    "story_names",
    metadata,
    _of("item_id", "items"),
    _owner(),
    Column("story", String, nullable=False),  # Story.key
    Column("at", Instant, nullable=False),
    UniqueConstraint("item_id"),
)

FULL_TEXT = "passages_fts"
"""Full text of the searchable passages (words, author; rowid is passages.id): an FTS5 table: a migration makes it."""
