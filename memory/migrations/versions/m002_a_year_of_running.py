"""several digests a day, the history of what was due, the steps of a run, and what was chosen in the chat"""

import sqlalchemy as sa
from alembic import op

from memory.schema import Instant

revision = "002"
down_revision = "001"


def upgrade() -> None:
    with op.batch_alter_table("digests") as digests:
        digests.add_column(sa.Column("slot", sa.Integer(), server_default="0", nullable=False))
        digests.drop_constraint(op.f("uq_digests_owner_date_channel"), type_="unique")
        digests.create_unique_constraint(
            op.f("uq_digests_owner_date_slot_channel"), ["owner", "date", "slot", "channel"]
        )
    op.create_table(
        "occasions",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.UniqueConstraint("owner", "channel", "date", "slot", name=op.f("uq_occasions_owner_channel_date_slot")),
    )
    op.create_table(
        "preferences",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.UniqueConstraint("owner", "key", name=op.f("uq_preferences_owner_key")),
    )
    op.add_column("outbox", sa.Column("tried_at", Instant(), nullable=True))
    op.add_column("runs", sa.Column("replays", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("began", Instant(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    op.create_index(op.f("ix_steps_owner_run"), "steps", ["owner", "run"])
