"""What was brought to environments, in a database. Implements the port ``Deployments``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import pipelines as tables
from plumbline.model.deployment import EnvironmentDeployment, EnvironmentState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

_columns = tables.deployment.c
_ALL = rows.query(EnvironmentDeployment, tables.deployment)
_GET = _ALL.where(_columns.job == bindparam("job"))
_THERE = _ALL.where(
    _columns.project == bindparam("project"),
    _columns.environment == bindparam("environment"),
    _columns.finished > 0,
    _columns.stopped == 0,
    _columns.outcome.in_(bindparam("outcomes", expanding=True)),
)
_NEWEST = _THERE.order_by(_columns.finished.desc(), _columns.job.desc()).limit(1)
_own = tables.deployment.alias("own")
_EACH = (
    select(_own.c.project, _own.c.environment)
    .where(_own.c.project.in_(bindparam("projects", expanding=True)))
    .distinct()
    .subquery()
)
_other = tables.deployment.alias("other")
_LAST_JOB = (
    select(_other.c.job)
    .where(
        _other.c.project == _EACH.c.project,
        _other.c.environment == _EACH.c.environment,
        _other.c.finished > 0,
        _other.c.stopped == 0,
        _other.c.outcome.in_(bindparam("outcomes", expanding=True)),
    )
    .order_by(_other.c.finished.desc(), _other.c.job.desc())
    .limit(1)
    .correlate(_EACH)
    .scalar_subquery()
)
_NEWEST_OF_EACH = _ALL.select_from(_EACH.join(tables.deployment, _columns.job == _LAST_JOB))
_HAD = _THERE.where(_columns.commit == bindparam("commit")).limit(1)
_GOOD = ["success"]
_ENDED = ["success", "failure", "error"]


class SqlDeployments:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, deployment: EnvironmentDeployment) -> None:
        self._on.execute(insert(tables.deployment).values(rows.row_of(deployment)))

    def get(self, job: int) -> EnvironmentDeployment | None:
        return rows.first(self._on, EnvironmentDeployment, _GET, job=job)

    def save(self, deployment: EnvironmentDeployment) -> None:
        statement = update(tables.deployment).where(_columns.job == deployment.job)
        self._on.execute(statement.values(rows.row_of(deployment, "job")))

    def state(self, project: int, environment: str) -> EnvironmentState:
        where = {"project": project, "environment": environment}
        last = rows.first(self._on, EnvironmentDeployment, _NEWEST, **where, outcomes=_ENDED)
        if last is None or last.outcome == "success":
            return EnvironmentState(serving=last, last=last)
        serving = rows.first(self._on, EnvironmentDeployment, _NEWEST, **where, outcomes=_GOOD)
        return EnvironmentState(serving=serving, last=last)

    def states(self, projects: Collection[int]) -> Mapping[tuple[int, str], EnvironmentState]:
        wanted = list(projects)
        last, serving = (
            {
                (one.project, one.environment): one
                for one in rows.every(self._on, EnvironmentDeployment, _NEWEST_OF_EACH, projects=wanted, outcomes=these)
            }
            for these in (_ENDED, _GOOD)
        )
        return {where: EnvironmentState(serving=serving.get(where), last=one) for where, one in last.items()}

    def had(self, project: int, environment: str, commit: str) -> bool:
        values = {"project": project, "environment": environment, "commit": commit, "outcomes": _GOOD}
        return rows.first(self._on, EnvironmentDeployment, _HAD, **values) is not None

    def stop(self, project: int, environment: str, at: int) -> None:
        there = (_columns.project == project, _columns.environment == environment, _columns.stopped == 0)
        self._on.execute(update(tables.deployment).where(*there, _columns.finished > 0).values(stopped=at))
