"""Who sent an event that others told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("sender", sa.LargeBinary(), nullable=True))
