"""What asked for something, and what came of it, in a database. Implements the port ``Deliveries``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, insert, select, update

from plumbline.adapters.store.schema import pipelines as tables
from plumbline.model.server import Delivery, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_columns = tables.delivery.c


class SqlDeliveries:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, delivery: Delivery) -> bool:
        if self.get(delivery.forge, delivery.id) is not None:
            return False
        self._connection.execute(insert(tables.delivery).values(_values(delivery)))
        return True

    def get(self, forge: str, delivery: str) -> Delivery | None:
        query = select(tables.delivery).where(_columns.forge == forge, _columns.id == delivery)
        row = self._connection.execute(query).one_or_none()
        return _delivery(row) if row else None

    def save(self, delivery: Delivery) -> None:
        here = (_columns.forge == delivery.forge, _columns.id == delivery.id)
        self._connection.execute(update(tables.delivery).where(*here).values(_values(delivery)))

    def remove(self, forge: str, delivery: str) -> None:
        self._connection.execute(delete(tables.delivery).where(_columns.forge == forge, _columns.id == delivery))

    def newest(self, project: int | None, limit: int) -> Sequence[Delivery]:
        query = select(tables.delivery).order_by(_columns.received.desc()).limit(limit)
        if project is not None:
            query = query.where(_columns.project == project)
        return [_delivery(row) for row in self._connection.execute(query)]


def _values(delivery: Delivery) -> dict[str, Any]:
    return msgspec.structs.asdict(delivery) | {"outcome": delivery.outcome.value}


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "outcome": Outcome(row.outcome)})
