"""What the bar at the top leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import Permission
from plumbline.kernel import Text, t
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from plumbline.web.desk import Desk, Visitor


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
    Place("/installation", t("Installation"), Permission.VARIABLE_VIEW),
    Place("/roles", t("Roles"), None),
    Place("/api/console", t("API"), None),
)


def places(desk: Desk, visitor: Visitor) -> list[Place]:
    """Those that the visitor may see."""
    nodes = {INSTANCE, *(grant.node for grant in visitor.standing.grants)}
    return [
        place
        for place in MENU
        if place.permission is None
        or any(desk.may(visitor, place.permission, node) for node in (nodes if place.somewhere else (INSTANCE,)))
    ]
