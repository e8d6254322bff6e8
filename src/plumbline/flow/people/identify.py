"""Who shows this token or this session? An actor comes in signed out, with where they come from."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.access import digest, read_token, same
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.kernel import Text
    from plumbline.model.person import ApiToken, Held

MINUTE = 60_000_000
IDLE = 60 * MINUTE  # a session that is not used for so long is over
LONGEST = 12 * 60 * MINUTE
AHEAD = 5 * MINUTE  # a session that begins later than that began by a clock that was wrong, and would last too long


def by_token(actor: Actor, tools: PeopleTools, shown: str) -> Actor:
    """Raises PlumblineError ``unknown-credential``."""
    bearer = read_token(shown)
    if bearer is None:
        raise _unknown(t("This is not an API token."))
    with tools.units.store.view() as tx:
        held = tx.tokens.held(bearer.id)
    if held is None or not same(held.credential.digest, digest(bearer.secret)):
        raise _unknown(t("This API token is not known."))
    return _as_owner(actor, tools, held)


def by_token_id(actor: Actor, tools: PeopleTools, token: str) -> Actor:
    """The same by what stands for the token, and was made of it here. Raises PlumblineError ``unknown-credential``."""
    with tools.units.store.view() as tx:
        held = tx.tokens.held(token)
    if held is None:
        raise _unknown(t("This API token is not known."))
    return _as_owner(actor, tools, held)


def _as_owner(actor: Actor, tools: PeopleTools, held: Held[ApiToken]) -> Actor:
    store, now, token = tools.units.store, tools.units.clock(), held.credential
    if token.revoked:
        raise _unknown(t("This API token was revoked."))
    if token.expires <= now:
        raise _unknown(t("This API token has expired."))
    if not held.person.active:
        raise _unknown(t("The owner of this API token is deactivated."))
    if abs(now - token.used) >= MINUTE:
        with suppress(PlumblineError), store.change() as tx:  # reading goes on where the disk is full
            tx.tokens.used(token.id, now - now % MINUTE)
    return replace(actor, person=held.person, grants=held.grants, scopes=frozenset(token.scopes), token=token)


def by_session(actor: Actor, tools: PeopleTools, secret: str) -> Actor:
    """Still signed out where there is no such session, or it is over."""
    store, now = tools.units.store, tools.units.clock()
    with store.view() as tx:
        held = tx.sessions.held(digest(secret))
    if held is None or not held.person.active:
        return actor
    session = held.credential
    if not -AHEAD <= now - session.created < LONGEST or now - session.seen >= IDLE:
        return actor
    if abs(now - session.seen) >= MINUTE:
        with suppress(PlumblineError), store.change() as tx:  # as above
            tx.sessions.seen(session.digest, now - now % MINUTE)
    return replace(actor, person=held.person, grants=held.grants, session=session, secret=secret)


def _unknown(message: Text) -> PlumblineError:
    return PlumblineError(
        "unknown-credential", message, t("Make a new one and send it instead."), kind=ErrorKind.REFUSED
    )
