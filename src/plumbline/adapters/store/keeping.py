"""What is kept in files for a time, in a database. Implements the port ``Keeping``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    Text,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import keeping as tables
from plumbline.adapters.store.schema import pipelines
from plumbline.model.change import Event
from plumbline.model.job import KeptFile, State
from plumbline.model.keeping import KeptArtifacts, KeptKind, PendingDeletion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from plumbline.model.change import Change

_LOOKED_UP = 300  # at once
_artifacts, _leftovers, _pipelines = tables.artifacts.c, tables.leftover.c, pipelines.pipeline.c
_jobs = pipelines.job.c
_KEPT = rows.query(KeptArtifacts, tables.artifacts)
_GET = _KEPT.where(_artifacts.job == bindparam("job"))
_OF = _KEPT.where(_artifacts.pipeline == bindparam("pipeline")).order_by(_artifacts.job)
_files = tables.file.c
_FILES = rows.query(KeptFile, tables.file).where(_files.job == bindparam("job")).order_by(_files.name)
_FILE = rows.query(KeptFile, tables.file).where(_files.job == bindparam("job"), _files.name == bindparam("name"))
_NEVER = 2 * 86_400_000_000  # microseconds: nothing is put off for so long, but by a clock that was ahead
_DUE = rows.query(PendingDeletion, tables.leftover).where(
    or_(_leftovers.due <= bindparam("now"), _leftovers.due > bindparam("never"))
)


class SqlKeeping:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, kept: KeptArtifacts) -> None:
        self._on.execute(insert(tables.artifacts).values(rows.row_of(kept)))

    def get(self, job: int) -> KeptArtifacts | None:
        return rows.first(self._on, KeptArtifacts, _GET, job=job)

    def of(self, pipeline: int) -> Sequence[KeptArtifacts]:
        return rows.every(self._on, KeptArtifacts, _OF, pipeline=pipeline)

    def add_files(self, job: int, files: Sequence[KeptFile]) -> None:
        found = {one.name: {"job": job, **rows.row_of(one)} for one in files if one.digest}
        if found:
            self._on.execute(insert(tables.file), list(found.values()))

    def files(self, job: int) -> Sequence[KeptFile]:
        return rows.every(self._on, KeptFile, _FILES, job=job)

    def file(self, job: int, name: str) -> KeptFile | None:
        return rows.first(self._on, KeptFile, _FILE, job=job, name=name)

    def of_digest(self, digest: str, limit: int) -> Sequence[tuple[int, KeptFile]]:
        found = select(_files.job).where(_files.digest == digest).order_by(_files.job.desc(), _files.name).limit(limit)
        columns = rows.columns(KeptFile, tables.file)
        every = self._on.execute(found.add_columns(*columns)).all()
        return [(row[0], rows.structs(KeptFile, KeptFile.__struct_fields__, [row[1:]])[0]) for row in every]

    def over(self, project: int, now: int, ended_before: int, limit: int, *, after: int = 0) -> Sequence[KeptArtifacts]:
        values = {"project": project, "now": now, "ended_before": ended_before, "limit": limit, "after": after}
        return rows.every(self._on, KeptArtifacts, _OVER, **values)

    def let_go(self, jobs: Collection[int], at: int) -> Sequence[int]:
        there = (_artifacts.job.in_(jobs), _artifacts.gone == 0, _artifacts.kept_by == 0)
        gone = update(tables.artifacts).where(*there).values(gone=at).returning(_artifacts.job)
        found = sorted(self._on.execute(gone).scalars())
        self._on.execute(delete(tables.file).where(_files.job.in_(found)))
        return found

    def keep(self, job: int, person: int) -> bool:
        kept = update(tables.artifacts).where(_artifacts.job == job, _artifacts.gone == 0).values(kept_by=person)
        return self._on.execute(kept).rowcount == 1

    def newest(self, project: int, change: Change) -> tuple[int, int]:
        values = {"project": project, "ref": change.ref, "full_ref": change.full_ref}
        return (
            self._on.execute(_NEWEST, values).scalar_one_or_none() or 0,
            self._on.execute(_NEWEST_GOOD, values).scalar_one_or_none() or 0,
        )

    def unchanged(self, versions: Mapping[int, int]) -> Collection[int]:
        query = select(_pipelines.id, _pipelines.version).where(_pipelines.id.in_(versions))
        return {pipeline for pipeline, version in self._on.execute(query) if version == versions[pipeline]}

    def with_logs(self, project: int, finished_before: int, limit: int) -> Sequence[int]:
        there = select(_pipelines.id).where(_pipelines.project == project, *_logs_there(finished_before))
        return self._on.execute(there.order_by(_pipelines.finished).limit(limit)).scalars().all()

    def let_logs_go(self, chosen: Collection[int], finished_before: int, at: int) -> Sequence[int]:
        there = (_pipelines.id.in_(chosen), *_logs_there(finished_before))
        gone = update(pipelines.pipeline).where(*there).values(logs_gone=at).returning(_pipelines.id)
        return sorted(self._on.execute(gone).scalars())

    def let_project_go(self, project: int) -> int:
        logs = (
            select(literal(KeptKind.LOGS.value), cast(_pipelines.id, Text).concat("/").concat(cast(_jobs.id, Text)))
            .join(pipelines.job, _jobs.pipeline == _pipelines.id)
            .where(_pipelines.project == project, _pipelines.logs_gone == 0, _jobs.started > 0)
            .add_columns(literal(0))
        )
        kept = select(literal(KeptKind.ARTIFACTS.value), cast(_artifacts.job, Text), _artifacts.size)
        artifacts = kept.where(_artifacts.project == project, _artifacts.gone == 0)
        for wanted in (logs, artifacts):
            one = wanted.subquery("wanted")
            kind, name, _ = one.c
            known = exists().where(_leftovers.kind == kind, _leftovers.name == name)
            new = select(*one.c).where(~known)
            self._on.execute(insert(tables.leftover).from_select(["kind", "name", "size"], new))
        return self._on.execute(
            select(func.count()).select_from(pipelines.pipeline).where(_pipelines.project == project)
        ).scalar_one()

    def put(self, pending: Sequence[PendingDeletion]) -> Sequence[PendingDeletion]:
        known = set()
        for at in range(0, len(pending), _LOOKED_UP):
            names = [(one.kind.value, one.name) for one in pending[at : at + _LOOKED_UP]]
            query = select(_leftovers.kind, _leftovers.name).where(tuple_(_leftovers.kind, _leftovers.name).in_(names))
            known |= {(kind, name) for kind, name in self._on.execute(query)}
        new = [one for one in pending if (one.kind.value, one.name) not in known]
        if new:
            self._on.execute(insert(tables.leftover), [{**rows.row_of(one), "kind": one.kind.value} for one in new])
        return new

    def due(self, now: int, limit: int) -> Sequence[PendingDeletion]:
        due = _DUE.order_by(_leftovers.due, _leftovers.id).limit(limit)
        return rows.every(self._on, PendingDeletion, due, now=now, never=now + _NEVER)

    def done(self, pending: Collection[int]) -> None:
        self._on.execute(delete(tables.leftover).where(_leftovers.id.in_(pending)))

    def put_off(self, pending: Collection[int], until: int) -> None:
        self._on.execute(update(tables.leftover).where(_leftovers.id.in_(pending)).values(due=until))


def _over() -> Select[Any]:
    """Two ranges of one index: those with a time of their own, and those without."""
    there = _KEPT.where(_artifacts.project == bindparam("project"), _artifacts.gone == 0)
    own = there.where(_artifacts.expires.between(1, bindparam("now")))
    others = there.where(_artifacts.expires == 0, _artifacts.ended <= bindparam("ended_before"))
    both = union_all(own, others).subquery()
    wanted = select(both).where(both.c.kept_by == 0, both.c.job > bindparam("after"))
    return wanted.order_by(both.c.job).limit(bindparam("limit", type_=Integer))


def _logs_there(finished_before: int) -> tuple[Any, ...]:
    return _pipelines.logs_gone == 0, _pipelines.finished.between(1, finished_before)


_OVER = _over()
_NEWEST = (
    select(_pipelines.id)
    .where(_pipelines.project == bindparam("project"), _pipelines.ref == bindparam("ref"))  # there is an index of those
    .where(_pipelines.full_ref == bindparam("full_ref"), _pipelines.event != Event.PARENT.value)
    .order_by(_pipelines.id.desc())
    .limit(1)
)
_NEWEST_GOOD = _NEWEST.where(_pipelines.state == State.SUCCESS.value)
