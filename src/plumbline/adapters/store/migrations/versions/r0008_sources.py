"""Who sent an event that others told, and the sources whose word counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("sender", sa.LargeBinary(), nullable=True))
    op.create_table(
        "source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("node", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _text("title", ""),
        _text("speaks_as", "[]"),
        _text("kinds", "[]"),
        _text("projects", "{}"),
        *(_number(name) for name in ("events_a_day", "bytes_a_day", "heartbeat")),
        sa.Column("signs", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("digest", "sealed")),
        *(_number(name) for name in ("expires", "created", "created_by", "revoked", "version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
        sa.UniqueConstraint("token", name=op.f("uq_source_token")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source_tally",
        sa.Column("source", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(_number(name) for name in ("events", "bytes", "late", "first", "last")),
        *_of_source("source_tally", "day", "kind"),
    )
    op.create_table(
        "source_refusal",
        sa.Column("source", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(_number(name) for name in ("count", "last")),
        _text("message", ""),
        *_of_source("source_refusal", "reason"),
    )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _of_source(table: str, *keys: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["source"], ["source.id"], name=op.f(f"fk_{table}_source"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", *keys, name=op.f(f"pk_{table}")),
    )
