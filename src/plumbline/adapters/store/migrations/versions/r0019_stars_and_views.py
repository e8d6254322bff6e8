"""What people set for themselves: nodes they want at hand, and how they want to see lists again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "star",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("node", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_star_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["node"], ["tree_node.id"], name=op.f("fk_star_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "node", name=op.f("pk_star")),
    )
    op.create_index(op.f("ix_star_node"), "star", ["node"])
    op.create_table(
        "saved_view",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shelf", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_saved_view_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "shelf", "name", name=op.f("pk_saved_view")),
    )
