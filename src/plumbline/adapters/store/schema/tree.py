"""The organisation tree and what is set at its nodes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text, UniqueConstraint

from plumbline.adapters.store.schema.columns import belongs, data, flag, key, metadata, number, text

node = Table(
    "tree_node",
    metadata,
    key(),
    Column("parent", BigInteger, ForeignKey("tree_node.id"), nullable=True, index=True),
    text("kind", None),
    text("name", None),
    text("path", None, unique=True),
    text("title"),
    text("settings", "{}"),  # JSON
    flag("archived"),
    sqlite_autoincrement=True,
)

# Node 0 stands for the whole installation and is no row, so these two do not refer to tree_node.
variable = Table(
    "variable",
    metadata,
    Column("node", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    data("sealed"),
    flag("masked"),
    flag("protected"),
    flag("file"),
    flag("raw"),
    flag("hidden"),
    text("description"),
    number("changed"),
    number("changed_by"),
)

setting = Table("setting", metadata, Column("key", Text, primary_key=True), data("value"))

binding = Table(
    "repository_binding",
    metadata,
    belongs("project", "tree_node", primary_key=True, autoincrement=False),
    text("kind", None),
    text("url", None, index=True),
    text("external"),
    text("default_branch"),
    text("config_path"),
    data("secret"),
    number("poll"),
    number("polled"),
    text("heads", "{}"),  # JSON
    number("heard"),  # the newest delivery that was there when it was looked at
    number("faults"),  # looks in a row that came to nothing
    text("fault"),  # why the last of them did
    UniqueConstraint("kind", "url"),
)
