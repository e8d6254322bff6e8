"""What private repositories ask for, at the nodes of the tree."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "repository_credential",
        sa.Column("node", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), server_default="", nullable=False),
        sa.Column("known_hosts", sa.Text(), server_default="", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_by", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("node", "scheme", "host", name=op.f("pk_repository_credential")),
    )
