"""The server's own desk: the door, the tree, people and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import Permission, allows
from plumbline.flow import serving
from plumbline.kernel import PlumblineError, t, without_password
from plumbline.model import INSTANCE, Binding, Node, NodeKind, Person
from plumbline.web.desk import Signed, Visitor, WebhookState
from plumbline.web.desk_base import DeskBase, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.serving import WayIn
    from plumbline.model import ApiToken, Grant, RemoteScheme, RepositoryCredential, Role, StoredVariable
    from plumbline.web.desk import Entrance

_SESSION = serving.LONGEST // 1_000_000
_DAY = 86_400 * 1_000_000  # microseconds


class PeopleDesk(DeskBase):
    # the door
    def vacant(self) -> bool:
        with self._tools.store.view() as records:
            return records.people.count() == 0

    def visitor(self, secret: str, entrance: Entrance) -> Visitor | None:  # noqa: ARG002
        found = serving.by_session(self._tools.store, secret, self._tools.clock())
        return Visitor(found[0], found[1], secret) if found else None

    def set_up(self, link: str, name: str, title: str, password: str, entrance: Entrance) -> Signed:
        serving.set_up(self._tools, link, name, title, password)
        return self.sign_in(name, password, entrance)

    def accept(self, link: str, name: str, password: str, entrance: Entrance) -> Signed:
        serving.accept_invitation(self._tools, name, link, password)
        return self.sign_in(name, password, entrance)

    def sign_in(self, name: str, password: str, entrance: Entrance) -> Signed:
        return Signed(serving.sign_in(self._tools, name, password, entrance.address, entrance.agent), _SESSION)

    def sign_out(self, visitor: Visitor) -> None:
        serving.sign_out(self._tools, visitor.person, visitor.session)

    def refused(self, page: str, code: str, visitor: Visitor | None, entrance: Entrance) -> None:
        person = visitor.person.name if visitor else ""
        self._tools.refusals.refused(serving.Refusal(page, code, person, entrance.address), self._tools.clock())

    def may(self, visitor: Visitor, permission: Permission, node: int) -> bool:
        with self._tools.store.view() as records:
            return allows(visitor.standing, permission, records.tree.line(node))

    # the tree
    def nodes(self, visitor: Visitor) -> Sequence[Node]:
        with self._tools.store.view() as records:
            return serving.visible_nodes(records, visitor.standing)

    def line(self, visitor: Visitor, node: int) -> Sequence[Node]:
        with self._tools.store.view() as records:
            found = serving.visible_line(records, visitor.standing, node)
        if not found:
            raise not_found(t("There is no node {node}.", node=node))
        return found

    def add_node(self, visitor: Visitor, parent: int | None, kind: NodeKind, name: str, title: str) -> Node:
        permission = Permission.PROJECT_CREATE if kind is NodeKind.PROJECT else Permission.TREE_WRITE
        node = Node(id=0, kind=kind, name=name, path="", parent=parent, title=title)
        with self._tools.store.change() as records:
            self._require(records, visitor, permission, parent or INSTANCE)
            return serving.add_node(records, self._moment(), visitor.standing, node)

    def bind(self, visitor: Visitor, project: int, kind: str, url: str) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.PROJECT_SETTINGS, project)
            if serving.is_local(url):  # whoever names a path reads what the server may read
                self._require(records, visitor, Permission.INSTANCE_MANAGE, INSTANCE)
            before = records.bindings.get(project) or Binding(project=project, kind=kind, url=url)
            binding = msgspec.structs.replace(before, kind=kind, url=url)
            moment = self._moment()
            serving.bind_repository(self._tools, records, moment, visitor.standing, line[0], binding, new_secret=False)

    def repository(self, visitor: Visitor, project: int) -> str:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.PROJECT_VIEW, project)
            binding = records.bindings.get(project)
            return without_password(binding.url) if binding else ""

    def webhook(self, visitor: Visitor, project: int) -> WebhookState | None:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.PROJECT_SETTINGS, project)
            found = records.bindings.get(project)
        return WebhookState(found.kind, f"{self._url}/hooks/{found.kind}/{project}") if found else None

    def renew_webhook(self, visitor: Visitor, project: int, signing_token: str) -> str:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.PROJECT_SETTINGS, project)
            before = records.bindings.get(project)
            if before is None:
                raise not_found(t("Project {project} has no repository.", project=project))
            return serving.bind_repository(
                self._tools, records, self._moment(), visitor.standing, line[0], before,
                new_secret=not signing_token, signing_token=signing_token,
            )[1]  # fmt: skip

    def repository_credentials(self, visitor: Visitor, node: int) -> Sequence[RepositoryCredential]:
        with self._tools.store.view() as records:
            line = self._require(records, visitor, Permission.VARIABLE_VIEW, node)
            return records.repository_credentials.at([INSTANCE, *(each.id for each in line)])

    def put_repository_credential(self, visitor: Visitor, credential: RepositoryCredential, secret: str) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.VARIABLE_WRITE, credential.node)
            moment = self._moment()
            serving.put_repository_credential(self._tools, records, moment, visitor.standing, credential, secret, line)

    def remove_repository_credential(self, visitor: Visitor, node: int, scheme: RemoteScheme, host: str) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.VARIABLE_WRITE, node)
            serving.remove_repository_credential(records, self._moment(), visitor.standing, line, scheme, host)

    def variables(self, visitor: Visitor, node: int) -> Sequence[StoredVariable]:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.VARIABLE_VIEW, node)
            return records.variables.at([node])

    def put_variable(self, visitor: Visitor, variable: StoredVariable, value: str) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.VARIABLE_WRITE, variable.node)
            serving.put_variable(self._tools, records, self._moment(), visitor.standing, variable, value, line)

    def remove_variable(self, visitor: Visitor, node: int, name: str, scope: str) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.VARIABLE_WRITE, node)
            serving.remove_variable(records, self._moment(), visitor.standing, line, name, scope)

    # people
    def people(self, visitor: Visitor) -> Sequence[Person]:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.PEOPLE_VIEW, INSTANCE)
            return records.people.all()

    def grants(self, visitor: Visitor, person: int) -> Sequence[Grant]:
        with self._tools.store.view() as records:
            if person != visitor.person.id:
                self._require(records, visitor, Permission.PEOPLE_VIEW, INSTANCE)
            return records.grants.of(person)

    def add_person(self, visitor: Visitor, name: str, title: str, email: str) -> str:
        with self._tools.store.change() as records:
            self._require(records, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            person = Person(id=0, name=name, title=title, email=email)
            added, secret = serving.add_person(self._tools, records, self._moment(), visitor.standing, person)
        return self._welcome(added, secret)

    def invite(self, visitor: Visitor, person: int) -> str:
        with self._tools.store.change() as records:
            self._require(records, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            known = _known(records.people.get(person))
            secret = serving.invite(self._tools, records, self._moment(), visitor.standing, known)
        return self._welcome(known, secret)

    def _welcome(self, person: Person, secret: str) -> str:
        return f"{self._url}/welcome?name={person.name}&key={secret}"

    def way_in(self, visitor: Visitor, person: int) -> WayIn:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            return serving.way_in(records, _known(records.people.get(person)), self._tools.clock())

    def set_active(self, visitor: Visitor, person: int, active: bool) -> None:
        with self._tools.store.change() as records:
            self._require(records, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            before = _known(records.people.get(person))
            after = msgspec.structs.replace(before, active=active)
            serving.change_person(records, self._moment(), visitor.standing, before, after)

    def grant(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.ROLE_GRANT, node)
            known = _known(records.people.get(person))
            serving.grant_role(records, self._moment(), visitor.standing, known, role, line)

    def revoke(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.ROLE_GRANT, node)
            known = _known(records.people.get(person))
            serving.revoke_role(records, self._moment(), visitor.standing, known, role, line)

    def prefer(self, visitor: Visitor, language: str) -> None:
        with self._tools.store.change() as records:
            before = _known(records.people.get(visitor.person.id))
            after = msgspec.structs.replace(before, language=language)
            serving.change_person(records, self._moment(), visitor.standing, before, after)

    def change_password(self, visitor: Visitor, old: str, new: str) -> None:
        serving.change_password(self._tools, visitor.person, old, new, visitor.session.digest)

    def tokens(self, visitor: Visitor) -> Sequence[ApiToken]:
        with self._tools.store.view() as records:
            return records.tokens.of(visitor.person.id)

    def make_token(self, visitor: Visitor, name: str, scopes: Sequence[str], days: int) -> str:
        moment = self._moment()
        with self._tools.store.change() as records:
            expires = moment.now + days * _DAY
            _, text = serving.make_token(self._tools, records, moment, visitor.standing, name, scopes, expires)
        return text

    def revoke_token(self, visitor: Visitor, token: str) -> None:
        with self._tools.store.change() as records:
            found = records.tokens.get(token)
            if found is None or found.person != visitor.person.id:
                raise not_found(t("There is no token {token}.", token=token))
            serving.revoke_token(records, self._moment(), visitor.standing, found)


def _known(person: Person | None) -> Person:
    if person is None:
        raise _nobody()
    return person


def _nobody() -> PlumblineError:
    return not_found(t("There is no such person."))
