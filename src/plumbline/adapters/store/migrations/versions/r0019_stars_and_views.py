"""What people set for themselves: nodes they want at hand, and how they want to see lists again; and which pipelines
are whose."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_AT_ONCE = 500
_LONGEST = 500  # characters
_WHO = ("author", "user_login", "user_name", "user_email")


def upgrade() -> None:
    op.create_table(
        "star",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("node", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_star_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["node"], ["tree_node.id"], name=op.f("fk_star_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "node", name=op.f("pk_star")),
    )
    op.create_index(op.f("ix_star_node"), "star", ["node"])
    op.create_table(
        "saved_view",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shelf", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_saved_view_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "shelf", "name", name=op.f("pk_saved_view")),
    )
    op.add_column("pipeline", sa.Column("who", sa.Text(), server_default="", nullable=False))
    _fill()
    for column in ("event", "by", "who"):
        op.create_index(op.f(f"ix_pipeline_{column}_id"), "pipeline", [column, "id"])


def _fill() -> None:
    table = sa.table("pipeline", *map(sa.column, ("id", "change", "who")))
    connection, after = op.get_bind(), 0
    page = sa.select(table.c.id, table.c.change).order_by(table.c.id).limit(_AT_ONCE)
    fill = sa.update(table).where(table.c.id == sa.bindparam("of")).values(who=sa.bindparam("known"))
    while rows := connection.execute(page.where(table.c.id > after)).all():
        connection.execute(fill, [{"of": id_, "known": _who(json.loads(bytes(change)))} for id_, change in rows])
        after = rows[-1].id


def _who(change: dict[str, Any]) -> str:
    known = dict.fromkeys(change[part] for part in _WHO if change.get(part))
    return unicodedata.normalize("NFKC", "\n".join(known)).strip().casefold()[:_LONGEST]
