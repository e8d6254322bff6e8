"""Deliveries are written down before they are carried out. Those that are known were carried out when they came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_AT_ONCE = 500
_ZERO = ("project", "received", "pipeline", "settled", "due", "tries", "begun", "lease_until", "fence")
_EMPTY = ("body", "address", "event", "ref", "before", "sha", "host", "outcome", "reason", "message", "lease_owner")
_INDEXES = (
    ("project", "id"),
    ("project", "ref", "id"),
    ("settled", "project", "ref", "id"),
    ("settled", "due", "id"),
)


def upgrade() -> None:
    made = op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("forge", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in _EMPTY),
        *(_number(name) for name in _ZERO),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("newest", sa.Boolean(create_constraint=False), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("forge", "project", "name", "body", name=op.f("uq_delivery_forge_project_name_body")),
        sqlite_autoincrement=True,
    )
    _fill(op.get_bind(), made)
    for columns in _INDEXES:
        op.create_index(op.f(f"ix_delivery_{'_'.join(columns)}"), "delivery", list(columns))
    op.drop_table("trigger_delivery")
    for name in ("heard", "faults"):
        op.add_column("repository_binding", _number(name))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _fill(connection: sa.Connection, made: sa.Table) -> None:
    """``id`` was "<project>:<the forge's id>"."""
    names = ("forge", "id", "project", "received", "event", "ref", "sha", "pipeline", "outcome")
    old = sa.table("trigger_delivery", *map(sa.column, names))
    rows = connection.execute(sa.select(old).order_by(old.c.received, old.c.forge, old.c.id)).all()
    for at in range(0, len(rows), _AT_ONCE):
        page = [dict(row._mapping) for row in rows[at : at + _AT_ONCE]]
        for row in page:
            row["name"] = row.pop("id").removeprefix(f"{row['project']}:")
            row |= {"settled": max(1, row["received"]), "told": b""}
        connection.execute(sa.insert(made), page)
