"""What the table says an actor is answered. Written apart from the code that decides, so that the two can differ."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from table_actors import ALL_ROLES, NO_GRANTS, SIGNED_OUT, SWITCHED_OFF

from plumbline.access import ROLES, Permission, Place, UseCase
from plumbline.model.person import EVERY_SCOPE, Role

if TYPE_CHECKING:
    from table_actors import Actor
    from table_call import Call

ABOVE = {  # the tree of the world: each node with those above it
    "bank": (),
    "core": ("bank",),
    "cards": ("bank",),
    "posting": ("core", "bank"),
    "clearing": ("core", "bank"),
}
OBJECTS = {"project": "posting", "node": "core", "installation": None}


class Answer(StrEnum):
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    INVISIBLE = "invisible"
    UNKNOWN = "not signed in"


def expected(call: Call, actor: Actor) -> Answer:
    use_case, node = call.use_case, OBJECTS[call.about]
    if use_case.at is Place.ANYBODY:
        return Answer.ALLOWED
    if actor.name in (SIGNED_OUT, SWITCHED_OFF):
        return Answer.UNKNOWN
    if use_case.whole and actor.scopes is not None and EVERY_SCOPE not in actor.scopes:
        return Answer.FORBIDDEN
    if use_case.permission is None or use_case.at is Place.WHERE_VISIBLE:
        return Answer.ALLOWED
    at_node = use_case.at in (Place.NODE, Place.NODE_OR_BELOW)
    below = use_case.at is Place.NODE_OR_BELOW
    if at_node and node is not None and not holds(actor, Permission.PROJECT_VIEW, node, below=below, scoped=False):
        return Answer.INVISIBLE
    if not holds(actor, use_case.permission, node if at_node else None, below=below):
        return Answer.FORBIDDEN
    wanted = (one for one in use_case.also if one.permission in call.met)
    if all(holds(actor, one.permission, node if one.at is Place.NODE else None) for one in wanted):
        return Answer.ALLOWED
    return Answer.FORBIDDEN


def sees(use_case: UseCase, call: Call, actor: Actor, *met: Permission) -> bool:
    """Whether what a use case is about stands in an answer that this actor gets. ``met``: as in :class:`Call`."""
    if use_case.permission is None:
        return True
    node = None if use_case.at is Place.INSTALLATION else OBJECTS[call.about]
    if not all(holds(actor, one.permission, None) for one in use_case.also if one.permission in met):
        return False
    return holds(actor, use_case.permission, node, below=use_case.at is Place.NODE_OR_BELOW)


def holds(actor: Actor, permission: Permission, node: str | None, *, below: bool = False, scoped: bool = True) -> bool:
    """Whether a role with a permission was given at a node, above it, or ``below`` it; None: in the installation, which
    everything is below."""
    if actor.name == NO_GRANTS:
        return False
    if scoped and actor.scopes is not None and not {permission.value, EVERY_SCOPE} & set(actor.scopes):
        return False
    roles = tuple(Role) if actor.name == ALL_ROLES else (actor.role,)
    if not any(role and permission in ROLES[role].permissions for role in roles):
        return False
    granted = "all" if actor.name == ALL_ROLES else actor.name.rpartition("-")[2]
    if granted == "all" or (node is None and below):
        return True
    return node is not None and (granted in (node, *ABOVE[node]) or (below and node in ABOVE[granted]))
