"""Who shows this token or this session?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.access import Standing, digest, read_token, same
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model import ApiToken, Registries, Registry, Session

MINUTE = 60_000_000
IDLE = 60 * MINUTE  # a session that is not used for so long is over
LONGEST = 12 * 60 * MINUTE


def by_token(registries: Registries, shown: str, now: int) -> tuple[Standing, ApiToken]:
    """Raises PlumblineError ``unknown-credential``."""
    bearer = read_token(shown)
    if bearer is None:
        raise _unknown(t("This is not an API token."))
    with registries.view() as registry:
        token = registry.tokens.get(bearer.id)
        if token is None or not same(token.digest, digest(bearer.secret)):
            raise _unknown(t("This API token is not known."))
        if token.revoked:
            raise _unknown(t("This API token was revoked."))
        if token.expires <= now:
            raise _unknown(t("This API token has expired."))
        standing = _standing(registry, token.person, frozenset(token.scopes))
    if standing is None:
        raise _unknown(t("The owner of this API token is switched off."))
    if now - token.used >= MINUTE:
        with suppress(PlumblineError), registries.change() as registry:  # reading goes on where the disk is full
            registry.tokens.used(token.id, now - now % MINUTE)
    return standing, token


def by_session(registries: Registries, secret: str, now: int) -> tuple[Standing, Session] | None:
    """None where there is no such session, or it is over."""
    with registries.view() as registry:
        session = registry.sessions.get(digest(secret))
        if session is None or now - session.created >= LONGEST or now - session.seen >= IDLE:
            return None
        standing = _standing(registry, session.person, None)
    if standing is None:
        return None
    if now - session.seen >= MINUTE:
        with suppress(PlumblineError), registries.change() as registry:  # as above
            registry.sessions.seen(session.digest, now - now % MINUTE)
    return standing, session


def _standing(registry: Registry, person: int, scopes: frozenset[str] | None) -> Standing | None:
    found = registry.people.get(person)
    if found is None or not found.active:
        return None
    return Standing(found, tuple(registry.grants.of(person)), scopes)


def _unknown(message: Text) -> PlumblineError:
    return PlumblineError(
        "unknown-credential", message, t("Make a new one and send it instead."), kind=ErrorKind.REFUSED
    )
