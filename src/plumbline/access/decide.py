"""May this person do that here? With the reason, and the grant that allows it. The rules, in this order:

1. Nobody who is switched off may do anything.
2. An API token allows what its scopes name, or all; never more than its owner may.
3. At an archived node and below it there is only reading, but for taking it back.
4. A role that is granted at the node, at one above it, or for the installation allows what its permissions name.
5. What no rule allows is refused, and the reason says which roles would allow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from plumbline.access.actor import Actor
from plumbline.access.permissions import Permission
from plumbline.access.roles import ROLES, roles_with
from plumbline.kernel import Text, t
from plumbline.model.person import EVERY_SCOPE, Grant, Role
from plumbline.model.tree import INSTANCE, Node

_UNARCHIVES = frozenset({Permission.PROJECT_ARCHIVE})


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """True where it is allowed. ``grant`` is the nearest one that allows it."""

    allowed: bool
    reason: Text
    grant: Grant | None = None

    def __bool__(self) -> bool:
        return self.allowed


def may(actor: Actor, permission: Permission, ancestors: Sequence[Node]) -> Decision:
    """Whether a person may do something at a node.

    ``ancestors`` are the node, its parent, and so on to the top; empty for what concerns the whole installation. A
    grant at any of them counts, and one for the installation counts everywhere.
    """
    if not actor.person.active:
        return _no(t("{name} is deactivated", name=actor.person.name))
    if not _in_scope(actor, permission):
        return _no(
            t("the API token does not have the scope '{scope}' ({title})", scope=permission, title=permission.meaning)
        )
    if _ends_with_archiving(permission) and (old := archived(ancestors)):
        return _no(t("'{path}' is archived: it can only be read", path=old.path))
    for node in (*(node.id for node in ancestors), INSTANCE):
        for grant in actor.grants:
            if grant.node == node and permission in ROLES[grant.role].permissions:
                return Decision(allowed=True, reason=_because(actor, grant, ancestors), grant=grant)
    return _no(_why_not(actor, permission, ancestors))


def allows(actor: Actor, permission: Permission, ancestors: Sequence[Node]) -> bool:
    """What :func:`may` says, without a reason: where many questions are asked and none is refused."""
    given = granted(actor, permission)
    if not given or (_ends_with_archiving(permission) and archived(ancestors)):
        return False
    return INSTANCE in given or any(node.id in given for node in ancestors)


def granted(actor: Actor, permission: Permission) -> frozenset[int]:
    """The nodes at which somebody was given a role with a permission; INSTANCE stands for all of them."""
    if not actor.person.active or not _in_scope(actor, permission):
        return frozenset()
    return frozenset(grant.node for grant in actor.grants if permission in ROLES[grant.role].permissions)


def allowed(actor: Actor, permission: Permission, nodes: Iterable[Node]) -> frozenset[int]:
    """The ids of those nodes of a whole tree, parents first, at which :func:`may` allows it: all in one go."""
    given = granted(actor, permission)
    found: set[int] = set()
    closed: set[int] = set()  # archived, or below such a node
    for node in nodes:
        if INSTANCE in given or node.id in given or node.parent in found:
            found.add(node.id)
        if node.archived or node.parent in closed:
            closed.add(node.id)
    return frozenset(found - closed if _ends_with_archiving(permission) else found)


def effective_roles(grants: Sequence[Grant], ancestors: Sequence[Node]) -> tuple[Role, ...]:
    """The roles that hold at a node: those granted there, above it and for the installation, each once."""
    nodes = {INSTANCE, *(node.id for node in ancestors)}
    held = {grant.role for grant in grants if grant.node in nodes}
    return tuple(role for role in Role if role in held)


def effective_permissions(actor: Actor, ancestors: Sequence[Node]) -> frozenset[Permission]:
    """Everything :func:`may` would allow there; for showing only what can be done."""
    return frozenset(permission for permission in Permission if may(actor, permission, ancestors))


def archived(ancestors: Sequence[Node]) -> Node | None:
    return next((node for node in ancestors if node.archived), None)


def _in_scope(actor: Actor, permission: Permission) -> bool:
    return actor.scopes is None or permission in actor.scopes or EVERY_SCOPE in actor.scopes


def _ends_with_archiving(permission: Permission) -> bool:
    return not permission.reads and permission not in _UNARCHIVES


def place(ancestors: Sequence[Node]) -> Text:
    """What to call a place in a sentence."""
    return t("'{path}'", path=ancestors[0].path) if ancestors else t("the installation")


def _no(reason: Text) -> Decision:
    return Decision(allowed=False, reason=reason)


def _because(actor: Actor, grant: Grant, ancestors: Sequence[Node]) -> Text:
    where = next((index for index, node in enumerate(ancestors) if node.id == grant.node), None)
    return t(
        "{name} is {role} at {place}",
        name=actor.person.name,
        role=ROLES[grant.role].title,
        place=place(() if where is None else ancestors[where:]),
    )


def _why_not(actor: Actor, permission: Permission, ancestors: Sequence[Node]) -> Text:
    held = effective_roles(actor.grants, ancestors)
    values: dict[str, object] = {
        "name": actor.person.name,
        "place": place(ancestors),
        "title": permission.meaning,
        "permission": permission,
        "needed": listed([spec.title for spec in roles_with(permission)]),
    }
    if not held:
        return t("{name} has no role at {place}; '{permission}' ({title}) is for: {needed}", **values)
    return t(
        "{name} is {held} at {place}; '{permission}' ({title}) is for: {needed}",
        held=listed([ROLES[role].title for role in held]),
        **values,
    )


def listed(texts: Sequence[Text]) -> Text:
    """Several texts in a row."""
    text = texts[0]
    for following in texts[1:]:
        text = t("{first}, {second}", first=text, second=following)
    return text
