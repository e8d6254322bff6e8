"""What pipelines, jobs and entries are found by: titles of commits, names of jobs, digests that entries name."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_AT_ONCE = 500
_LONGEST = 255
_DIGESTS = 200  # of one entry
_NAMED = re.compile(rb"sha256(?::|%3[Aa])([0-9a-f]{64})(?![0-9a-f])")


def upgrade() -> None:
    op.add_column("pipeline", sa.Column("title", sa.Text(), server_default="", nullable=False))
    _fill_titles(op.get_bind())
    op.create_index(op.f("ix_pipeline_project_title_id"), "pipeline", ["project", "title", "id"])
    op.create_table(
        "job_name",
        sa.Column("project", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["tree_node.id"], name=op.f("fk_job_name_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_job_name")),
    )
    op.execute(
        "insert into job_name (project, name, job) select pipeline.project, job.name, max(job.id) "
        "from job join pipeline on pipeline.id = job.pipeline group by pipeline.project, job.name"
    )
    named = op.create_table(
        "named_digest",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("digest", "seq", name=op.f("pk_named_digest")),
        sqlite_with_rowid=False,
    )
    _fill_digests(op.get_bind(), named)


def _fill_titles(connection: sa.Connection) -> None:
    table, after = sa.table("pipeline", *map(sa.column, ("id", "change", "title"))), 0
    page = sa.select(table.c.id, table.c.change).order_by(table.c.id).limit(_AT_ONCE)
    fill = sa.update(table).where(table.c.id == sa.bindparam("of")).values(title=sa.bindparam("line"))
    while rows := connection.execute(page.where(table.c.id > after)).all():
        titles = {id_: json.loads(bytes(change)).get("message", "").partition("\n")[0] for id_, change in rows}
        connection.execute(fill, [{"of": id_, "line": line[:_LONGEST]} for id_, line in titles.items()])
        after = rows[-1].id


def _fill_digests(connection: sa.Connection, named: sa.Table) -> None:
    table, after = sa.table("ledger_entry", sa.column("seq", sa.BigInteger), sa.column("body", sa.LargeBinary)), 0
    inside = "instr(body, x'736861323536') > 0"  # sha256
    if connection.dialect.name == "postgresql":
        inside = "position('sha256'::bytea in body) > 0"
    page = sa.select(table).where(sa.text(inside)).order_by(table.c.seq).limit(_AT_ONCE)
    while rows := connection.execute(page.where(table.c.seq > after)).all():
        found = [{"digest": digest, "seq": row.seq} for row in rows for digest in _digests_in(bytes(row.body))]
        if found:
            connection.execute(sa.insert(named), found)
        after = rows[-1].seq


def _digests_in(body: bytes) -> list[bytes]:
    return [bytes.fromhex(name.decode()) for name in list(dict.fromkeys(_NAMED.findall(body)))[:_DIGESTS]]
