"""What is kept in files for a time; filled in here for the jobs that left something, each with the time that its plan
gives it."""

from __future__ import annotations

import json
import zlib
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_AT_ONCE = 500
_FOR_EVER = 1 << 62


def upgrade() -> None:
    op.create_table(
        "leftover",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(_number(name) for name in ("size", "stamp", "due")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leftover")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_leftover_kind_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_leftover_due"), "leftover", ["due"])
    kept = op.create_table(
        "job_artifacts",
        sa.Column("job", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("project", "pipeline")),
        _number("size"),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        *(_number(name) for name in ("expires", "gone", "kept_by")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_job_artifacts_{name}"), ondelete="CASCADE")
            for name, table in (("job", "job"), ("pipeline", "pipeline"), ("project", "tree_node"))
        ),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_artifacts")),
    )
    op.create_index(op.f("ix_job_artifacts_pipeline"), "job_artifacts", ["pipeline"])
    columns = ["project", "gone", "expires", "ended"]
    op.create_index(op.f("ix_job_artifacts_project_gone_expires_ended"), "job_artifacts", columns)
    op.add_column("pipeline", _number("logs_gone"))
    op.create_index(op.f("ix_pipeline_project_ref_id"), "pipeline", ["project", "ref", "id"])
    columns = ["project", "logs_gone", "finished"]
    op.create_index(op.f("ix_pipeline_project_logs_gone_finished"), "pipeline", columns)
    _fill(op.get_bind(), kept)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _fill(connection: sa.Connection, kept: sa.Table) -> None:
    job = sa.table("job", *map(sa.column, ("id", "pipeline", "name", "finished", "record")))
    pipeline = sa.table("pipeline", *map(sa.column, ("id", "project", "plan")))
    ended = sa.select(job, pipeline.c.project).join(pipeline, pipeline.c.id == job.c.pipeline)
    plan, times = 0, {}
    after = 0
    while True:
        page = ended.where(job.c.id > after, job.c.finished > 0, job.c.record != b"")
        rows = connection.execute(page.order_by(job.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        found = []
        for row in rows:
            files = json.loads(row.record).get("kept")
            if not files:
                continue
            if plan != row.pipeline:
                plan, query = row.pipeline, sa.select(pipeline.c.plan).where(pipeline.c.id == row.pipeline)
                times = _times(bytes(connection.execute(query).scalar_one()))
            found.append(
                {
                    "job": row.id,
                    "project": row.project,
                    "pipeline": row.pipeline,
                    "size": sum(file["size"] for file in files),
                    "ended": row.finished,
                    "expires": _expires(row.finished, times.get(row.name)),
                }
            )
        if found:
            connection.execute(sa.insert(kept), found)
        after = rows[-1].id


def _times(plan: bytes) -> dict[str, float | None]:
    """``artifacts:expire_in`` of each job, in seconds."""
    decoded: dict[str, Any] = msgspec.msgpack.decode(zlib.decompress(plan))
    return {job["name"]: (job.get("artifacts") or {}).get("expire_in") for job in decoded.get("jobs", ())}


def _expires(ended: int, seconds: float | None) -> int:
    if seconds is None:
        return 0
    return _FOR_EVER if seconds * 1e6 > _FOR_EVER else min(_FOR_EVER, ended + int(seconds * 1e6))
