"""What was told, and what came of it, in a database. Implements the port ``Deliveries``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from plumbline.adapters.store.leases import moved
from plumbline.adapters.store.schema import pipelines as tables
from plumbline.model.server import Delivery, Outcome, QueueSeen, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Select

_columns = tables.delivery.c
_PUSHES = (WebhookKind.PUSH.value, WebhookKind.TAG.value)
_UNDONE = (Outcome.REFUSED.value, Outcome.FAILED.value)
_ENOUGH = 200  # earlier pushes of one ref
_FREE = _columns.lease_owner == ""
_ADD = insert(tables.delivery).returning(_columns.id)
_TOLD = (
    select(tables.delivery)
    .where(_columns.forge == bindparam("forge"), _columns.project == bindparam("project"))
    .where(_columns.name == bindparam("name"))
    .where(or_(_columns.body == bindparam("body"), _columns.body == ""))  # of old ones there is no digest
    .order_by(_columns.body.desc())
)


class SqlDeliveries:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, delivery: Delivery) -> Delivery:
        made = self._connection.execute(_ADD, _values(delivery)).scalar_one()
        return msgspec.structs.replace(delivery, id=made)

    def get(self, delivery: int) -> Delivery | None:
        return next(iter(self._all(select(tables.delivery).where(_columns.id == delivery))), None)

    def told(self, forge: str, project: int, name: str, body: str) -> Delivery | None:
        same = {"forge": forge, "project": project, "name": name, "body": body}
        row = self._connection.execute(_TOLD, same).first()
        return _delivery(row) if row else None

    def repeats(self, delivery: Delivery) -> bool:
        here = (_columns.project == delivery.project, _columns.ref == delivery.ref, _columns.event == delivery.event)
        query = select(_columns.before, _columns.sha).where(*here).order_by(_columns.id.desc()).limit(1)
        newest = self._connection.execute(query).first()
        return newest is not None and tuple(newest) == (delivery.before, delivery.sha)

    def told_gone(self, delivery: Delivery) -> bool:
        here = (_columns.project == delivery.project, _columns.ref == delivery.ref, _columns.event == delivery.event)
        gone = (_columns.sha == "", _columns.before == delivery.before)
        return self._connection.execute(select(_columns.id).where(*here, *gone).limit(1)).first() is not None

    def change(self, before: Delivery, after: Delivery) -> bool:
        here = (_columns.id == before.id, _columns.fence == before.fence, _columns.settled == before.settled)
        return self._connection.execute(update(tables.delivery).where(*here).values(_values(after))).rowcount == 1

    def newest(self, project: int | None, limit: int) -> Sequence[Delivery]:
        query = select(tables.delivery).order_by(_columns.id.desc()).limit(limit)
        return self._all(query if project is None else query.where(_columns.project == project))

    def last(self) -> int:
        return self._connection.execute(select(func.max(_columns.id))).scalar_one() or 0

    def pushes(self, project: int, after: int) -> Sequence[Delivery]:
        here = (_columns.project == project, _columns.id > after, _columns.event.in_(_PUSHES))
        return self._all(select(tables.delivery).where(*here, _columns.outcome.not_in(_UNDONE)).order_by(_columns.id))

    def of_ref(self, like: Delivery) -> Sequence[Delivery]:
        here = (_columns.project == like.project, _columns.ref == like.ref, _columns.event == like.event)
        done = (_columns.settled > 0, _columns.outcome.not_in(_UNDONE), _columns.id != like.id)
        return self._all(select(tables.delivery).where(*here, *done).order_by(_columns.id.desc()).limit(_ENOUGH))

    def claimable(
        self, now: int, never: int, hosts: Collection[str], projects: Collection[int], limit: int
    ) -> Sequence[Delivery]:
        earlier = tables.delivery.alias("earlier").c
        same = and_(earlier.ref == _columns.ref, earlier.event == _columns.event)
        first = and_(earlier.project == _columns.project, same, earlier.id < _columns.id)
        query = (
            select(tables.delivery)
            .where(_columns.settled == 0, or_(_columns.due <= now, _columns.due > never), _FREE)
            .where(_columns.host.not_in(hosts), _columns.project.not_in(projects))
            .where(~select(earlier.id).where(earlier.settled == 0, first).exists())
        )
        return self._all(query.order_by(_columns.id).limit(limit))

    def leased(self) -> Sequence[Delivery]:
        return self._all(select(tables.delivery).where(_columns.settled == 0, ~_FREE).order_by(_columns.id))

    def renew(self, owner: str, deliveries: Collection[int], until: int) -> int:
        here = (_columns.id.in_(deliveries), _columns.lease_owner == owner, _columns.settled == 0)
        return self._connection.execute(
            update(tables.delivery).where(*here).values(lease_until=moved(_columns.lease_until, until))
        ).rowcount

    def give_back(self, place: str, owner: str) -> int:
        mine = (_columns.lease_owner.startswith(place, autoescape=True), _columns.lease_owner != owner)
        statement = update(tables.delivery).where(_columns.settled == 0, *mine).values(lease_owner="", lease_until=0)
        return self._connection.execute(statement).rowcount

    def queue(self, now: int) -> QueueSeen:
        waits = and_(_FREE, _columns.due <= now)
        query = select(
            func.count().filter(waits),
            func.count().filter(and_(_FREE, _columns.due > now)),
            func.count().filter(~_FREE),
            func.min(_columns.received),
        ).where(_columns.settled == 0)
        waiting, put_off, at_work, oldest = self._connection.execute(query).one()
        return QueueSeen(waiting=waiting, put_off=put_off, at_work=at_work, oldest=oldest or 0)

    def _all(self, query: Select[Any]) -> list[Delivery]:
        return [_delivery(row) for row in self._connection.execute(query)]


def _values(delivery: Delivery) -> dict[str, Any]:
    values = msgspec.structs.asdict(delivery) | {"outcome": delivery.outcome.value}
    del values["id"]
    return values


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "outcome": Outcome(row.outcome), "told": bytes(row.told)})
