"""Jobs, and the resource groups they wait for, in a database. Implements the ports ``Jobs`` and ``Resources``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update

from plumbline.adapters.store.leases import moved
from plumbline.adapters.store.naming import asked, holds, values, within
from plumbline.adapters.store.schema import pipelines as tables
from plumbline.adapters.store.upsert import merge
from plumbline.model.coding import json_of, plain, revived
from plumbline.model.job import FINISHED, FailureReason, JobResult, State
from plumbline.model.ready import ready
from plumbline.model.server import JobNamed, Pressed, ProcessMode, Resource, StageSeen, StoredJob

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Select

_columns = tables.job.c
_NAMES = ("pipeline", "name", "stage", "attempt", "resource_group", "interruptions")
_CHANGING = (
    "allow_failure", "queued", "due", "started", "finished", "lease_owner", "lease_until", "fence", "by", "pressed",
    "canceled_by",
)  # fmt: skip
_READ = ("id", *_NAMES, *_CHANGING, "state", "reason", "tags", "inputs", "record")
_JOB = select(*(_columns[name] for name in _READ))
_GET = _JOB.where(_columns.id == bindparam("id"))
_OF = _JOB.where(_columns.pipeline == bindparam("pipeline")).order_by(_columns.id)
_WAITING = (State.PENDING.value, State.WAITING_FOR_RESOURCE.value)
_LIVE = [state.value for state in State if state not in FINISHED]
_resources = tables.resource.c
_newer = tables.job.alias("newer")
_AGAIN = exists().where(
    _newer.c.pipeline == _columns.pipeline, _newer.c.name == _columns.name, _newer.c.attempt > _columns.attempt
)
_ORDER = (  # a job that is tried again stands where it stood
    select(_columns.pipeline, _columns.stage)
    .where(_columns.pipeline.in_(bindparam("pipelines", expanding=True)))
    .group_by(_columns.pipeline, _columns.stage)
    .order_by(func.min(_columns.id))
)
_STAGES = (
    select(
        _columns.pipeline,
        _columns.stage,
        _columns.state,
        _columns.allow_failure,
        func.count().label("number"),
    )
    .where(_columns.pipeline.in_(bindparam("pipelines", expanding=True)), ~_AGAIN)
    .group_by(_columns.pipeline, _columns.stage, _columns.state, _columns.allow_failure)
)


class SqlJobs:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, jobs: Sequence[StoredJob]) -> list[StoredJob]:
        if not jobs:
            return []
        rows = [{name: getattr(job, name) for name in _NAMES} | _changing(job) for job in jobs]
        for row, job in zip(rows, jobs, strict=True):
            row["tags"] = msgspec.json.encode(job.tags).decode()
        statement = insert(tables.job).returning(_columns.id, sort_by_parameter_order=True)
        made = self._connection.execute(statement, rows).scalars().all()
        self._name(min(made), max(made))
        return [msgspec.structs.replace(job, id=number) for job, number in zip(jobs, made, strict=True)]

    def _name(self, first: int, last: int) -> None:
        """Let new attempts be found by their names."""
        joined = tables.job.join(tables.pipeline, tables.pipeline.c.id == _columns.pipeline)
        found = (
            select(tables.pipeline.c.project, _columns.name, func.max(_columns.id))
            .select_from(joined)
            .where(_columns.id.between(first, last))
            .group_by(tables.pipeline.c.project, _columns.name)
        )
        merge(self._connection, tables.job_name, found)

    def named(self, text: str, limit: int, projects: Collection[int] | None = None) -> Sequence[JobNamed]:
        query = _named(*asked(self._connection, text, projects))
        return [JobNamed(*row) for row in self._connection.execute(query, values(text, limit, projects))]

    def get(self, job: int) -> StoredJob | None:
        row = self._connection.execute(_GET, {"id": job}).one_or_none()
        return _job(row) if row else None

    def of(self, pipeline: int) -> Sequence[StoredJob]:
        return self._all(_OF, pipeline=pipeline)

    def change(self, before: StoredJob, after: StoredJob) -> bool:
        statement = (
            update(tables.job)
            .where(
                _columns.id == before.id,
                _columns.state == before.state.value,
                _columns.lease_owner == before.lease_owner,
                _columns.fence == before.fence,
            )
            .values(**_changing(after))
        )
        return self._connection.execute(statement).rowcount == 1

    def waiting(self, limit: int, *, after: int = 0) -> Sequence[StoredJob]:
        query = _JOB.where(_columns.state.in_(_WAITING), _columns.queued >= after)
        return self._all(query.order_by(_columns.queued, _columns.id).limit(limit))

    def due(self, now: int) -> Sequence[StoredJob]:
        query = _JOB.where(_columns.state == State.SCHEDULED.value, _columns.due <= now)
        return self._all(query.order_by(_columns.due))

    def put_off_after(self, moment: int) -> Sequence[StoredJob]:
        query = _JOB.where(_columns.state == State.SCHEDULED.value, _columns.queued > moment)
        return self._all(query.order_by(_columns.id))

    def leased(self) -> Sequence[StoredJob]:
        states = (State.RUNNING.value, State.CANCELING.value)
        query = _JOB.where(_columns.state.in_(states), _columns.lease_owner != "")
        return self._all(query.order_by(_columns.id))

    def renew(self, owner: str, jobs: Collection[int], until: int) -> int:
        states = (State.RUNNING.value, State.CANCELING.value)
        statement = (
            update(tables.job)
            .where(_columns.id.in_(jobs), _columns.lease_owner == owner, _columns.state.in_(states))
            .values(lease_until=moved(_columns.lease_until, until))
        )
        return self._connection.execute(statement).rowcount

    def count(self, states: Collection[State]) -> dict[State, int]:
        wanted = [state.value for state in states]
        query = select(_columns.state, func.count()).where(_columns.state.in_(wanted)).group_by(_columns.state)
        found = {State(state): number for state, number in self._connection.execute(query)}
        return {state: found.get(state, 0) for state in states}

    def stages(self, pipelines: Collection[int]) -> Mapping[int, Sequence[StageSeen]]:
        asked = {"pipelines": list(pipelines)}
        states: dict[tuple[int, str], list[tuple[State, bool, int]]] = {}
        for row in self._connection.execute(_STAGES, asked):
            standing = (State(row.state), bool(row.allow_failure), row.number)
            states.setdefault((row.pipeline, row.stage), []).append(standing)
        found: dict[int, list[StageSeen]] = {}
        for row in self._connection.execute(_ORDER, asked):
            stage = StageSeen(name=row.stage, states=tuple(states[row.pipeline, row.stage]))
            found.setdefault(row.pipeline, []).append(stage)
        return found

    def in_group(self, project: int, name: str) -> Sequence[StoredJob]:
        query = (
            _JOB.join(tables.pipeline, tables.pipeline.c.id == _columns.pipeline)
            .where(tables.pipeline.c.project == project, _columns.resource_group == name, _columns.state.in_(_LIVE))
            .order_by(_columns.pipeline, _columns.id)
        )
        return self._all(query)

    def _all(self, query: Select[Any], **values: object) -> list[StoredJob]:
        return [_job(row) for row in self._connection.execute(query, values)]


class SqlResources:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, project: int, name: str) -> Resource:
        query = select(tables.resource).where(_resources.project == project, _resources.name == name)
        row = self._connection.execute(query).one_or_none()
        return _resource(row) if row else Resource(project=project, name=name)

    def take(self, project: int, name: str, job: int) -> bool:
        here = and_(_resources.project == project, _resources.name == name)
        free = or_(_resources.job == 0, _resources.job == job)
        if self._connection.execute(update(tables.resource).where(here, free).values(job=job)).rowcount:
            return True
        if self._connection.execute(select(func.count()).select_from(tables.resource).where(here)).scalar_one():
            return False
        self._connection.execute(insert(tables.resource).values(project=project, name=name, job=job))
        return True

    def release(self, job: int) -> None:
        self._connection.execute(update(tables.resource).where(_resources.job == job).values(job=0))

    def set_mode(self, project: int, name: str, mode: ProcessMode) -> None:
        here = and_(_resources.project == project, _resources.name == name)
        if not self._connection.execute(update(tables.resource).where(here).values(mode=mode.value)).rowcount:
            self._connection.execute(insert(tables.resource).values(project=project, name=name, mode=mode.value))

    def of(self, project: int) -> Sequence[Resource]:
        query = select(tables.resource).where(_resources.project == project).order_by(_resources.name)
        return [_resource(row) for row in self._connection.execute(query)]


def _changing(job: StoredJob) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(job, name) for name in _CHANGING}
    values["state"], values["pressed"] = job.state.value, job.pressed.value
    values["reason"] = job.reason.value if job.reason else ""
    values["inputs"] = msgspec.json.encode(job.inputs).decode()
    values["record"] = b"" if job.result is None else json_of(job.result, plain)
    return values


def _job(row: Any) -> StoredJob:
    values = dict(zip(_READ, row, strict=True))
    record, reason = values.pop("record"), values["reason"]
    values |= {
        "state": State(values["state"]),
        "pressed": Pressed(values["pressed"]),
        "reason": FailureReason(reason) if reason else None,
        "tags": tuple(msgspec.json.decode(values["tags"])) if values["tags"] != "[]" else (),
        "inputs": msgspec.json.decode(values["inputs"]) if values["inputs"] != "{}" else {},
        "result": _results().decode(record) if record else None,
    }
    return StoredJob(**values)


@cache
def _named(sqlite: bool, plain: bool, everywhere: bool) -> Select[Any]:  # noqa: FBT001
    names = tables.job_name.c
    has, begins = holds(names.name, sqlite=sqlite, plain=plain)
    return (
        select(names.project, names.name, names.job, _columns.pipeline)
        .join(tables.job, _columns.id == names.job)
        .where(has, within(names.project, everywhere=everywhere))
        .order_by(begins.desc(), names.job.desc())
        .limit(bindparam("limit"))
    )


def _resource(row: Any) -> Resource:
    return Resource(project=row.project, name=row.name, mode=ProcessMode(row.mode), job=row.job)


@cache
def _results() -> msgspec.json.Decoder[JobResult]:
    return msgspec.json.Decoder(ready(JobResult), dec_hook=revived)
