"""Which accounts at forges, and which addresses, are whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "person_alias",
        sa.Column("forge", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_alias_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("forge", "name", name=op.f("pk_person_alias")),
    )
    op.create_index(op.f("ix_person_alias_person"), "person_alias", ["person"])
