"""Who may do what, and which two acts one person may not both do."""

from plumbline.access.bearer import (
    SECRET_BYTES,
    TOKEN_ID_BYTES,
    csrf_matches,
    csrf_token,
    digest,
    read_token,
    same,
    write_secret,
    write_token,
)
from plumbline.access.decide import (
    Decision,
    Standing,
    allowed,
    archived,
    effective_permissions,
    effective_roles,
    granted,
    may,
    place,
)
from plumbline.access.duties import DUTIES, GRANTS_TO_SELF, Act, Duty, Performed, conflict, conflicts, read_duties
from plumbline.access.inheritance import (
    Effective,
    Inherited,
    effective_settings,
    inherited_variables,
    nearest_credential,
)
from plumbline.access.permissions import READING, Permission
from plumbline.access.roles import ROLES, RoleSpec, roles_with
from plumbline.access.throttle import FOR_ACCOUNT, FOR_ADDRESS, Throttle, counted, wait_after

__all__ = [
    "DUTIES",
    "FOR_ACCOUNT",
    "FOR_ADDRESS",
    "GRANTS_TO_SELF",
    "READING",
    "ROLES",
    "SECRET_BYTES",
    "TOKEN_ID_BYTES",
    "Act",
    "Decision",
    "Duty",
    "Effective",
    "Inherited",
    "Performed",
    "Permission",
    "RoleSpec",
    "Standing",
    "Throttle",
    "allowed",
    "archived",
    "conflict",
    "conflicts",
    "counted",
    "csrf_matches",
    "csrf_token",
    "digest",
    "effective_permissions",
    "effective_roles",
    "effective_settings",
    "granted",
    "inherited_variables",
    "may",
    "nearest_credential",
    "place",
    "read_duties",
    "read_token",
    "roles_with",
    "same",
    "wait_after",
    "write_secret",
    "write_token",
]
