"""Who canceled a pipeline or a job, what whoever is named in a job did, and the schedule that asked for a pipeline.

Of what was there before nobody wrote that down here; the ledger has it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for table, name in (("pipeline", "schedule"), ("pipeline", "canceled_by"), ("job", "canceled_by")):
        op.add_column(table, sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("job", sa.Column("pressed", sa.Text(), server_default="", nullable=False))
