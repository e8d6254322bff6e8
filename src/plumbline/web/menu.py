"""What the bar at the top leads to."""

from __future__ import annotations

from typing import NamedTuple

from plumbline.access import Actor, Permission, granted
from plumbline.kernel import Text, t
from plumbline.model.tree import INSTANCE


class Place(NamedTuple):
    path: str
    title: Text
    permission: Permission | None  # None: for everybody
    somewhere: bool = False  # the permission at any node will do; else it is asked for the whole installation


MENU = (
    Place("/", t("Wall"), None),
    Place("/tree", t("Organisation"), None),
    Place("/pipelines", t("Pipelines"), None),
    Place("/assessments", t("Grade"), Permission.ASSESSMENT_VIEW, somewhere=True),
    Place("/ledger", t("Ledger"), Permission.LEDGER_READ),
    Place("/runners", t("Runners"), Permission.RUNNER_VIEW),
    Place("/people", t("People"), Permission.PEOPLE_VIEW),
    Place("/installation", t("Installation"), Permission.INSTANCE_VIEW),
    Place("/roles", t("Roles"), None),
    Place("/api/console", t("API"), None),
)


def places(actor: Actor) -> list[Place]:
    """Those that the actor may see."""
    return [place for place in MENU if place.permission is None or _held(actor, place.permission, place.somewhere)]


def _held(actor: Actor, permission: Permission, somewhere: bool) -> bool:
    given = granted(actor, permission)
    return bool(given) if somewhere else INSTANCE in given
