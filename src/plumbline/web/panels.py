"""What several pages show: the variables and credentials of a node, the roles of a person, a form that was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import TYPE_CHECKING

from plumbline.access import ROLES, use_cases
from plumbline.flow.tree.read_tree import permitted, where_to_add
from plumbline.flow.tree.repository_credentials import list_repository_credentials
from plumbline.flow.tree.variables import list_variables
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import Role
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
from plumbline.model.tree import INSTANCE, StoredVariable
from plumbline.web.every_page import page_at
from plumbline.web.page import Raw, Redirect, Shown
from plumbline.web.tree import place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.flow.people.roles import HeldRole
    from plumbline.kernel import Text
    from plumbline.model.person import Grant
    from plumbline.model.tree import Node
    from plumbline.web.page import Ask, Page

    Handler = Callable[[Ask], Shown | Redirect | Raw]

_NOT_ON_THE_FORM = frozenset({"not-allowed", "not-found", "not-signed-in"})
BY_CODE = {
    "body-too-large": 413,
    **dict.fromkeys(("csrf-token-missing", "role-too-wide", "role-to-oneself", "link-to-oneself"), 403),
}
_STATUS = {ErrorKind.CONFIGURATION: 422, ErrorKind.REFUSED: 409}


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
    """Those set at a node, where they may be seen."""
    sees, writes = permitted(ask.actor, ask.tools.tree, node, use_cases.LIST_VARIABLES, use_cases.WRITE_VARIABLE)
    found = list_variables(ask.actor, ask.tools.tree, node) if sees else ()
    return {
        "variables": [one for one in found if one.node == node] if sees else None,
        "writes_variables": writes,
    }


def credentials_of(ask: Ask, ancestors: Sequence[Node]) -> dict[str, object]:
    """Those set at the last node on the way from the top, or above it, without a node in the installation; who writes
    them is who writes variables."""
    node, by_id = ancestors[-1].id if ancestors else INSTANCE, {each.id: each for each in ancestors}
    (sees,) = permitted(ask.actor, ask.tools.tree, node, use_cases.LIST_CREDENTIALS)
    found = list_repository_credentials(ask.actor, ask.tools.tree, node) if sees else ()
    return {"credentials": [Credential(one, place(one.node, by_id)) for one in found] if sees else None}


def written_variable(ask: Ask, node: int) -> tuple[StoredVariable, str]:
    """What the form of a variable says, and the value."""
    variable = StoredVariable(
        node=node,
        name=ask.text("name").strip(),
        sealed=b"",
        scope=ask.text("scope").strip() or "*",
        masked=ask.text("masked") == "1",
        protected=ask.text("protected") == "1",
        file=ask.text("file") == "1",
    )
    return variable, ask.text("value").replace("\r\n", "\n")


def written_credential(ask: Ask, node: int) -> tuple[RepositoryCredential, str]:
    """What the form of a credential says, and the secret."""
    credential = RepositoryCredential(
        node=node,
        scheme=scheme_on(ask),
        host=ask.text("host").strip(),
        sealed=b"",
        username=ask.text("username").strip(),
        known_hosts=ask.text("known_hosts"),
    )
    return credential, ask.text("secret")


def scheme_on(ask: Ask) -> RemoteScheme:
    try:
        return RemoteScheme(ask.text("scheme"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a kind."), kind=ErrorKind.CONFIGURATION) from None


def role_on(ask: Ask) -> Role:
    """What the form of a role says."""
    try:
        return Role(ask.text("role"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a role."), kind=ErrorKind.CONFIGURATION) from None


def held(roles: Sequence[HeldRole]) -> list[Held]:
    """What somebody may be, and where."""
    return [Held(grant, ROLES[grant.role].title, path if grant.node else t("everywhere")) for grant, path in roles]


def beginning(ask: Ask) -> dict[str, object]:
    """What a page that is still empty has to know to say what comes next: is there a role, and one that adds."""
    return {"no_role": not ask.actor.grants, "adds": bool(where_to_add(ask.actor, ask.tools.tree))}


class Kept:
    """What happens when a form is sent. One that is refused is shown once more on its page, with why, and with what was
    typed (``typed``).

    Whoever may not do it at all, and what the server cannot do now, are no matter of the form: the page of errors.
    """

    def __init__(self, handler: Handler, page: Page | str | Callable[[Ask], str]) -> None:
        update_wrapper(self, handler)
        self._handler = handler
        self._page = page

    def __call__(self, ask: Ask) -> Shown | Redirect | Raw:
        try:
            return self._handler(ask)
        except PlumblineError as error:
            return self.refused(ask, error)

    def refused(self, ask: Ask, error: PlumblineError) -> Shown:
        """Raises the error where it is no matter of the form."""
        if error.code in _NOT_ON_THE_FORM or error.kind not in _STATUS:
            raise error
        page = self._page(ask) if callable(self._page) else self._page
        own = page_at(page) if isinstance(page, str) else page
        here = re.sub(r"\{(\w+)(?::int)?\}", lambda part: str(ask.numbers[part[1]]), own.path)
        shown = own.handler(replace(ask, form={}, files=(), path=here, within=own.within))
        if not isinstance(shown, Shown):
            raise error
        values = {**shown.values, "typed": ask.form, "refusal": error, "here": here}
        return replace(shown, values=values, status=BY_CODE.get(error.code) or _STATUS[error.kind])


def keeps(page: Page | str | Callable[[Ask], str]) -> Callable[[Handler], Kept]:
    """Make a function what happens when a form on this page is sent; a page of another part by its address."""
    return lambda handler: Kept(handler, page)
