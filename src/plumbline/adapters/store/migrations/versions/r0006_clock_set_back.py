"""Where the clock was set back: follows from the entries, and is filled in here from those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MESSAGE = "the ledger is only appended to"
_FILL = (
    "insert into ledger_setback (seq, ended, began) select seq, before, received from "
    "(select seq, received, lag(received) over (order by seq) as before from ledger_entry) as each "
    "where received < before"
)


def upgrade() -> None:
    op.create_table(
        "ledger_setback",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_setback")),
    )
    op.execute(_FILL)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create trigger ledger_setback_is_kept before update or delete or truncate on ledger_setback "
            "for each statement execute function ledger_is_kept()"
        )
        return
    refuse = f"begin select raise(abort, '{_MESSAGE}'); end"
    for verb in ("update", "delete"):
        op.execute(f"create trigger ledger_setback_{verb} before {verb} on ledger_setback {refuse}")
    known = "exists (select 1 from ledger_setback where seq = new.seq)"
    op.execute(f"create trigger ledger_setback_replace before insert on ledger_setback when {known} {refuse}")
