"""Which entries are about which project: follows from their bodies, and is filled in here for those that are there."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_AT_ONCE = 1000


def upgrade() -> None:
    scope = op.create_table(
        "ledger_scope",
        sa.Column("scope", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq", name=op.f("pk_ledger_scope")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    entries = sa.table("ledger_entry", sa.column("seq", sa.BigInteger), sa.column("body", sa.LargeBinary))
    after = 0
    while True:
        page = sa.select(entries).where(entries.c.seq > after).order_by(entries.c.seq).limit(_AT_ONCE)
        rows = connection.execute(page).all()
        if not rows:
            return
        found = [{"scope": path, "seq": row.seq} for row in rows if (path := _scope(row.body))]
        if found:
            connection.execute(sa.insert(scope), found)
        after = rows[-1].seq


def _scope(body: bytes) -> str:
    try:
        custom = json.loads(body).get("customData")
    except (ValueError, AttributeError, RecursionError):
        return ""
    found = custom.get("project") if isinstance(custom, dict) else None
    return found if isinstance(found, str) else ""
