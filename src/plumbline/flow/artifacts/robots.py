"""Robots: programs that come in for the artifacts of one project, whoever comes and goes.

1. A robot may at its project what its scopes say, and nothing else anywhere; never more than whoever made it.
2. It ends by its time, or when it is revoked. Its owner answers for it; when they leave, it goes on, and lists show so.
3. Its token is shown once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import SECRET_BYTES, TOKEN_ID_BYTES, Permission, digest, may, use_cases, write_robot_token
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.unit_of_work import not_allowed, not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.registry import Robot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.person import Person
    from plumbline.model.tree import Node

SCOPES = (Permission.ARTIFACT_DOWNLOAD, Permission.ARTIFACT_WRITE, Permission.ARTIFACT_DELETE)
LONGEST = 366 * 24 * 3600 * 1_000_000  # microseconds
MOST = 100  # of one project, that are not revoked
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class MadeRobot(NamedTuple):
    robot: Robot
    text: str  # what the program shows


class ShownRobot(NamedTuple):
    robot: Robot
    owner: Person | None  # None: not known any more


def list_robots(actor: Actor, tools: ArtifactTools, project: int) -> list[ShownRobot]:
    """By name, those that are revoked too."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_ROBOTS, project)
        return [ShownRobot(one, unit.tx.people.get(one.owner)) for one in unit.tx.robots.of(project)]


def make_robot(
    actor: Actor, tools: ArtifactTools, project: int, name: str, scopes: Sequence[str], expires: int
) -> MadeRobot:
    """Raises PlumblineError ``robot-wrong``, ``name-taken``, ``not-allowed``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.WRITE_ROBOT, project)
        _check(unit, ancestors, name, scopes, expires)
        text, parts = write_robot_token(tools.secret(TOKEN_ID_BYTES), tools.secret(SECRET_BYTES))
        robot = unit.tx.robots.add(
            Robot(
                project=project,
                name=name,
                token=parts.id,
                digest=digest(parts.secret),
                scopes=tuple(one.value for one in SCOPES if one.value in scopes),
                owner=actor.person.id,
                created=unit.now,
                expires=expires,
            )
        )
        path = ancestors[0].path
        content = events.RobotCreated(scopes=robot.scopes, owner=actor.name, expires=timestamp(expires))
        unit.record(f"{path}/{name}", content, path)
        return MadeRobot(robot, text)


def revoke_robot(actor: Actor, tools: ArtifactTools, project: int, robot: int) -> bool:
    """False where it was revoked already. Raises PlumblineError ``not-found``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.WRITE_ROBOT, project)
        found = unit.tx.robots.get(robot)
        if found is None or found.project != project:
            raise not_found(t("The project has no robot {robot}.", robot=robot))
        if not unit.tx.robots.revoke(robot, unit.now):
            return False
        path = ancestors[0].path
        unit.record(f"{path}/{found.name}", events.RobotRevoked(by=actor.name), path)
        return True


def _check(unit: UnitOfWork, ancestors: Sequence[Node], name: str, scopes: Sequence[str], expires: int) -> None:
    if not _NAME.fullmatch(name):
        raise _wrong(t("'{name}' is no name of a robot.", name=name[:100]),
                     t("Take lower case letters, digits, and '.', '_' or '-' inside, at most 64."))  # fmt: skip
    unknown = sorted(set(scopes) - {one.value for one in SCOPES})
    if unknown or not scopes:
        raise _wrong(t("'{scope}' is not a scope of a robot.", scope=unknown[0] if unknown else ""),
                     t("Take some of these: {names}.", names=", ".join(SCOPES)))  # fmt: skip
    if not unit.now < expires <= unit.now + LONGEST:
        raise _wrong(t("A robot ends within a year."), t("Choose an earlier day."))
    if unit.actor.scopes is not None:  # it would live on when the token is revoked
        raise _wrong(t("A token cannot make a robot."), t("Sign in, and make it there."))
    if sum(not one.revoked for one in unit.tx.robots.of(ancestors[0].id)) >= MOST:
        raise _wrong(t("No project needs more than {count} robots.", count=MOST), t("Revoke those not in use."))
    for scope in SCOPES:
        if scope.value in scopes and not (decision := may(unit.actor, scope, ancestors)):
            raise not_allowed(decision.reason)


def _wrong(message: Text, hint: Text) -> PlumblineError:
    return PlumblineError("robot-wrong", message, hint, kind=ErrorKind.CONFIGURATION)
