"""What forges told of merge requests, in a database. Implements the port ``MergeRequests``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import pipelines as tables
from plumbline.adapters.store.upsert import upsert
from plumbline.model.server import KnownRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_table = tables.merge_request
_columns = _table.c
_GET = rows.query(KnownRequest, _table).where(
    _columns.project == bindparam("project"), _columns.number == bindparam("number")
)
_OPEN = (
    select(_columns.number)
    .where(_columns.project == bindparam("project"), _columns.branch == bindparam("branch"))
    .where(_columns.own, _columns.is_open)
    .order_by(_columns.number.desc())
)


class SqlMergeRequests:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def get(self, project: int, number: int) -> KnownRequest | None:
        return rows.first(self._on, KnownRequest, _GET, project=project, number=number)

    def put(self, request: KnownRequest) -> None:
        upsert(self._on, _table, rows.row_of(request))

    def open(self, project: int, branch: str, limit: int) -> Sequence[int]:
        return list(self._on.execute(_OPEN.limit(limit), {"project": project, "branch": branch}).scalars())

    def forget(self, project: int) -> None:
        self._on.execute(delete(_table).where(_columns.project == project))
