"""the first tables"""

import sqlalchemy as sa
from alembic import op

from memory.schema import Instant

revision = "001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("owner", "uri", name=op.f("uq_accounts_owner_uri")),
    )
    op.create_table(
        "cursors",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.UniqueConstraint("owner", "source", "feed", name=op.f("uq_cursors_owner_source_feed")),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("owner", "date", "channel", name=op.f("uq_digests_owner_date_channel")),
    )
    op.create_table(
        "index_removals",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.UniqueConstraint("owner", "item_id", name=op.f("uq_index_removals_owner_item_id")),
    )
    op.create_table(
        "interests",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.UniqueConstraint("owner", "topic", name=op.f("uq_interests_owner_topic")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("warning", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("reply_to", sa.Text(), server_default="", nullable=False),
        sa.Column("quotes", sa.Text(), server_default="", nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("poll", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("collected_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.Column("indexable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("owner", "uri", name=op.f("uq_items_owner_uri")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_items_owner_author_created_at"), ["owner", "author", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_items_owner_created_at"), ["owner", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_items_owner_ref"), ["owner", "ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_items_owner_thread"), ["owner", "thread"], unique=False)

    op.create_table(
        "model_calls",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("output", sa.Text(), server_default="", nullable=False),
        sa.Column("verdict", sa.Text(), server_default="", nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_calls")),
    )
    op.create_table(
        "resolved_links",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("canonical", sa.String(), nullable=False),
        sa.UniqueConstraint("owner", "url", name=op.f("uq_resolved_links_owner_url")),
    )
    op.create_table(
        "rules",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("whole_word", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("owner", "origin", "kind", "key", name=op.f("uq_rules_owner_origin_kind_key")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("began", Instant(), nullable=False),
        sa.Column("ended", Instant(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_owner_began"), ["owner", "began"], unique=False)

    op.create_table(
        "seen",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.UniqueConstraint("owner", "scope", "key", "evidence", name=op.f("uq_seen_owner_scope_key_evidence")),
    )
    op.create_table(
        "tombstones",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.UniqueConstraint("owner", "ref", name=op.f("uq_tombstones_owner_ref")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("sharers", sa.JSON(), nullable=False),
        sa.Column("scored", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_entries_digest_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("digest_id", "number", name=op.f("uq_entries_digest_id_number")),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("told_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["told_in"], ["digests.id"], name=op.f("fk_gaps_told_in"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.UniqueConstraint("owner", "source", "feed", "since", name=op.f("uq_gaps_owner_source_feed_since")),
    )
    op.create_table(
        "item_links",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("canonical", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_links_item_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("item_id", "canonical", name=op.f("uq_item_links_item_id_canonical")),
    )
    with op.batch_alter_table("item_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_links_owner_canonical"), ["owner", "canonical"], unique=False)

    op.create_table(
        "shares",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_shares_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("owner", "item_id", "account", "how", name=op.f("uq_shares_owner_item_id_account_how")),
    )
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shares_owner_account_at"), ["owner", "account", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shares_owner_at"), ["owner", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shares_owner_ref"), ["owner", "ref"], unique=False)

    op.create_table(
        "vectors",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_vectors_item_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("item_id", "model", name=op.f("uq_vectors_item_id_model")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("reply_to", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_messages_digest_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_messages_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("owner", "channel", "platform_id", name=op.f("uq_messages_owner_channel_platform_id")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_outbox_digest_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_outbox_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("owner", "channel", "key", name=op.f("uq_outbox_owner_channel_key")),
    )
    op.create_table(
        "reactions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("emoji", sa.Text(), server_default="", nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_reactions_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        sa.UniqueConstraint("owner", "event", name=op.f("uq_reactions_owner_event")),
    )
    with op.batch_alter_table("reactions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reactions_owner_item"), ["owner", "item"], unique=False)
    op.execute(
        "CREATE VIRTUAL TABLE items_fts USING fts5(words, author, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
