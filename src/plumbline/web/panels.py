"""What several pages show: the variables and credentials of a node, the roles of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import ROLES, Permission
from plumbline.web.estate import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.kernel import Text
    from plumbline.model import Grant, Node, RepositoryCredential
    from plumbline.web.page import Ask


@dataclass(frozen=True, slots=True)
class Held:
    grant: Grant
    role: Text
    place: Text | str


@dataclass(frozen=True, slots=True)
class Credential:
    stored: RepositoryCredential
    place: Text | str


def variables_of(ask: Ask, node: int) -> dict[str, object]:
    sees = ask.desk.may(ask.visitor, Permission.VARIABLE_VIEW, node)
    return {
        "variables": ask.desk.variables(ask.visitor, node) if sees else None,
        "writes_variables": ask.desk.may(ask.visitor, Permission.VARIABLE_WRITE, node),
    }


def credentials_of(ask: Ask, line: Sequence[Node]) -> dict[str, object]:
    """Those set at the last node of a line from the top, or above it; who writes them is who writes variables."""
    node, by_id = line[-1].id, {each.id: each for each in line}
    if not ask.desk.may(ask.visitor, Permission.VARIABLE_VIEW, node):
        return {"credentials": None}
    found = ask.desk.repository_credentials(ask.visitor, node)
    return {"credentials": [Credential(one, place(one.node, by_id)) for one in found]}


def held(ask: Ask, person: int) -> list[Held]:
    by_id = {node.id: node for node in ask.desk.nodes(ask.visitor)}
    grants = ask.desk.grants(ask.visitor, person)
    return [Held(grant, ROLES[grant.role].title, place(grant.node, by_id)) for grant in grants]
