"""Who may do what, and which two acts one person may not both do."""

from plumbline.access.actor import SIGNED_OUT, Actor
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
    allowed,
    allows,
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
from plumbline.access.settings import SETTINGS, AnySetting, Setting, SettingKind, check_settings, settings_with
from plumbline.access.throttle import FOR_ACCOUNT, FOR_ADDRESS, Throttle, counted, wait_after
from plumbline.access.use_cases import USE_CASES, Also, Place, UseCase

__all__ = [
    "DUTIES",
    "FOR_ACCOUNT",
    "FOR_ADDRESS",
    "GRANTS_TO_SELF",
    "READING",
    "ROLES",
    "SECRET_BYTES",
    "SETTINGS",
    "SIGNED_OUT",
    "TOKEN_ID_BYTES",
    "USE_CASES",
    "Act",
    "Actor",
    "Also",
    "AnySetting",
    "Decision",
    "Duty",
    "Effective",
    "Inherited",
    "Performed",
    "Permission",
    "Place",
    "RoleSpec",
    "Setting",
    "SettingKind",
    "Throttle",
    "UseCase",
    "allowed",
    "allows",
    "archived",
    "check_settings",
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
    "settings_with",
    "wait_after",
    "write_secret",
    "write_token",
]
