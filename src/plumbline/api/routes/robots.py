"""Robots: programs that pull and push at one project."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Id, Line, Lines, Time
from plumbline.api.route import route
from plumbline.flow.artifacts import robots
from plumbline.flow.artifacts.robots import ShownRobot
from plumbline.kernel import t


class RobotView(msgspec.Struct, frozen=True, kw_only=True):
    """Without its secret. ``owner``: the name of whoever answers for it; ``owner_active`` is false where they left.
    ``used``, ``revoked``: 0 where it was not."""

    id: Id
    project: Id
    name: str
    scopes: list[str]
    owner: str
    owner_active: bool
    created: Time
    expires: Time
    used: Time
    revoked: Time


class RobotList(msgspec.Struct, frozen=True, kw_only=True):
    robots: list[RobotView]


class NewRobot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``scopes``: artifact.download, artifact.write, artifact.delete."""

    name: Line
    scopes: Lines
    expires: Time


class MadeRobotView(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is its token, shown this once."""

    robot: RobotView
    text: str


def _view(shown: ShownRobot) -> RobotView:
    robot, owner = shown
    return RobotView(
        id=robot.id,
        project=robot.project,
        name=robot.name,
        scopes=list(robot.scopes),
        owner=owner.name if owner is not None else "",
        owner_active=owner is not None and owner.active,
        created=robot.created,
        expires=robot.expires,
        used=robot.used,
        revoked=robot.revoked,
    )


@route("GET", "/projects/{project}/robots", t("The robots of a project, also those that are revoked."),
       use_case=use_cases.LIST_ROBOTS)  # fmt: skip
def list_robots(call: Call, project: Id) -> RobotList:
    return RobotList(robots=[_view(one) for one in robots.list_robots(call.actor, call.tools.artifacts, project)])


@route("POST", "/projects/{project}/robots", t("Make a robot that pulls or pushes at a project."),
       use_case=use_cases.WRITE_ROBOT, status=201, refusals=(409, 422))  # fmt: skip
def create_robot(call: Call, project: Id, body: NewRobot) -> MadeRobotView:
    made = robots.make_robot(call.actor, call.tools.artifacts, project, body.name, body.scopes, body.expires)
    return MadeRobotView(robot=_view(ShownRobot(made.robot, call.actor.person)), text=made.text)


@route("DELETE", "/projects/{project}/robots/{robot}", t("Revoke a robot; its token is worth nothing any more."),
       use_case=use_cases.WRITE_ROBOT, status=204)  # fmt: skip
def revoke_robot(call: Call, project: Id, robot: Id) -> None:
    robots.revoke_robot(call.actor, call.tools.artifacts, project, robot)


PART = (list_robots, create_robot, revoke_robot)
