"""What the bar at the top leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import UseCase, use_cases
from plumbline.kernel import Text, t
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.unit_of_work import Units


class Place(NamedTuple):
    path: str
    title: Text
    use_case: UseCase | None  # None: for everybody
    somewhere: bool = False  # to be allowed it at any node will do; else it is asked for the whole installation


MENU = (
    Place("/", t("Wall"), None),
    Place("/tree", t("Organisation"), None),
    Place("/pipelines", t("Pipelines"), None),
    Place("/assessments", t("Grade"), use_cases.LIST_ASSESSMENTS, somewhere=True),
    Place("/ledger", t("Ledger"), use_cases.SEARCH_LEDGER),
    Place("/runners", t("Runners"), use_cases.LIST_RUNNERS),
    Place("/people", t("People"), use_cases.LIST_PEOPLE),
    Place("/installation", t("Installation"), use_cases.LIST_VARIABLES),
    Place("/roles", t("Roles"), None),
    Place("/api/console", t("API"), None),
)


def places(actor: Actor, units: Units) -> list[Place]:
    """Those that somebody may see."""
    nodes = {INSTANCE, *(grant.node for grant in actor.grants)}
    return [
        place
        for place in MENU
        if place.use_case is None
        or any(units.may(actor, place.use_case, node) for node in (nodes if place.somewhere else (INSTANCE,)))
    ]
