"""Who shows this token or this session?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.access import Actor, digest, read_token, same
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.person import ApiToken, Session
    from plumbline.model.ports.transaction import Store

MINUTE = 60_000_000
IDLE = 60 * MINUTE  # a session that is not used for so long is over
LONGEST = 12 * 60 * MINUTE


def by_token(registries: Store, shown: str, now: int) -> tuple[Actor, ApiToken]:
    """Raises PlumblineError ``unknown-credential``."""
    bearer = read_token(shown)
    if bearer is None:
        raise _unknown(t("This is not an API token."))
    with registries.view() as tx:
        held = tx.tokens.held(bearer.id)
    if held is None or not same(held.credential.digest, digest(bearer.secret)):
        raise _unknown(t("This API token is not known."))
    token = held.credential
    if token.revoked:
        raise _unknown(t("This API token was revoked."))
    if token.expires <= now:
        raise _unknown(t("This API token has expired."))
    if not held.person.active:
        raise _unknown(t("The owner of this API token is switched off."))
    if now - token.used >= MINUTE:
        with suppress(PlumblineError), registries.change() as tx:  # reading goes on where the disk is full
            tx.tokens.used(token.id, now - now % MINUTE)
    return Actor(held.person, held.grants, frozenset(token.scopes)), token


def by_session(registries: Store, secret: str, now: int) -> tuple[Actor, Session] | None:
    """None where there is no such session, or it is over."""
    with registries.view() as tx:
        held = tx.sessions.held(digest(secret))
    if held is None or not held.person.active:
        return None
    session = held.credential
    if now - session.created >= LONGEST or now - session.seen >= IDLE:
        return None
    if now - session.seen >= MINUTE:
        with suppress(PlumblineError), registries.change() as tx:  # as above
            tx.sessions.seen(session.digest, now - now % MINUTE)
    return Actor(held.person, held.grants), session


def _unknown(message: Text) -> PlumblineError:
    return PlumblineError(
        "unknown-credential", message, t("Make a new one and send it instead."), kind=ErrorKind.REFUSED
    )
