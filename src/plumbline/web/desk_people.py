"""The server's own desk: people and what they hold. Pages call the use cases themselves; this goes with the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Actor, Permission, allows
from plumbline.flow.people import account, invitations, people, roles, sign_in, tokens
from plumbline.flow.people.identify import by_session
from plumbline.flow.people.refusals import Refusal
from plumbline.model.person import Person
from plumbline.web.desk import Signed, Visitor
from plumbline.web.desk_base import DeskBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.people.invitations import InvitationState
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.model.person import ApiToken, Grant, Role
    from plumbline.web.desk import Entrance

_DAY = 86_400 * 1_000_000  # microseconds


class PeopleDesk(DeskBase):
    @property
    def _people(self) -> PeopleTools:
        return self._tools.service.people

    def vacant(self) -> bool:
        return invitations.vacant(Actor(), self._people)

    def visitor(self, secret: str, entrance: Entrance) -> Visitor | None:
        actor = by_session(_stranger(entrance), self._people, secret)
        return Visitor(actor, actor.session, secret) if actor.session else None

    def set_up(self, link: str, name: str, title: str, password: str, entrance: Entrance) -> Signed:
        return Signed(*invitations.set_up(_stranger(entrance), self._people, link, name, title, password))

    def accept(self, link: str, name: str, password: str, entrance: Entrance) -> Signed:
        return Signed(*invitations.accept_invitation(_stranger(entrance), self._people, name, link, password))

    def sign_in(self, name: str, password: str, entrance: Entrance) -> Signed:
        return Signed(*sign_in.sign_in(_stranger(entrance), self._people, name, password))

    def sign_out(self, visitor: Visitor) -> None:
        sign_in.sign_out(visitor.standing, self._people)

    def refused(self, page: str, code: str, visitor: Visitor | None, entrance: Entrance) -> None:
        person = visitor.person.name if visitor else ""
        self._tools.refusals.refused(Refusal(page, code, person, entrance.address), self._tools.clock())

    def may(self, visitor: Visitor, permission: Permission, node: int) -> bool:
        with self._tools.store.view() as tx:
            return allows(visitor.standing, permission, tx.tree.ancestors(node))

    def people(self, visitor: Visitor) -> Sequence[Person]:
        return people.list_people(visitor.standing, self._people)

    def grants(self, visitor: Visitor, person: int) -> Sequence[Grant]:
        if person == visitor.person.id:
            return visitor.standing.grants
        return [held.grant for held in people.view_person(visitor.standing, self._people, person).roles]

    def add_person(self, visitor: Visitor, name: str, title: str, email: str) -> str:
        new = Person(id=0, name=name, title=title, email=email)
        return people.add_person(visitor.standing, self._people, new).link

    def invite(self, visitor: Visitor, person: int) -> str:
        return invitations.invite(visitor.standing, self._people, person).link

    def invitation_state(self, visitor: Visitor, person: int) -> InvitationState:
        found = people.view_person(visitor.standing, self._people, person).invitation
        assert found is not None
        return found

    def set_active(self, visitor: Visitor, person: int, active: bool) -> None:
        people.change_person(visitor.standing, self._people, person, active=active)

    def grant(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        roles.grant_role(visitor.standing, self._people, person, role, node)

    def revoke(self, visitor: Visitor, person: int, node: int, role: Role) -> None:
        roles.revoke_role(visitor.standing, self._people, person, role, node)

    def prefer(self, visitor: Visitor, language: str) -> None:
        account.change_account(visitor.standing, self._people, language=language)

    def change_password(self, visitor: Visitor, old: str, new: str) -> None:
        account.change_password(visitor.standing, self._people, old, new)

    def tokens(self, visitor: Visitor) -> Sequence[ApiToken]:
        return tokens.list_own_tokens(visitor.standing, self._people)

    def make_token(self, visitor: Visitor, name: str, scopes: Sequence[str], days: int) -> str:
        expires = self._tools.clock() + days * _DAY
        return tokens.make_token(visitor.standing, self._people, name, scopes, expires).text

    def revoke_token(self, visitor: Visitor, token: str) -> None:
        tokens.revoke_own_token(visitor.standing, self._people, token)


def _stranger(entrance: Entrance) -> Actor:
    return Actor(address=entrance.address, agent=entrance.agent)
