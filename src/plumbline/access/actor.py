"""Who acts: a person by a session or an API token, or somebody who is not signed in."""

from __future__ import annotations

import msgspec

from plumbline.access.bearer import csrf_token
from plumbline.model.person import ApiToken, Grant, Person, Session

_NOBODY = Person(id=0, name="", active=False)


class Actor(msgspec.Struct, frozen=True):
    """A person with all their grants; ``scopes`` narrow them where an API token speaks for the person."""

    person: Person = _NOBODY
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    session: Session | None = None
    token: ApiToken | None = None
    secret: str = ""  # of the session
    address: str = ""  # where the request came from
    agent: str = ""  # what a browser calls itself
    browser: str = ""  # what it keeps of those who signed in there (:mod:`plumbline.access.browser_mark`)

    @property
    def signed_in(self) -> bool:
        return self.person.id != 0

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def csrf(self) -> str:
        """What a form has to show that a page of this session sent."""
        return csrf_token(self.secret)


SIGNED_OUT = Actor()
