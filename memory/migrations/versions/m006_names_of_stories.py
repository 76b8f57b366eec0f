"""by which name the story of every item went"""

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"


def upgrade() -> None:
    op.create_table(
        "story_names",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_story_names_item_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("item_id", name=op.f("uq_story_names_item_id")),
    )
