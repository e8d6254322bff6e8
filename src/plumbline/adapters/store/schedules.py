"""Schedules and the repositories of projects in a database. Implements the port ``Schedules`` and
``Bindings``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, case, delete, insert, select, update

from plumbline.adapters.store.schema import pipelines as tables
from plumbline.adapters.store.schema import tree
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import Binding, Look, Schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

_columns = tables.schedule.c
_bound = tree.binding.c
_BINDING = select(tree.binding).where(_bound.project == bindparam("project"))


class SqlSchedules:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, schedule: Schedule) -> Schedule:
        statement = insert(tables.schedule).values(_values(schedule)).returning(_columns.id)
        return msgspec.structs.replace(schedule, id=self._connection.execute(statement).scalar_one())

    def get(self, schedule: int) -> Schedule | None:
        return next(iter(self._all(select(tables.schedule).where(_columns.id == schedule))), None)

    def of(self, project: int) -> Sequence[Schedule]:
        return self._all(select(tables.schedule).where(_columns.project == project).order_by(_columns.id))

    def due(self, now: int) -> Sequence[Schedule]:
        query = select(tables.schedule).where(_columns.active, _columns.next > 0, _columns.next <= now)
        return self._all(query.order_by(_columns.next))

    def active(self) -> Sequence[Schedule]:
        return self._all(select(tables.schedule).where(_columns.active, _columns.next > 0).order_by(_columns.id))

    def save(self, schedule: Schedule) -> bool:
        statement = update(tables.schedule).where(_columns.id == schedule.id).values(_values(schedule))
        return self._connection.execute(statement).rowcount == 1

    def fired(self, before: Schedule, at: int, following: int, *, pipeline: int = 0, message: str = "") -> bool:
        statement = (
            update(tables.schedule)
            .where(_columns.id == before.id, _columns.next == before.next, _columns.active)
            .values(last=at, next=following, pipeline=pipeline, message=message)
        )
        return self._connection.execute(statement).rowcount == 1

    def put_back(self, before: Schedule, following: int) -> bool:
        here = (_columns.id == before.id, _columns.next == before.next, _columns.active)
        return self._connection.execute(update(tables.schedule).where(*here).values(next=following)).rowcount == 1

    def remove(self, schedule: int) -> bool:
        return self._connection.execute(delete(tables.schedule).where(_columns.id == schedule)).rowcount == 1

    def _all(self, query: Select[Any]) -> list[Schedule]:
        return [_schedule(row) for row in self._connection.execute(query)]


class SqlBindings:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, project: int) -> Binding | None:
        row = self._connection.execute(_BINDING, {"project": project}).one_or_none()
        return _binding(row) if row else None

    def put(self, binding: Binding) -> None:
        if self.holder(binding.url, binding.project) is not None:
            raise PlumblineError(
                "repository-bound",
                t("Another project has the repository {url}.", url=binding.url),
                t("A repository belongs to one project; remove it from the other one first."),
                kind=ErrorKind.REFUSED,
            )
        values = msgspec.structs.asdict(binding) | {"heads": _written(binding.heads)}
        here = _bound.project == binding.project
        if not self._connection.execute(update(tree.binding).where(here).values(values)).rowcount:
            self._connection.execute(insert(tree.binding).values(values))

    def holder(self, url: str, other_than: int) -> int | None:
        same = select(_bound.project).where(_bound.url == url, _bound.project != other_than).limit(1)
        return self._connection.execute(same).scalar_one_or_none()

    def remove(self, project: int) -> bool:
        return self._connection.execute(delete(tree.binding).where(_bound.project == project)).rowcount == 1

    def all(self) -> Sequence[Binding]:
        return self._all(select(tree.binding).order_by(_bound.project))

    def looks(self) -> Sequence[Look]:
        columns = [_bound[name] for name in ("project", "url", "poll", "polled", "faults")]
        rows = self._connection.execute(select(*columns).order_by(_bound.polled, _bound.project))
        return [Look(**row._mapping) for row in rows]

    def begin_look(self, look: Look, at: int) -> bool:
        here = (_bound.project == look.project, _bound.polled == look.polled, _bound.url == look.url)
        heard = case((_bound.polled == 0, -1), else_=_bound.heard)
        return self._connection.execute(update(tree.binding).where(*here).values(polled=at, heard=heard)).rowcount == 1

    def end_look(self, project: int, *, heads: dict[str, str] | None, heard: int = 0, fault: str = "") -> None:
        values: dict[str, Any] = {"faults": _bound.faults + 1, "fault": fault}
        if heads is not None:
            values = {"faults": 0, "fault": "", "heard": heard, "heads": _written(heads)}
        self._connection.execute(update(tree.binding).where(_bound.project == project).values(values))

    def _all(self, query: Select[Any]) -> list[Binding]:
        return [_binding(row) for row in self._connection.execute(query)]


def _values(schedule: Schedule) -> dict[str, Any]:
    values = msgspec.structs.asdict(schedule)
    del values["id"]
    return values


def _schedule(row: Any) -> Schedule:
    return Schedule(**{**row._mapping, "variables": bytes(row.variables)})


def _binding(row: Any) -> Binding:
    return Binding(**{**row._mapping, "heads": json.loads(row.heads), "secret": bytes(row.secret)})


def _written(heads: dict[str, str]) -> str:
    """In ASCII: the name of a branch need not be UTF-8, and is the same on every database."""
    return json.dumps(heads, separators=(",", ":"))
