"""Tokens of the registry: what a client gets for what it has (an API token, the token of a robot or a job), and shows
for a few minutes.

1. A token is sealed with the server's key, and opens nowhere else; nothing of it is stored.
2. It carries whose it is and which actions it was given; what they may is asked again at every use, so that a token
   that was revoked, and a job that has ended, are over at once.
3. It never gives more than what it was made of; what was asked for and may not be done is left out.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.flow.artifacts.guests import by_job, by_job_token, by_robot, by_robot_token, note_use, unknown
from plumbline.flow.artifacts.repositories import permitted
from plumbline.flow.people.identify import by_token, by_token_id
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.people.tools import PeopleTools

SECONDS = 300
MOST_SCOPES = 20
_ACTIONS = ("pull", "push", "delete")
_PLACE = "access token of the registry"
_LONGEST = 8000  # characters


class Scope(NamedTuple):
    """What a client asks for: ``repository:<name>:pull,push``."""

    name: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"repository:{self.name}:{','.join(self.actions)}"


class Made(NamedTuple):
    """``issued``: microseconds since the epoch."""

    text: str
    seconds: int
    issued: int


class Shown(NamedTuple):
    """Who shows a token, and for what it was made; None: for all that they may."""

    actor: Actor
    scopes: tuple[Scope, ...] | None = None

    def grants(self, name: str, action: str) -> bool:
        """Whether the token was made for this."""
        return self.scopes is None or any(one.name == name and action in one.actions for one in self.scopes)


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    """``kind``: ``token``, ``robot`` or ``job``."""

    kind: str
    id: str
    ends: int
    scopes: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_scopes(texts: Sequence[str]) -> list[Scope]:
    """Of the parameters ``scope``, each with one or several, separated by spaces. What is no repository is left out."""
    found: dict[str, dict[str, None]] = {}
    for text in texts:
        for one in text.split():
            kind, _, rest = one.partition(":")
            name, _, actions = rest.rpartition(":")
            if kind == "repository" and name:
                wanted = _ACTIONS if "*" in actions.split(",") else actions.split(",")
                found.setdefault(name, {}).update(dict.fromkeys(one for one in wanted if one in _ACTIONS))
    return [Scope(name, tuple(actions)) for name, actions in found.items()]


def by_secret(actor: Actor, tools: ArtifactTools, people: PeopleTools, secret: str) -> Shown:
    """``actor`` comes in signed out. ``secret``: an API token, the token of a robot or a job, or one made here.

    Raises PlumblineError ``unknown-credential``.
    """
    found = by_job_token(actor, tools, secret) or by_robot_token(actor, tools, secret)
    if found is not None:
        if found.robot is not None:
            note_use(tools, found.robot)
        return Shown(found)
    if secret.startswith("plumb_"):
        return Shown(by_token(actor, people, secret))
    return _by_made(actor, tools, people, secret)


def make_registry_token(actor: Actor, tools: ArtifactTools, wanted: Sequence[Scope]) -> Made:
    """For those of the actions that the actor may. Raises PlumblineError ``too-many-scopes``, and ``not-signed-in``."""
    if len(wanted) > MOST_SCOPES:
        raise PlumblineError(
            "too-many-scopes", t("A token is for at most {count} repositories.", count=MOST_SCOPES),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    granted = [(one.name, permitted(actor, tools, one.name, one.actions)) for one in wanted]
    if not wanted:
        permitted(actor, tools, "", ())  # a login: nothing is asked for, and who is nobody is refused
    now, (kind, name) = tools.units.clock(), _whose(actor)
    written = _Written(
        kind=kind, id=name, ends=now + SECONDS * 1_000_000, scopes=tuple(one for one in granted if one[1])
    )
    sealed = tools.vault.seal(msgspec.msgpack.encode(written), _PLACE)
    return Made(urlsafe_b64encode(sealed).rstrip(b"=").decode(), SECONDS, now)


def _by_made(actor: Actor, tools: ArtifactTools, people: PeopleTools, text: str) -> Shown:
    try:
        shown = text[:_LONGEST].encode("ascii")
        sealed = urlsafe_b64decode(shown + b"=" * (-len(shown) % 4))
        written = msgspec.msgpack.decode(tools.vault.open(sealed, _PLACE), type=ready(_Written))
    except (ValueError, msgspec.DecodeError, PlumblineError) as error:
        raise unknown(t("This is no token that was made here.")) from error
    if written.ends <= tools.units.clock():
        raise unknown(t("This token was for a few minutes, and they are over."))
    scopes = tuple(Scope(name, actions) for name, actions in written.scopes)
    return Shown(_whoever(actor, tools, people, written), scopes)


def _whoever(actor: Actor, tools: ArtifactTools, people: PeopleTools, written: _Written) -> Actor:
    if written.kind == "token":
        return by_token_id(actor, people, written.id)
    if written.kind == "robot":
        return by_robot(actor, tools, int(written.id))
    job, _, fence = written.id.partition("/")
    return by_job(actor, tools, int(job), int(fence))


def _whose(actor: Actor) -> tuple[str, str]:
    if actor.robot is not None:
        return "robot", str(actor.robot.id)
    if actor.job is not None:
        return "job", f"{actor.job.job}/{actor.job.fence}"
    if actor.token is None:
        raise unknown(t("A token of the registry is made of an API token."))
    return "token", actor.token.id
