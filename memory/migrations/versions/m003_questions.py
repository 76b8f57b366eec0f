"""questions that wait for their answer"""

import sqlalchemy as sa
from alembic import op

from memory.schema import Instant

revision = "003"
down_revision = "002"


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("owner", "channel", "message", name=op.f("uq_questions_owner_channel_message")),
    )
    op.create_index(op.f("ix_questions_owner_state"), "questions", ["owner", "state"])
