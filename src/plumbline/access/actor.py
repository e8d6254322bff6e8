"""Who acts: a person by a session or an API token, a robot or a job of one project, or somebody who is not signed
in."""

from __future__ import annotations

import msgspec

from plumbline.access.bearer import csrf_token
from plumbline.model.person import ApiToken, Grant, Person, Session
from plumbline.model.registry import Robot, RunningJob

_NOBODY = Person(id=0, name="", active=False)


class Actor(msgspec.Struct, frozen=True):
    """A person with all their grants; ``scopes`` narrow them where an API token speaks for the person. A robot and a
    job stand for nobody: what they may is in grants and scopes all the same, and their person is no row."""

    person: Person = _NOBODY
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    session: Session | None = None
    token: ApiToken | None = None
    secret: str = ""  # of the session
    address: str = ""  # where the request came from
    agent: str = ""  # what a browser calls itself
    robot: Robot | None = None
    job: RunningJob | None = None
    browser: str = ""  # what it keeps of those who signed in there (:mod:`plumbline.access.browser_mark`)

    @property
    def signed_in(self) -> bool:
        return self.person.id != 0

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def key(self) -> str:
        """What is theirs is noted under this: what they began and may go on with."""
        if self.robot is not None:
            return f"robot:{self.robot.id}"
        return f"job:{self.job.job}:{self.job.fence}" if self.job is not None else f"person:{self.person.id}"

    @property
    def csrf(self) -> str:
        """What a form has to show that a page of this session sent."""
        return csrf_token(self.secret)


SIGNED_OUT = Actor()
