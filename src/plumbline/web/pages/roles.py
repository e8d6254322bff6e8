"""Which role may do what."""

from __future__ import annotations

from plumbline.access import ROLES, Permission, use_cases
from plumbline.web.page import Ask, Shown, shows


@shows("/roles", use_case=use_cases.READ_ROLES)
def roles(ask: Ask) -> Shown:  # noqa: ARG001
    return Shown("roles.html", {"roles": list(ROLES.values()), "permissions": list(Permission)})


PART = (roles,)
