"""What was brought to environments; filled in here with what the ledger tells of it."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"

_AT_ONCE = 500
_FINISHED = "dev.cdeventsx.plumbline-deployment.finished.0.1.0"
_OURS = "urn:plumbline:"


def upgrade() -> None:
    made = op.create_table(
        "environment_deployment",
        sa.Column("job", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("environment", "subject")),
        sa.Column("commit", sa.Text(), server_default="", nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("leaves", "outcome")),
        *(
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            for name in ("started", "finished", "stopped")
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_environment_deployment_{name}"), ondelete="CASCADE"
            )
            for name, table in (("job", "job"), ("project", "tree_node"))
        ),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_environment_deployment")),
    )
    columns = ["project", "environment", "finished"]
    op.create_index(op.f("ix_environment_deployment_project_environment_finished"), "environment_deployment", columns)
    _fill(op.get_bind(), made)


def _fill(connection: sa.Connection, made: sa.Table) -> None:
    entry = sa.table("ledger_entry", *map(sa.column, ("seq", "source", "type", "received", "body")))
    job = sa.table("job", *map(sa.column, ("id", "started", "finished")))
    after = 0
    while True:
        query = sa.select(entry).where(entry.c.seq > after, entry.c.type == _FINISHED)
        rows = connection.execute(query.order_by(entry.c.seq).limit(_AT_ONCE)).all()
        if not rows:
            return
        said = [_told(row.body) for row in rows if row.source.startswith(_OURS)]
        told = {one["job"]: one for one in said if one is not None}
        known = connection.execute(sa.select(job).where(job.c.id.in_(told)))
        found = [told[row.id] | {"started": row.started, "finished": row.finished} for row in known]
        if found:
            connection.execute(sa.insert(made), found)
        after = rows[-1].seq


def _told(body: bytes) -> dict[str, Any] | None:
    """The row that an event tells of; None where it does not have its form."""
    try:
        said = json.loads(body)["subject"]
        content = said["content"]
        project, _, environment = content["environment"]["id"].partition("/")
        return {
            "job": int(said["id"].rpartition("/")[2]),
            "project": int(project),
            "environment": environment,
            "subject": said["id"],
            "commit": content.get("commit", ""),
            "intent": content["intent"],
            "outcome": content["outcome"],
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
