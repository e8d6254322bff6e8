"""Who calls: an API token in the header, or a session in a cookie that a browser sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.access import Actor, Permission, csrf_matches, may
from plumbline.api.call import Caller
from plumbline.api.problem import no_csrf_token
from plumbline.flow.people.identify import by_session, by_token
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from starlette.requests import Request

    from plumbline.api.call import Call
    from plumbline.flow.service import ServerTools

COOKIE = "plumbline_session"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST = 300  # characters of a credential


def authenticate(call: Call, request: Request) -> Caller | None:
    """None where nobody says who they are, or with a session that is over. Raises PlumblineError
    ``unknown-credential`` for a token that is not valid."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        standing, token = by_token(call.service.store, shown.strip()[:_LONGEST], call.now)
        return Caller(standing, token=token)
    secret = request.cookies.get(COOKIE, "")
    if not 0 < len(secret) <= _LONGEST:
        return None
    found = by_session(call.service.store, secret, call.now)
    return Caller(found[0], session=found[1], secret=secret) if found else None


def actor_of_request(call: Call) -> Actor:
    """Who acts, as use cases see it."""
    address, agent = call.address, call.headers.get("user-agent", "")
    if call.caller is None:
        return Actor(address=address, agent=agent)
    found = call.caller
    return replace(
        found.standing, session=found.session, token=found.token, secret=found.secret, address=address, agent=agent
    )


def check_csrf(call: Call, method: str) -> None:
    """A session must show the token that only its own pages know. A program with an API token sends no cookies."""
    caller = call.caller
    if caller is None or caller.session is None or method in _SAFE:
        return
    if not csrf_matches(caller.secret, call.headers.get(CSRF_HEADER, "")):
        raise no_csrf_token()


def may_scrape(service: ServerTools, header: str, now: int) -> bool:
    """Whether the figures may be read from another machine: with a token that may see the state of the installation."""
    scheme, _, shown = header.partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        standing, _ = by_token(service.store, shown.strip()[:_LONGEST], now)
    except PlumblineError:
        return False
    return bool(may(standing, Permission.INSTANCE_VIEW, ()))
