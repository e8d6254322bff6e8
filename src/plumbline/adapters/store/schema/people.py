"""People, and what they sign in with."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from plumbline.adapters.store.schema.columns import belongs, data, flag, key, metadata, number, text

person = Table(
    "person",
    metadata,
    key(),
    text("name", None, unique=True),
    text("title"),
    text("email"),
    text("language"),
    flag("active"),
    number("created"),
    number("password_changed"),
    sqlite_autoincrement=True,
)

credential = Table(
    "credential", metadata, belongs("person", "person", primary_key=True, autoincrement=False), text("hash", None)
)

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    belongs("person", "person", index=True),
    number("created"),
    number("seen"),
    text("address"),
    text("agent"),
)

token = Table(
    "api_token",
    metadata,
    Column("id", Text, primary_key=True),
    data("digest"),
    belongs("person", "person", index=True),
    text("name"),
    text("scopes", "[]"),  # JSON
    number("created"),
    number("expires"),
    number("used"),
    number("revoked"),
)

grant = Table(
    "role_grant",
    metadata,
    belongs("person", "person", primary_key=True, autoincrement=False),
    Column("node", BigInteger, primary_key=True, autoincrement=False, index=True),  # 0: the whole installation
    Column("role", Text, primary_key=True, index=True),
    number("by"),
    number("at"),
)

alias = Table(
    "person_alias",
    metadata,
    Column("forge", Text, primary_key=True),  # empty: the name is an address
    Column("name", Text, primary_key=True),
    belongs("person", "person", index=True),
    number("by"),
    number("at"),
)

star = Table(
    "star",
    metadata,
    belongs("person", "person", primary_key=True, autoincrement=False),
    belongs("node", "tree_node", primary_key=True, autoincrement=False, index=True),
    number("at"),
)

saved_view = Table(
    "saved_view",
    metadata,
    belongs("person", "person", primary_key=True, autoincrement=False),
    Column("shelf", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    text("query"),
)

attempt = Table(
    "login_attempt",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    number("last"),
)
