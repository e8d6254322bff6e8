"""What jobs left is known by its digest, when an artifact was touched last, and who pulled it. The rows of files of
jobs follow from the results of jobs, and are filled in here for what is there still; the bytes stay where they are
until somebody asks for them."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_AT_ONCE = 500
_FIELDS: dict[str, object] = {"name": "", "kind": "", "digest": "", "files": 0, "size": 0}


def upgrade() -> None:
    op.create_table(
        "job_file",
        sa.Column("job", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("files", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("fk_job_file_job"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "name", name=op.f("pk_job_file")),
    )
    _fill(op.get_bind())
    op.create_index(op.f("ix_job_file_digest"), "job_file", ["digest"])
    op.add_column("artifact", sa.Column("touched", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("update artifact set touched = created")
    op.create_table(
        "artifact_pull",
        sa.Column("project", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["project"], ["tree_node.id"], name=op.f("fk_artifact_pull_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project", "digest", "who", "day", name=op.f("pk_artifact_pull")),
    )


def _fill(connection: sa.Connection) -> None:
    jobs = sa.table("job", sa.column("id", sa.BigInteger), sa.column("record", sa.LargeBinary))
    kept = sa.table("job_artifacts", sa.column("job", sa.BigInteger), sa.column("gone", sa.BigInteger))
    file = sa.table("job_file", *(sa.column(name) for name in ("job", *_FIELDS)))
    after = 0
    while True:
        there = sa.select(jobs).join(kept, kept.c.job == jobs.c.id).where(kept.c.gone == 0, jobs.c.id > after)
        rows = connection.execute(there.order_by(jobs.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        found = [
            {"job": row.id, **{name: one.get(name, default) for name, default in _FIELDS.items()}}
            for row in rows
            for one in {one.get("name"): one for one in _kept(row.record)}.values()
            if one.get("name") and one.get("digest")
        ]
        if found:
            connection.execute(sa.insert(file), found)
        after = rows[-1].id


def _kept(record: object) -> list[dict[str, object]]:
    """SQLite takes any value in any column."""
    try:
        result = msgspec.json.decode(record) if isinstance(record, bytes) and record else {}
    except msgspec.MsgspecError:
        return []
    kept = result.get("kept", []) if isinstance(result, dict) else []
    return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []
