"""What somebody does who may write into the database: the triggers that keep rows from being changed go first."""

from __future__ import annotations

from sqlalchemy import text

_TABLES = ("ledger_entry", "ledger_node", "ledger_scope", "ledger_who", "ledger_setback", "ledger_checkpoint")


def tamper(store, statement):
    with store.engines.writer.begin() as connection:
        for table in _TABLES:
            names = [f"{table}_update", f"{table}_delete"] if store.engines.sqlite else [f"{table}_is_kept on {table}"]
            for name in names:
                connection.execute(text(f"drop trigger if exists {name}"))
        connection.execute(text(statement))
