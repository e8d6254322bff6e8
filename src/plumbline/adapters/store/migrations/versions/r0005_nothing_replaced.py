"""SQLite removes a row that ``insert or replace`` displaces without asking the triggers of ``delete``: it is refused
before. And what entries are about is only appended to, as they are."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_MESSAGE = "the ledger is only appended to"
_KEYS = {  # of each table; asked for one by one, which is faster than both at once
    "ledger_entry": ("seq = new.seq", "source = new.source and id = new.id"),
    "ledger_node": ('level = new.level and "index" = new."index"',),
    "ledger_checkpoint": ("id = new.id",),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create trigger ledger_scope_is_kept before update or delete or truncate on ledger_scope "
            "for each statement execute function ledger_is_kept()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger ledger_scope_{verb} before {verb} on ledger_scope "
            f"begin select raise(abort, '{_MESSAGE}'); end"
        )
    for table, keys in _KEYS.items():
        known = " or ".join(f"exists (select 1 from {table} where {key})" for key in keys)  # noqa: S608
        op.execute(
            f"create trigger {table}_replace before insert on {table} when {known} "
            f"begin select raise(abort, '{_MESSAGE}'); end"
        )
