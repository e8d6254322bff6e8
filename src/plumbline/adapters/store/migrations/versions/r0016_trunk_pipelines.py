"""Which pipelines are of the default branch, by what each of them said of its project when it was made."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_AT_ONCE = 1000  # rows
_CHILD = "parent_pipeline"  # the event of one that another one of its project started


def upgrade() -> None:
    op.add_column("pipeline", sa.Column("trunk", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    connection = op.get_bind()
    told = sa.table("pipeline", *(sa.column(name) for name in ("id", "full_ref", "event", "change", "trunk")))
    last = 0
    while True:
        query = sa.select(told).where(told.c.id > last).order_by(told.c.id).limit(_AT_ONCE)
        rows = connection.execute(query).all()
        if not rows:
            break
        last = rows[-1].id
        own = [row.id for row in rows if row.event != _CHILD and row.full_ref == _default_of(row.change)]
        if own:
            connection.execute(sa.update(told).where(told.c.id.in_(own)).values(trunk=True))
    op.create_index("ix_pipeline_project_trunk_id", "pipeline", ["project", "trunk", "id"])


def _default_of(change: bytes) -> str:
    project = json.loads(change).get("project", {})
    return f"refs/heads/{project.get('default_branch', 'main')}"
