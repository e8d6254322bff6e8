"""The ledger's tables are only appended to: the database refuses to change or remove a row.

It stops mistakes, not somebody who owns the database; against those there are the chain and the checkpoints.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = ("ledger_entry", "ledger_node", "ledger_checkpoint")
_MESSAGE = "the ledger is only appended to"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function ledger_is_kept() returns trigger language plpgsql as "
            f"$$ begin raise exception '{_MESSAGE}'; end $$"
        )
    for table in _TABLES:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"create trigger {table}_is_kept before update or delete or truncate on {table} "
                "for each statement execute function ledger_is_kept()"
            )
            continue
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_{verb} before {verb} on {table} begin select raise(abort, '{_MESSAGE}'); end"
            )
