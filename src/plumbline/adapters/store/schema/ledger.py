"""The ledger: entries, the hashes of complete subtrees over them, and signed checkpoints. Rows are only ever added."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from plumbline.adapters.store.schema.columns import Number, data, key, metadata, text

entry = Table(
    "ledger_entry",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("received", BigInteger, nullable=False),
    text("source", None),
    text("id", None),
    text("type", None),
    text("subject", None),
    data("leaf"),  # the Merkle hash of this entry, so that proofs need not read bodies
    data("chain"),
    data("body"),
    data("sender", nullable=True),  # of events that others sent
    UniqueConstraint("source", "id"),
    Index(None, "type", "seq"),
    Index(None, "subject", "seq"),
)

# Which entries are about a project or a node of the tree; follows from their bodies, and spares reading all of them.
scope = Table(
    "ledger_scope",
    metadata,
    Column("scope", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),  # compared by bytes
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index(None, "seq"),
    sqlite_with_rowid=False,
)

# Who did what an entry tells; follows from their bodies and senders, as the scopes do.
who = Table(
    "ledger_who",
    metadata,
    Column("who", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index(None, "seq"),
    sqlite_with_rowid=False,
)

# Which entries name a SHA-256 digest in their bytes; only to find them by it, and nothing rests on it.
named_digest = Table(
    "named_digest",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Of complete subtrees over 256, 65,536, ... entries: any proof then reads at most 256 hashes for each of its steps.
node = Table(
    "ledger_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),  # 8, 16, 24, ...
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    data("hash"),
)

# Where the clock was set back: between two of these, entries stand in the order of their time.
setback = Table(
    "ledger_setback",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),  # of the first entry after it
    Column("ended", BigInteger, nullable=False),  # when the entry before it was received
    Column("began", BigInteger, nullable=False),  # when this one was
)

checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    key(),
    text("origin", None),
    Column("size", BigInteger, nullable=False, index=True),
    data("root"),
    data("chain"),
    data("note"),
    Column("made", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
