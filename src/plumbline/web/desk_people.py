"""The server's own desk: the door, people and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import Permission, allows
from plumbline.flow.people.identify import LONGEST, by_session
from plumbline.flow.people.invitations import accept_invitation, invitation_state, invite, set_up
from plumbline.flow.people.manage_access import (
    add_person,
    change_person,
    grant_role,
    make_token,
    revoke_role,
    revoke_token,
)
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.people.sign_in import change_password, sign_in, sign_out
from plumbline.kernel import PlumblineError, t
from plumbline.model.person import Person
from plumbline.model.tree import INSTANCE
from plumbline.web.desk import Signed, Visitor
from plumbline.web.desk_base import DeskBase, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.people.invitations import InvitationState
    from plumbline.model.person import ApiToken, Grant, Role
    from plumbline.web.desk import Entrance

_SESSION = LONGEST // 1_000_000
_DAY = 86_400 * 1_000_000  # microseconds


class PeopleDesk(DeskBase):
    # the door
    def vacant(self) -> bool:
        with self._tools.store.view() as tx:
            return tx.people.count() == 0

    def visitor(self, secret: str, entrance: Entrance) -> Visitor | None:  # noqa: ARG002
        found = by_session(self._tools.store, secret, self._tools.clock())
        return Visitor(found[0], found[1], secret) if found else None

    def set_up(self, link: str, name: str, title: str, password: str, entrance: Entrance) -> Signed:
        set_up(self._tools, link, name, title, password)
        return self.sign_in(name, password, entrance)

    def accept(self, link: str, name: str, password: str, entrance: Entrance) -> Signed:
        accept_invitation(self._tools, name, link, password)
        return self.sign_in(name, password, entrance)

    def sign_in(self, name: str, password: str, entrance: Entrance) -> Signed:
        return Signed(sign_in(self._tools, name, password, entrance.address, entrance.agent), _SESSION)

    def sign_out(self, visitor: Visitor) -> None:
        sign_out(self._tools, visitor.person, visitor.session)

    def refused(self, page: str, code: str, visitor: Visitor | None, entrance: Entrance) -> None:
        person = visitor.person.name if visitor else ""
        self._tools.refusals.refused(Refusal(page, code, person, entrance.address), self._tools.clock())

    def may(self, visitor: Visitor, permission: Permission, node: int) -> bool:
        with self._tools.store.view() as tx:
            return allows(visitor.standing, permission, tx.tree.ancestors(node))

    # people
    def people(self, visitor: Visitor) -> Sequence[Person]:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.PEOPLE_VIEW, INSTANCE)
            return tx.people.all()

    def grants(self, visitor: Visitor, person: int) -> Sequence[Grant]:
        with self._tools.store.view() as tx:
            if person != visitor.person.id:
                self._require(tx, visitor, Permission.PEOPLE_VIEW, INSTANCE)
            return tx.grants.of(person)

    def add_person(self, visitor: Visitor, name: str, title: str, email: str) -> str:
        with self._tools.store.change() as tx:
            self._require(tx, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            person = Person(id=0, name=name, title=title, email=email)
            added, secret = add_person(self._tools, tx, self._moment(), visitor.standing, person)
        return self._welcome(added, secret)

    def invite(self, visitor: Visitor, person: int) -> str:
        with self._tools.store.change() as tx:
            self._require(tx, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            known = _known(tx.people.get(person))
            secret = invite(self._tools, tx, self._moment(), visitor.standing, known)
        return self._welcome(known, secret)

    def _welcome(self, person: Person, secret: str) -> str:
        return f"{self._url}/welcome?name={person.name}&key={secret}"

    def invitation_state(self, visitor: Visitor, person: int) -> InvitationState:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            return invitation_state(tx, _known(tx.people.get(person)), self._tools.clock())

    def set_active(self, visitor: Visitor, person: int, active: bool) -> None:
        with self._tools.store.change() as tx:
            self._require(tx, visitor, Permission.PEOPLE_MANAGE, INSTANCE)
            before = _known(tx.people.get(person))
            after = msgspec.structs.replace(before, active=active)
            change_person(tx, self._moment(), visitor.standing, before, after)

    def grant(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.ROLE_GRANT, node)
            known = _known(tx.people.get(person))
            grant_role(tx, self._moment(), visitor.standing, known, role, ancestors)

    def revoke(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.ROLE_GRANT, node)
            known = _known(tx.people.get(person))
            revoke_role(tx, self._moment(), visitor.standing, known, role, ancestors)

    def prefer(self, visitor: Visitor, language: str) -> None:
        with self._tools.store.change() as tx:
            before = _known(tx.people.get(visitor.person.id))
            after = msgspec.structs.replace(before, language=language)
            change_person(tx, self._moment(), visitor.standing, before, after)

    def change_password(self, visitor: Visitor, old: str, new: str) -> None:
        change_password(self._tools, visitor.person, old, new, visitor.session.digest)

    def tokens(self, visitor: Visitor) -> Sequence[ApiToken]:
        with self._tools.store.view() as tx:
            return tx.tokens.of(visitor.person.id)

    def make_token(self, visitor: Visitor, name: str, scopes: Sequence[str], days: int) -> str:
        moment = self._moment()
        with self._tools.store.change() as tx:
            expires = moment.now + days * _DAY
            _, text = make_token(self._tools, tx, moment, visitor.standing, name, scopes, expires)
        return text

    def revoke_token(self, visitor: Visitor, token: str) -> None:
        with self._tools.store.change() as tx:
            found = tx.tokens.get(token)
            if found is None or found.person != visitor.person.id:
                raise not_found(t("There is no token {token}.", token=token))
            revoke_token(tx, self._moment(), visitor.standing, found)


def _known(person: Person | None) -> Person:
    if person is None:
        raise _nobody()
    return person


def _nobody() -> PlumblineError:
    return not_found(t("There is no such person."))
