"""What several pages show: the variables of a node, the roles of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import ROLES, Permission
from plumbline.web.estate import place

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model import Grant
    from plumbline.web.page import Ask


@dataclass(frozen=True, slots=True)
class Held:
    grant: Grant
    role: Text
    place: Text | str


def variables_of(ask: Ask, node: int) -> dict[str, object]:
    sees = ask.desk.may(ask.visitor, Permission.VARIABLE_VIEW, node)
    return {
        "variables": ask.desk.variables(ask.visitor, node) if sees else None,
        "writes_variables": ask.desk.may(ask.visitor, Permission.VARIABLE_WRITE, node),
    }


def held(ask: Ask, person: int) -> list[Held]:
    by_id = {node.id: node for node in ask.desk.nodes(ask.visitor)}
    grants = ask.desk.grants(ask.visitor, person)
    return [Held(grant, ROLES[grant.role].title, place(grant.node, by_id)) for grant in grants]
