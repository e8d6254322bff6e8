"""Policies and contracts, collections of evidence, evaluations of gates, waivers, what forges are to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rule_set",
        _key(),
        sa.Column("node", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _number("version"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        _number("saved"),
        _text("saved_by"),
        _text("reason"),
        _number("retired"),
        _text("retired_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("node", "kind", "name", "version", name=op.f("uq_rule_set_node_kind_name_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rule_set_digest"), "rule_set", ["digest"])
    _of_projects("collection", _number("until"), _number("closed"), _text("statement"))
    op.create_index(op.f("ix_collection_until"), "collection", ["until"])
    op.create_index(op.f("ix_collection_statement"), "collection", ["statement"])
    _of_projects("evaluation", sa.Column("policy", sa.Text(), nullable=False))
    op.create_table(
        "waiver",
        _key(),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("node", sa.BigInteger(), nullable=False),
        _number("ends"),
        _number("over"),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
        sa.UniqueConstraint("uid", name=op.f("uq_waiver_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_waiver_node_ends"), "waiver", ["node", "ends"])
    op.create_index(op.f("ix_waiver_ends"), "waiver", ["ends"])
    _outbox()
    _begin_here()


def _outbox() -> None:
    op.create_table(
        "telling",
        _key(),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        _number("due"),
        _number("stopped"),
        _number("changed"),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_telling_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("project", "name", name=op.f("uq_telling_project_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_telling_due"), "telling", ["due"])
    op.create_index(op.f("ix_telling_stopped"), "telling", ["stopped"])


def _begin_here() -> None:
    """Nothing that happened before was due or is to be judged: whoever follows the ledger for it begins at its end."""
    newest = op.get_bind().scalar(sa.text("select max(seq) from ledger_entry"))
    if not newest:
        return
    setting = sa.table("setting", sa.column("key", sa.Text), sa.column("value", sa.LargeBinary))
    names = ("gates.upto", "late-evidence", "run_statements")
    op.bulk_insert(setting, [{"key": name, "value": str(newest).encode()} for name in names])


def _of_projects(name: str, *more: sa.Column[int] | sa.Column[str]) -> None:
    op.create_table(
        name,
        _key(),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        _number("pipeline"),
        _text("commit"),
        *more,
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f(f"fk_{name}_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("uid", name=op.f(f"uq_{name}_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{name}_project_id"), name, ["project", "id"])
    op.create_index(op.f(f"ix_{name}_project_commit"), name, ["project", "commit"])
    op.create_index(op.f(f"ix_{name}_pipeline"), name, ["pipeline"])


def _key() -> sa.Column[int]:
    return sa.Column("id", _KEY, autoincrement=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)
