"""What the bar at the top leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import Permission
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from plumbline.web.desk import Desk, Visitor


class Place(NamedTuple):
    path: str
    title: Text
    permission: Permission | None  # anywhere; None: for everybody


MENU = (
    Place("/", t("Wall"), None),
    Place("/tree", t("Organisation"), None),
    Place("/pipelines", t("Pipelines"), None),
    Place("/assessments", t("Grade"), Permission.ASSESSMENT_VIEW),
    Place("/ledger", t("Ledger"), Permission.LEDGER_READ),
    Place("/runners", t("Runners"), Permission.RUNNER_VIEW),
    Place("/people", t("People"), Permission.PEOPLE_VIEW),
    Place("/roles", t("Roles"), None),
    Place("/api/console", t("API"), None),
)


def places(desk: Desk, visitor: Visitor) -> list[Place]:
    """Those that the visitor may see, by any of their roles."""
    nodes = {0, *(grant.node for grant in visitor.standing.grants)}
    return [
        place
        for place in MENU
        if place.permission is None or any(desk.may(visitor, place.permission, node) for node in nodes)
    ]
