"""Registered sources, and what each of them told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from plumbline.adapters.store.schema.columns import belongs, data, flag, key, metadata, number, text

# Node 0 stands for the whole installation and is no row, so this does not refer to tree_node.
source = Table(
    "source",
    metadata,
    key(),
    text("name", None, unique=True),
    Column("node", BigInteger, nullable=False),
    text("kind", None),
    text("title"),
    text("speaks_as", "[]"),  # these three as JSON
    text("kinds", "[]"),
    text("projects", "{}"),
    number("events_a_day"),
    number("bytes_a_day"),
    number("heartbeat"),
    flag("signs"),
    text("token", None, unique=True),
    data("digest"),
    data("sealed"),
    number("expires"),
    number("created"),
    number("created_by"),
    number("revoked"),
    number("version"),
    sqlite_autoincrement=True,
)

tally = Table(
    "source_tally",
    metadata,
    belongs("source", "source", primary_key=True, autoincrement=False),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    number("events"),
    number("bytes"),
    number("late"),
    number("first"),
    number("last"),
)

refusal = Table(
    "source_refusal",
    metadata,
    belongs("source", "source", primary_key=True, autoincrement=False),
    Column("reason", Text, primary_key=True),
    number("count"),
    number("last"),
    text("message"),
)
