"""What forges told of merge requests, and what came of schedules the last time; nothing is known of either before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "merge_request",
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in ("project", "number")),
        sa.Column("branch", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
            for name in ("own", "is_open")
        ),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["project"], ["tree_node.id"], name=op.f("fk_merge_request_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project", "number", name=op.f("pk_merge_request")),
    )
    op.create_index(op.f("ix_merge_request_project_branch"), "merge_request", ["project", "branch"])
    op.add_column("schedule", sa.Column("pipeline", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("schedule", sa.Column("message", sa.Text(), server_default="", nullable=False))
