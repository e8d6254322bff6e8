"""Which role may do what."""

from __future__ import annotations

from plumbline.access import ROLES, Permission
from plumbline.web.page import Ask, Shown, shows


@shows("/roles")
def roles(ask: Ask) -> Shown:  # noqa: ARG001
    return Shown("roles.html", {"roles": list(ROLES.values()), "permissions": list(Permission)})


PART = (roles,)
