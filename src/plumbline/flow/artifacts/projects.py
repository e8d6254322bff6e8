"""Which project a client means that names it by its number, or by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.kernel import t
from plumbline.model.tree import LONGEST_PATH, NodeKind

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools


def check_deletes(actor: Actor, tools: ArtifactTools, project: int | None) -> None:
    """Before a package is looked for that is to go. Raises as ``require``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.DELETE_PACKAGE, project, t("There is no such project."))


def project_meant(actor: Actor, tools: ArtifactTools, text: str) -> int | None:
    """None where there is none. Whether the actor may see it is the question of whatever they want there. Raises
    PlumblineError ``not-signed-in``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.GET_REGISTRY_TOKEN)
        if text.isdecimal() and text.isascii():
            found = unit.tx.tree.get(int(text)) if len(text) <= 18 else None
        else:
            found = unit.tx.tree.at(text) if len(text) <= LONGEST_PATH else None
    return found.id if found is not None and found.kind is NodeKind.PROJECT else None
