"""What private repositories ask for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from plumbline.adapters.store.schema.columns import data, metadata, number, text

# Node 0 stands for the whole installation and is no row, so this does not refer to tree_node.
credential = Table(
    "repository_credential",
    metadata,
    Column("node", BigInteger, primary_key=True, autoincrement=False),
    Column("scheme", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    data("sealed"),
    text("username"),
    text("known_hosts"),
    number("changed"),
    number("changed_by"),
)
