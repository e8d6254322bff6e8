"""Nodes that somebody wants at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.tree.tools import TreeTools

MOST = 100  # of one person


def star(actor: Actor, tools: TreeTools, node: int) -> None:
    """Nothing happens where it is starred already. Raises PlumblineError ``not-found``, ``not-allowed``,
    ``too-many-stars``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.STAR_NODE, node)
        if len(unit.tx.stars.of(actor.person.id)) >= MOST:
            raise PlumblineError(
                "too-many-stars",
                t("You starred {count} nodes; there is no room for more.", count=MOST),
                t("Take a star back that you do not need."),
                kind=ErrorKind.REFUSED,
            )
        unit.tx.stars.add(actor.person.id, node, unit.now)


def unstar(actor: Actor, tools: TreeTools, node: int) -> None:
    """Nothing happens where it is not starred. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.STAR_NODE, node)
        unit.tx.stars.remove(actor.person.id, node)


def starred(actor: Actor, tools: TreeTools) -> Sequence[int]:
    """The nodes that the actor starred and may see still, in the order in which they were starred."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_STARS)
        return [node for node in unit.tx.stars.of(actor.person.id) if unit.may(use_cases.VIEW_NODE, node)]
