"""Which branch, tag or merge request a pipeline is of: names alone do not tell them apart."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_AT_ONCE = 500


def upgrade() -> None:
    op.add_column("pipeline", sa.Column("full_ref", sa.Text(), server_default="", nullable=False))
    table = sa.table("pipeline", *map(sa.column, ("id", "change", "full_ref")))
    connection, after = op.get_bind(), 0
    page = sa.select(table.c.id, table.c.change).order_by(table.c.id).limit(_AT_ONCE)
    fill = sa.update(table).where(table.c.id == sa.bindparam("of")).values(full_ref=sa.bindparam("name"))
    while rows := connection.execute(page.where(table.c.id > after)).all():
        connection.execute(fill, [{"of": id_, "name": _full_ref(json.loads(bytes(change)))} for id_, change in rows])
        after = rows[-1].id


def _full_ref(change: dict[str, Any]) -> str:
    if request := change.get("merge_request"):
        return f"refs/requests/{request.get('iid', 1)}"
    return f"refs/tags/{change['tag']}" if change.get("tag") else f"refs/heads/{change.get('branch', '')}"
