"""Pipelines in a database. Implements the port ``Pipelines``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Integer, bindparam, case, exists, false, func, insert, select, update

from plumbline.adapters.store.naming import asked, holds, values, within
from plumbline.adapters.store.pipeline_choice import choosing, counting, many, values_of, who
from plumbline.adapters.store.schema import pipelines as tables
from plumbline.adapters.store.schema import tree
from plumbline.model.change import Change, Event
from plumbline.model.coding import json_of
from plumbline.model.job import FINISHED, State
from plumbline.model.ready import ready
from plumbline.model.server import PipelineBrief, PipelineFilter, StoredPipeline

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

_columns = tables.pipeline.c
_PLAIN = ("id", "project", "iid", "uid", "name", "message", "upstream", "depth", "by", "schedule", "canceled_by")
_TIMES = ("created", "started", "finished", "version")
_BRIEF = ("id", "project", "iid", "ref", "state", "created", "finished")
_STATES = {state.value: state for state in State}
_job, _newer = tables.job.alias("its_job"), tables.job.alias("newer")
_AGAIN = exists().where(
    _newer.c.pipeline == _job.c.pipeline, _newer.c.name == _job.c.name, _newer.c.attempt > _job.c.attempt
)
_ALLOWED = (
    exists()
    .where(_job.c.pipeline == _columns.id, _job.c.state == State.FAILED.value, _job.c.allow_failure, ~_AGAIN)
    .correlate(tables.pipeline)
)
_FORGIVEN = case((_columns.state == State.SUCCESS.value, _ALLOWED), else_=false()).label("forgiven")
_home = tree.node.alias("home")
_PATH = select(_home.c.path).where(_home.c.id == _columns.project).scalar_subquery().label("path")
_PIPELINE = select(*(_columns[name] for name in (*_PLAIN, *_TIMES, "state", "change")), _FORGIVEN, _PATH)
_SELECTED = (*_PLAIN, *_TIMES, "state", "change", "forgiven", "path")
_GET = _PIPELINE.where(_columns.id == bindparam("id"))
_NEWEST = _PIPELINE.order_by(_columns.id.desc())
# Adding nothing keeps a database from taking the index of a column where that of another is better.
_of_project = tables.pipeline.alias("of_project")


def _last_of(condition: ColumnElement[bool]) -> Select[Any]:
    """The newest pipeline of each of the ``projects`` for which this holds."""
    last = select(func.max(_of_project.c.id)).where(_of_project.c.project == tree.node.c.id, condition)
    own = tree.node.join(tables.pipeline, _columns.id == last.correlate(tree.node).scalar_subquery())
    return (
        select(*(_columns[name] for name in _BRIEF), _FORGIVEN)
        .select_from(own)
        .where(tree.node.c.id.in_(bindparam("projects", expanding=True)))
    )


_LATEST = _last_of(_of_project.c.event != Event.PARENT.value)
_LATEST_OF_TRUNK = _last_of(_of_project.c.trunk.is_(True))
LONGEST_TITLE = 255  # characters of a commit's title that it is found by
_LIVE = [state.value for state in State if state not in FINISHED]


class SqlPipelines:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._known: dict[int, StoredPipeline | None] = {}  # as read in this transaction
        self._read: dict[tuple[int, int, bool, str], StoredPipeline] = {}  # the same, by all that may be new in a row

    def add(self, pipeline: StoredPipeline, plan: bytes, variables: bytes) -> StoredPipeline:
        self._known.clear()
        last = select(func.coalesce(func.max(_columns.iid), 0)).where(_columns.project == pipeline.project)
        iid = self._on.execute(last).scalar_one() + 1
        values = {name: getattr(pipeline, name) for name in (*_PLAIN, *_TIMES) if name != "id"}
        values |= {
            "iid": iid,
            "state": pipeline.state.value,
            "event": pipeline.event.value,
            "ref": pipeline.ref,
            "full_ref": pipeline.change.full_ref,
            "trunk": pipeline.trunk and pipeline.event is not Event.PARENT,
            "sha": pipeline.sha,
            "title": pipeline.change.message.partition("\n")[0][:LONGEST_TITLE],
            "change": json_of(pipeline.change),
            "who": who(pipeline.change),
            "plan": plan,
            "variables": variables,
        }
        made = self._on.execute(insert(tables.pipeline).values(values).returning(_columns.id)).scalar_one()
        return msgspec.structs.replace(pipeline, id=made, iid=iid)

    def get(self, pipeline: int) -> StoredPipeline | None:
        if pipeline not in self._known:
            self._known[pipeline] = self._one(_GET, id=pipeline)
        return self._known[pipeline]

    def numbered(self, project: int, iid: int) -> StoredPipeline | None:
        return self._one(_PIPELINE.where(_columns.project == project, _columns.iid == iid))

    def plan(self, pipeline: int) -> tuple[bytes, bytes]:
        query = select(_columns.plan, _columns.variables).where(_columns.id == pipeline)
        row = self._on.execute(query).one_or_none()
        if row is None:
            raise KeyError(pipeline)
        return bytes(row.plan), bytes(row.variables)

    def sealed(self, after: int, limit: int) -> Sequence[tuple[int, str, bytes]]:
        query = (
            select(_columns.id, _columns.uid, _columns.variables)
            .where(_columns.id > after, _columns.variables != b"")
            .order_by(_columns.id)
            .limit(limit)
        )
        return [(row.id, row.uid, bytes(row.variables)) for row in self._on.execute(query)]

    def reseal(self, pipeline: int, before: bytes, sealed: bytes) -> bool:
        statement = update(tables.pipeline).where(_columns.id == pipeline, _columns.variables == before)
        return self._on.execute(statement.values(variables=sealed)).rowcount == 1

    def change(self, before: StoredPipeline, after: StoredPipeline) -> bool:
        self._known.clear()
        statement = (
            update(tables.pipeline)
            .where(_columns.id == before.id, _columns.version == before.version)
            .values(
                state=after.state.value,
                message=after.message,
                upstream=after.upstream,
                canceled_by=after.canceled_by,
                started=after.started,
                finished=after.finished,
                version=before.version + 1,
                logs_gone=0,  # something happened in it, and was logged
            )
        )
        return self._on.execute(statement).rowcount == 1

    def newest(
        self,
        limit: int,
        *,
        projects: Collection[int] | None = None,
        states: Collection[State] = (),
        ref: str = "",
        before: int = 0,
    ) -> Sequence[StoredPipeline]:
        given = None if projects is None else tuple(projects)
        chosen = PipelineFilter(projects=given, states=tuple(states), ref=ref)
        return self.listed(chosen, limit, before=before)

    def listed(self, chosen: PipelineFilter, limit: int, *, before: int = 0) -> Sequence[StoredPipeline]:
        values = {**values_of(chosen), **({"before": before} if before else {})}
        found = choosing(frozenset(values), many=many(chosen))
        return self._all(_NEWEST.where(_columns.id.in_(found)), **values, limit=limit)

    def how_many(self, chosen: PipelineFilter, most: int) -> int:
        values = values_of(chosen)
        statement = counting(frozenset(values), many=many(chosen))
        return int(self._on.execute(statement, {**values, "limit": most}).scalar_one())

    def latest(self, projects: Collection[int], *, trunk: bool = False) -> Sequence[PipelineBrief]:
        found = self._on.execute(_LATEST_OF_TRUNK if trunk else _LATEST, {"projects": list(projects)})
        return [
            PipelineBrief(id=id_, project=project, iid=iid, ref=ref, state=_STATES[state], created=created,
                          finished=finished, forgiven=bool(forgiven))
            for id_, project, iid, ref, state, created, finished, forgiven in found
        ]  # fmt: skip

    def of_commit(self, sha: str) -> Sequence[StoredPipeline]:
        return self._all(_NEWEST.where(_columns.sha >= sha, _columns.sha < sha + "g")) if sha else []

    def like(self, text: str, limit: int, projects: Collection[int] | None = None) -> Sequence[StoredPipeline]:
        return [pipeline for column in ("ref", "title") for pipeline in self._newest_of(column, text, limit, projects)]

    def _newest_of(self, column: str, text: str, limit: int, projects: Collection[int] | None) -> list[StoredPipeline]:
        """The newest one for each value of a column that has the text in it."""
        query = _like(column, *asked(self._on, text, projects))
        numbers = self._on.execute(query, values(text, limit, projects)).scalars().all()
        found = {one.id: one for one in self._all(_PIPELINE.where(_columns.id.in_(numbers)))} if numbers else {}
        return [found[number] for number in numbers]

    def numbered_in(self, iid: int, limit: int, projects: Collection[int]) -> Sequence[StoredPipeline]:
        query = _NEWEST.where(_columns.project.in_(projects), _columns.iid == iid)
        return self._all(query.limit(limit))

    def unfinished(self, project: int | None = None) -> Sequence[StoredPipeline]:
        query = _PIPELINE.where(_columns.state.in_(_LIVE)).order_by(_columns.id)
        return self._all(query if project is None else query.where(_columns.project == project))

    def count(self, states: Collection[State]) -> dict[State, int]:
        wanted = [state.value for state in states]
        query = select(_columns.state, func.count()).where(_columns.state.in_(wanted)).group_by(_columns.state)
        found = {State(state): number for state, number in self._on.execute(query)}
        return {state: found.get(state, 0) for state in states}

    def downstream(self, job: int) -> StoredPipeline | None:
        return self._one(_PIPELINE.where(_columns.upstream == job)) if job else None

    def begun_by(self, pipelines: Collection[int]) -> Sequence[StoredPipeline]:
        triggers = select(tables.job.c.id).where(tables.job.c.pipeline.in_(bindparam("pipelines", expanding=True)))
        return self._all(
            _PIPELINE.where(_columns.upstream.in_(triggers)).order_by(_columns.id), pipelines=list(pipelines)
        )

    def _one(self, query: Select[Any], **values: object) -> StoredPipeline | None:
        row = self._on.execute(query, values).one_or_none()
        return self._made(row) if row else None

    def _all(self, query: Select[Any], **values: object) -> list[StoredPipeline]:
        return [self._made(row) for row in self._on.execute(query, values)]

    def _made(self, row: Any) -> StoredPipeline:
        """Pages ask for the newest pipelines in several ways, and what one was made from takes long to read."""
        key = row.id, row.version, row.forgiven, row.path
        if key not in self._read:
            self._read[key] = _pipeline(row)
        return self._read[key]


@cache
def _like(name: str, sqlite: bool, plain: bool, everywhere: bool) -> Select[Any]:  # noqa: FBT001
    column, newest = _columns[name], func.max(_columns.id)
    has, begins = holds(column, sqlite=sqlite, plain=plain)
    query = select(newest).where(has, within(_columns.project, everywhere=everywhere))
    ordered = query.group_by(_columns.project, column).order_by(begins.desc(), newest.desc())
    return ordered.limit(bindparam("limit", type_=Integer))


def _pipeline(row: Any) -> StoredPipeline:
    """Its project may have been moved since."""
    values: dict[str, Any] = dict(zip(_SELECTED, row, strict=True))
    change, path = _changes().decode(values["change"]), values.pop("path")
    if change.project.path != path:
        change = msgspec.structs.replace(change, project=msgspec.structs.replace(change.project, path=path))
    values |= {
        "state": State(values["state"]),
        "change": change,
        "forgiven": bool(values["forgiven"]),
    }
    return StoredPipeline(**values)


@cache
def _changes() -> msgspec.json.Decoder[Change]:
    return msgspec.json.Decoder(ready(Change))
