"""Who shows this token or this session?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.access import Standing, digest, read_token, same
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.person import ApiToken, Session
    from plumbline.model.ports.people import Registries

MINUTE = 60_000_000
IDLE = 60 * MINUTE  # a session that is not used for so long is over
LONGEST = 12 * 60 * MINUTE


def by_token(registries: Registries, shown: str, now: int) -> tuple[Standing, ApiToken]:
    """Raises PlumblineError ``unknown-credential``."""
    bearer = read_token(shown)
    if bearer is None:
        raise _unknown(t("This is not an API token."))
    with registries.view() as registry:
        held = registry.tokens.held(bearer.id)
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
        with suppress(PlumblineError), registries.change() as registry:  # reading goes on where the disk is full
            registry.tokens.used(token.id, now - now % MINUTE)
    return Standing(held.person, held.grants, frozenset(token.scopes)), token


def by_session(registries: Registries, secret: str, now: int) -> tuple[Standing, Session] | None:
    """None where there is no such session, or it is over."""
    with registries.view() as registry:
        held = registry.sessions.held(digest(secret))
    if held is None or not held.person.active:
        return None
    session = held.credential
    if now - session.created >= LONGEST or now - session.seen >= IDLE:
        return None
    if now - session.seen >= MINUTE:
        with suppress(PlumblineError), registries.change() as registry:  # as above
            registry.sessions.seen(session.digest, now - now % MINUTE)
    return Standing(held.person, held.grants), session


def _unknown(message: Text) -> PlumblineError:
    return PlumblineError(
        "unknown-credential", message, t("Make a new one and send it instead."), kind=ErrorKind.REFUSED
    )
