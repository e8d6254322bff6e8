"""The server's side of this room: what its flows are handed, and those about people and their tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from plumbline.evidence import VerifyingKey
from plumbline.flow.assessing import AssessmentTools
from plumbline.flow.bind_repository import (
    bind_repository,
    install_hook,
    is_local,
    put_schedule,
    remove_schedule,
    secret_place,
)
from plumbline.flow.door import accept_invitation, invite, set_up, set_up_link
from plumbline.flow.identify import LONGEST, by_session, by_token
from plumbline.flow.ledger import check_origin, make_checkpoint
from plumbline.flow.manage_access import (
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
from plumbline.flow.manage_tree import add_node, change_node, projects_where, visible_line, visible_nodes
from plumbline.flow.moment import Moment
from plumbline.flow.refusals import Refusal, Refusals
from plumbline.flow.repository_credentials import (
    credential_place,
    login_of,
    put_repository_credential,
    remove_repository_credential,
)
from plumbline.flow.resolve import LOOKED_AT, Found, newest_entries, resolve
from plumbline.flow.seal_anew import Sealed, look_at_sealed, seal_anew
from plumbline.flow.server import Server
from plumbline.flow.sign_in import change_password, sign_in, sign_out, sweep_sessions
from plumbline.flow.verify_onwards import Verification, last_verification, verify_onwards
from plumbline.model import Assessment, Binding, Books, Check, Ledger, Passwords, Registry, StoredJob, Vault, Webhook

__all__ = [
    "LONGEST",
    "LOOKED_AT",
    "FigureNow",
    "Found",
    "Moment",
    "Records",
    "Refusal",
    "Refusals",
    "Sealed",
    "ServerTools",
    "Store",
    "Verification",
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
    "grant_role",
    "install_hook",
    "invite",
    "is_local",
    "last_verification",
    "login_of",
    "look_at_sealed",
    "make_checkpoint",
    "make_token",
    "newest_entries",
    "projects_where",
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
    "secret_place",
    "set_up",
    "set_up_link",
    "sign_in",
    "sign_out",
    "sweep_sessions",
    "variable_place",
    "verify_onwards",
    "visible_line",
    "visible_nodes",
]


def no_hook(_binding: Binding, _secret: bytes, _url: str) -> str:
    raise NotImplementedError


class Records(Registry, Books, Protocol):
    """All that is kept, in one transaction."""


class Store(Protocol):
    """Opens transactions over everything; it is a Registries and a Bookkeeping as well."""

    def change(self) -> AbstractContextManager[Records]: ...

    def view(self) -> AbstractContextManager[Records]: ...

    def one_moment(self) -> AbstractContextManager[None]: ...


class FigureNow(NamedTuple):
    """A number as it is now, for those who watch the server."""

    name: str
    text: str
    value: float
    state: str = ""  # label


@dataclass(frozen=True, slots=True)
class ServerTools:
    """Everything that the server may touch. Built by ``wiring_server`` alone; used from many threads."""

    store: Store
    ledger: Ledger
    passwords: Passwords
    vault: Vault
    refusals: Refusals
    pipelines: Server
    read_webhook: Callable[[str, Mapping[str, str], bytes, bytes], Webhook]  # forge, headers, body, secret
    log_of: Callable[[StoredJob], str | None]  # the file with what a job printed
    source: str
    clock: Callable[[], int]  # microseconds since the epoch
    secret: Callable[[int], bytes]  # random bytes
    new_id: Callable[[], str]
    readiness: Callable[[], Sequence[Check]]  # what has to work before requests are welcome
    assessments: AssessmentTools
    render_assessment: Callable[[Assessment, str, str], bytes]  # language; "html" or "pdf"
    figures: Callable[[], list[FigureNow]]  # PlumblineError where the store does not answer
    keys: Callable[[], Sequence[VerifyingKey]] = tuple  # by which this server signs its ledger
    install_hook: Callable[[Binding, bytes, str], str] = no_hook  # into its repository: secret, address; its path
    secure_cookies: bool = False  # browsers reach it by https

    def moment(self, now: int) -> Moment:
        return Moment(now, self.source, self.new_id)

    def verify(self, *, whole: bool = False) -> Verification:
        """Of the ledger: what is new, or all of it."""
        return verify_onwards(self.store, self.ledger, self.keys(), self.clock(), whole=whole)
