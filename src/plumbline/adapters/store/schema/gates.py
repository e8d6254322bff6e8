"""What is due, what came of it, what gates said and what was waived. The whole of each stands in its record; the other
columns are what it is found by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from plumbline.adapters.store.schema.columns import belongs, data, key, metadata, number, text

rule_set = Table(
    "rule_set",
    metadata,
    key(),
    Column("node", BigInteger, nullable=False),  # 0: the installation
    text("kind", None),
    text("name", None),
    number("version"),
    text("text", None),
    text("digest", None),
    number("saved"),
    text("saved_by"),
    text("reason"),
    number("retired"),
    text("retired_by"),
    UniqueConstraint("node", "kind", "name", "version"),
    Index(None, "digest"),
    sqlite_autoincrement=True,
)

collection = Table(
    "collection",
    metadata,
    key(),
    text("uid", None),
    belongs("project", "tree_node"),
    number("pipeline"),
    text("commit"),
    number("until"),  # when it is to be closed; 0: it is
    number("closed"),
    text("statement"),  # digest of the bytes that are kept for it
    data("record"),
    UniqueConstraint("uid"),
    Index(None, "project", "id"),
    Index(None, "project", "commit"),
    Index(None, "pipeline"),
    Index(None, "until"),
    Index(None, "statement"),
    sqlite_autoincrement=True,
)

evaluation = Table(
    "evaluation",
    metadata,
    key(),
    text("uid", None),
    belongs("project", "tree_node"),
    number("pipeline"),
    text("commit"),
    text("policy", None),
    data("record"),
    UniqueConstraint("uid"),
    Index(None, "project", "id"),
    Index(None, "project", "commit"),
    Index(None, "pipeline"),
    sqlite_autoincrement=True,
)

waiver = Table(
    "waiver",
    metadata,
    key(),
    text("uid", None),
    Column("node", BigInteger, nullable=False),  # 0: the installation
    number("ends"),
    number("over"),  # when it was refused or ended; 0: neither
    data("record"),
    UniqueConstraint("uid"),
    Index(None, "node", "ends"),
    Index(None, "ends"),
    sqlite_autoincrement=True,
)

telling = Table(
    "telling",
    metadata,
    key(),
    belongs("project", "tree_node"),
    text("name", None),
    text("host", None),
    number("due"),  # 0: there is nothing to tell
    number("stopped"),
    number("changed"),
    data("record"),
    UniqueConstraint("project", "name"),
    Index(None, "due"),
    Index(None, "stopped"),
    sqlite_autoincrement=True,
)
