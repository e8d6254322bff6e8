"""Robots in a database. Implements the port ``Robots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import artifacts as tables
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.registry import Robot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_robot = tables.robot
_ALL = rows.query(Robot, _robot)
_BY_ID = _ALL.where(_robot.c.id == bindparam("id"))
_BY_TOKEN = _ALL.where(_robot.c.token == bindparam("token"))
_OF_PROJECT = _ALL.where(_robot.c.project == bindparam("project")).order_by(_robot.c.name)


class SqlRobots:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, robot: Robot) -> Robot:
        try:
            with self._on.begin_nested():
                return rows.add(self._on, _robot, robot)
        except IntegrityError as error:
            raise PlumblineError(
                "name-taken",
                t("The project has a robot named {name} already.", name=robot.name),
                t("Choose another name; one is never given twice, since the ledger names robots by it."),
                kind=ErrorKind.REFUSED,
            ) from error

    def get(self, id: int) -> Robot | None:  # noqa: A002
        return rows.first(self._on, Robot, _BY_ID, id=id)

    def of_token(self, token: str) -> Robot | None:
        return rows.first(self._on, Robot, _BY_TOKEN, token=token)

    def of(self, project: int) -> Sequence[Robot]:
        return rows.every(self._on, Robot, _OF_PROJECT, project=project)

    def used(self, id: int, at: int) -> None:  # noqa: A002
        self._on.execute(update(_robot).where(_robot.c.id == id).values(used=at))

    def revoke(self, id: int, at: int) -> bool:  # noqa: A002
        revoked = update(_robot).where(_robot.c.id == id, _robot.c.revoked == 0).values(revoked=at)
        return self._on.execute(revoked).rowcount == 1
