"""Who did what an entry tells, and the node of events of this server that name one in their content: both follow from
the entries, and are filled in here from those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plumbline.evidence import filed_under
from plumbline.evidence.vocabulary import contents

revision = "0017"
down_revision = "0016"

_AT_ONCE = 1000
_FILE = "insert into ledger_scope (scope, seq) values (:scope, :seq) on conflict do nothing"
_MESSAGE = "the ledger is only appended to"


def upgrade() -> None:
    op.create_table(
        "ledger_who",
        sa.Column("who", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("who", "seq", name=op.f("pk_ledger_who")),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())
    for table in ("ledger_who", "ledger_scope"):
        op.create_index(op.f(f"ix_{table}_seq"), table, ["seq"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create trigger ledger_who_is_kept before update or delete or truncate on ledger_who "
            "for each statement execute function ledger_is_kept()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger ledger_who_{verb} before {verb} on ledger_who begin select raise(abort, '{_MESSAGE}'); end"
        )


def _fill(connection: sa.Connection) -> None:
    bytes_ = (sa.column(name, sa.LargeBinary) for name in ("body", "sender"))
    entries = sa.table("ledger_entry", sa.column("seq", sa.BigInteger), sa.column("type", sa.Text), *bytes_)
    placed = {kind for kind, content in contents().items() if content.PLACE}
    after = 0
    while True:
        page = sa.select(entries).where(entries.c.seq > after).order_by(entries.c.seq).limit(_AT_ONCE)
        rows = connection.execute(page).all()
        if not rows:
            return
        found = {row.seq: filed_under(_bytes(row.body), _bytes(row.sender)) for row in rows}
        if names := [{"who": one.who, "seq": seq} for seq, one in found.items() if one.who]:
            connection.execute(sa.text("insert into ledger_who (who, seq) values (:who, :seq)"), names)
        of_node = [row.seq for row in rows if row.type in placed and found[row.seq].scope]
        if scopes := [{"scope": found[seq].scope, "seq": seq} for seq in of_node]:
            connection.execute(sa.text(_FILE), scopes)
        after = rows[-1].seq


def _bytes(value: object) -> bytes:
    """SQLite takes any value in any column."""
    return value if isinstance(value, bytes) else b""
