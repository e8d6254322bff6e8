"""Which values an attempt at a job was given for its inputs; before, nobody could give any."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("job", sa.Column("inputs", sa.Text(), server_default="{}", nullable=False))
