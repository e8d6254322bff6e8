"""The front of the flows about people, their tree and the ledger, as the API and the pages enter it."""

from __future__ import annotations

from plumbline.flow.ledger.custody import Head, check_origin, make_checkpoint
from plumbline.flow.ledger.filed import FilingCheck
from plumbline.flow.ledger.find_entries import Search, find_entries
from plumbline.flow.ledger.prove_entry import Inclusion, entry_at, prove_entry, verify_newest
from plumbline.flow.ledger.verify_onwards import Verification, last_verification, sign_onwards, verify_onwards
from plumbline.flow.moment import Moment
from plumbline.flow.records import Records, Store, standing_of
from plumbline.flow.serving.bind_repository import (
    bind_repository,
    install_hook,
    is_local,
    put_schedule,
    remove_schedule,
    secret_place,
)
from plumbline.flow.serving.credentials import LONGEST_NAME
from plumbline.flow.serving.door import WayIn, accept_invitation, invite, set_up, set_up_link, way_in
from plumbline.flow.serving.identify import LONGEST, by_session, by_token
from plumbline.flow.serving.manage_access import (
    LONGEST_VALUE,
    add_person,
    change_person,
    grant_role,
    make_token,
    put_variable,
    remove_variable,
    revoke_role,
    revoke_token,
    variable_place,
)
from plumbline.flow.serving.manage_tree import add_node, change_node, projects_where, visible_line, visible_nodes
from plumbline.flow.serving.refusals import Refusal, Refusals
from plumbline.flow.serving.repository_credentials import (
    LONGEST_KEY,
    credential_place,
    login_of,
    put_repository_credential,
    remove_repository_credential,
)
from plumbline.flow.serving.resolve import Found, resolve
from plumbline.flow.serving.seal_anew import Sealed, look_at_sealed, seal_anew, sealed_at
from plumbline.flow.serving.server_tools import FigureNow, ServerTools
from plumbline.flow.serving.sign_in import change_password, sign_in, sign_out, sweep_sessions

__all__ = [
    "LONGEST",
    "LONGEST_KEY",
    "LONGEST_NAME",
    "LONGEST_VALUE",
    "FigureNow",
    "FilingCheck",
    "Found",
    "Head",
    "Inclusion",
    "Moment",
    "Records",
    "Refusal",
    "Refusals",
    "Sealed",
    "Search",
    "ServerTools",
    "Store",
    "Verification",
    "WayIn",
    "accept_invitation",
    "add_node",
    "add_person",
    "bind_repository",
    "by_session",
    "by_token",
    "change_node",
    "change_password",
    "change_person",
    "check_origin",
    "credential_place",
    "entry_at",
    "find_entries",
    "grant_role",
    "install_hook",
    "invite",
    "is_local",
    "last_verification",
    "login_of",
    "look_at_sealed",
    "make_checkpoint",
    "make_token",
    "projects_where",
    "prove_entry",
    "put_repository_credential",
    "put_schedule",
    "put_variable",
    "remove_repository_credential",
    "remove_schedule",
    "remove_variable",
    "resolve",
    "revoke_role",
    "revoke_token",
    "seal_anew",
    "sealed_at",
    "secret_place",
    "set_up",
    "set_up_link",
    "sign_in",
    "sign_onwards",
    "sign_out",
    "standing_of",
    "sweep_sessions",
    "variable_place",
    "verify_newest",
    "verify_onwards",
    "visible_line",
    "visible_nodes",
    "way_in",
]
