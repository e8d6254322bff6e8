"""What several pages show: the variables and credentials of a node, the roles of a person, a form that was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import TYPE_CHECKING

from plumbline.access import ROLES, Permission
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
from plumbline.model.tree import INSTANCE, NodeKind, StoredVariable
from plumbline.web.estate import place, where
from plumbline.web.page import Raw, Redirect, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.flow.people.roles import HeldRole
    from plumbline.kernel import Text
    from plumbline.model.person import Grant
    from plumbline.model.tree import Node
    from plumbline.web.page import Ask, Page

    Handler = Callable[[Ask], Shown | Redirect | Raw]

HALF_DONE = "half-done"  # a part of what was asked happened: it is not to be sent again
_NOT_ON_THE_FORM = frozenset({"not-allowed", "not-found", "not-signed-in", HALF_DONE})
BY_CODE = {"body-too-large": 413, "role-too-wide": 403, "role-to-oneself": 403, "link-to-oneself": 403}
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
    sees = ask.desk.may(ask.visitor, Permission.VARIABLE_VIEW, node)
    return {
        "variables": ask.desk.variables(ask.visitor, node) if sees else None,
        "writes_variables": ask.desk.may(ask.visitor, Permission.VARIABLE_WRITE, node),
    }


def credentials_of(ask: Ask, ancestors: Sequence[Node]) -> dict[str, object]:
    """Those set at the last node of a line from the top, or above it, of an empty line in the installation; who writes
    them is who writes variables."""
    node, by_id = ancestors[-1].id if ancestors else INSTANCE, {each.id: each for each in ancestors}
    if not ask.desk.may(ask.visitor, Permission.VARIABLE_VIEW, node):
        return {"credentials": None}
    found = ask.desk.repository_credentials(ask.visitor, node)
    return {"credentials": [Credential(one, place(one.node, by_id)) for one in found]}


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


def held(roles: Sequence[HeldRole]) -> list[Held]:
    """What somebody may be, and where."""
    return [Held(grant, ROLES[grant.role].title, path if grant.node else t("everywhere")) for grant, path in roles]


def beginning(ask: Ask, nodes: Sequence[Node]) -> dict[str, object]:
    """What a page that is still empty has to know to say what comes next: is there a role, and one that adds."""
    adds = ask.desk.may(ask.visitor, Permission.TREE_WRITE, INSTANCE) or bool(
        where(ask, [node for node in nodes if node.kind is not NodeKind.PROJECT], Permission.PROJECT_CREATE)
    )
    return {"no_role": not ask.visitor.standing.grants, "adds": adds}


class Kept:
    """What happens when a form is sent. One that is refused is shown once more on its page, with why, and with what was
    typed (``typed``).

    Whoever may not do it at all, and what the server cannot do now, are no matter of the form: the page of errors.
    """

    def __init__(self, handler: Handler, page: Page | Callable[[Ask], Page]) -> None:
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
        own = self._page(ask) if callable(self._page) else self._page
        here = re.sub(r"\{(\w+):int\}", lambda part: str(ask.numbers[part[1]]), own.path)
        shown = own.handler(replace(ask, form={}, files=(), path=here))
        if not isinstance(shown, Shown):
            raise error
        values = {**shown.values, "typed": ask.form, "refusal": error, "here": here}
        return replace(shown, values=values, status=BY_CODE.get(error.code) or _STATUS[error.kind])


def keeps(page: Page | Callable[[Ask], Page]) -> Callable[[Handler], Kept]:
    """Make a function what happens when a form on this page is sent."""
    return lambda handler: Kept(handler, page)
