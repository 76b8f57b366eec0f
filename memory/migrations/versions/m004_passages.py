"""what is searched are passages; each item is one, until it is cut"""

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"


def upgrade() -> None:
    op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("begin", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("context", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_passages_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
        sa.UniqueConstraint("item_id", "place", name=op.f("uq_passages_item_id_place")),
        sqlite_autoincrement=True,
    )
    # with the number of its item, so that vectors, full text and the index go on as they are
    op.execute(
        'INSERT INTO passages (id, owner, item_id, place, begin, "end") SELECT id, owner, id, 0, 0, -1 FROM items'
    )
    _the_numbers_of_deleted_items_are_not_given_again()
    op.execute("ALTER TABLE vectors RENAME TO item_vectors")
    op.create_table(
        "vectors",
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name=op.f("fk_vectors_passage_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("passage_id", "model", name=op.f("uq_vectors_passage_id_model")),
    )
    op.execute("INSERT INTO vectors SELECT item_id, model, fingerprint, vector, indexed FROM item_vectors")
    op.drop_table("item_vectors")
    op.execute("ALTER TABLE index_removals RENAME TO item_removals")
    op.create_table(
        "index_removals",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.UniqueConstraint("owner", "passage_id", name=op.f("uq_index_removals_owner_passage_id")),
    )
    op.execute("INSERT INTO index_removals SELECT owner, item_id FROM item_removals")
    op.drop_table("item_removals")
    op.execute("ALTER TABLE items_fts RENAME TO passages_fts")
    op.drop_index(op.f("ix_items_owner_thread"), "items")
    op.create_index(op.f("ix_items_owner_thread_created_at"), "items", ["owner", "thread", "created_at"])


def _the_numbers_of_deleted_items_are_not_given_again() -> None:
    """The index may still know them."""
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'passages'")
    op.execute("INSERT INTO sqlite_sequence SELECT 'passages', seq FROM sqlite_sequence WHERE name = 'items'")
