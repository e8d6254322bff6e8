"""What repositories hold, in two questions for all of them: how much there is of each, and what came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from plumbline.adapters.store.schema.artifacts import artifact, repository
from plumbline.adapters.store.schema.tree import node
from plumbline.model.artifact import Kind
from plumbline.model.registry import Holding

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

_OWN = artifact.c.subject == ""  # what is about another one is shown with that
_TOTALS = (
    select(
        artifact.c.repository,
        artifact.c.kind,
        artifact.c.name,
        func.count().label("versions"),
        func.sum(artifact.c.size).label("size"),
        func.max(artifact.c.id).label("newest"),
    )
    .where(_OWN)
    .group_by(artifact.c.repository, artifact.c.kind, artifact.c.name)
    .subquery()
)
_ALL = (
    select(
        _TOTALS,
        repository.c.project,
        repository.c.name.label("below"),
        node.c.path,
        artifact.c.digest,
        artifact.c.version,
        artifact.c.created,
    )
    .join(artifact, artifact.c.id == _TOTALS.c.newest)
    .join(repository, repository.c.id == _TOTALS.c.repository)
    .join(node, node.c.id == repository.c.project)
    .order_by(node.c.path, repository.c.name, _TOTALS.c.kind, _TOTALS.c.name)
)
_AT_ONCE = 500  # projects


def holdings(connection: Connection, projects: Collection[int] | None) -> Sequence[Holding]:
    """Of these projects, None: of all."""
    if projects is None:
        found = connection.execute(_ALL).all()
    else:
        asked = sorted(set(projects))
        parts = (asked[at : at + _AT_ONCE] for at in range(0, len(asked), _AT_ONCE))
        found = [row for part in parts for row in connection.execute(_ALL.where(repository.c.project.in_(part)))]
    return [
        Holding(
            repository=row.repository,
            project=row.project,
            below=row.below,
            path=row.path,
            kind=Kind(row.kind),
            name=row.name,
            count=row.versions,
            size=int(row.size or 0),
            newest=row.newest,
            digest=row.digest,
            version=row.version,
            created=row.created,
        )
        for row in found
    ]
