"""Which role may do what."""

from __future__ import annotations

from plumbline.access import ROLES, Permission, use_cases
from plumbline.kernel import t
from plumbline.web.page import Ask, Shown, shows
from plumbline.web.places import Entry, Group, Where

_DRAWN = "M8 1.8l5 2v4c0 3.2-2 5.3-5 6.4-3-1.1-5-3.2-5-6.4v-4z"


@shows("/roles", use_case=use_cases.READ_ROLES, entries=(
    Entry("roles", t("Roles"), Group.OWN, Where.INSTALLATION, order=1, drawn=_DRAWN),))  # fmt: skip
def roles(ask: Ask) -> Shown:  # noqa: ARG001
    return Shown("roles.html", {"roles": list(ROLES.values()), "permissions": list(Permission)})


PART = (roles,)
