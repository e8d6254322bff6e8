"""Who calls: an API token in the header, or a session in a cookie that a browser sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Actor, csrf_matches, read_source_token, use_cases
from plumbline.api.problem import from_elsewhere, no_csrf_token
from plumbline.flow.people.identify import by_session, by_token
from plumbline.http.origins import Origins
from plumbline.http.session_cookie import cookie_name, shown_by_browser
from plumbline.kernel import ErrorKind, PlumblineError

if TYPE_CHECKING:
    from starlette.requests import Request

    from plumbline.api.call import Call
    from plumbline.flow.service import Service

CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST = 300  # characters of a credential


def authenticate(call: Call, request: Request) -> Actor:
    """Somebody signed out where nobody says who they are, or with a session that is over. Raises PlumblineError
    ``unknown-credential`` for a token that is not valid."""
    shown = shown_by_browser(request.cookies, secure=call.tools.secure_cookies)
    actor = Actor(address=call.address, agent=call.headers.get("user-agent", ""), browser=shown)
    header = request.headers.get("authorization", "")
    if _is_bearer(header):
        if read_source_token(header.partition(" ")[2]) is not None:
            return actor  # no person; the door for sources looks at it itself
        return _of_bearer(actor, call.tools, header)
    secret = request.cookies.get(cookie_name(secure=call.tools.secure_cookies), "")
    return by_session(actor, call.tools.people, secret) if 0 < len(secret) <= _LONGEST else actor


def check_csrf(call: Call, method: str) -> None:
    """A session must show the token that only its own pages know. A program with an API token sends no cookies."""
    if call.actor.session is None or method in _SAFE:
        return
    if not csrf_matches(call.actor.secret, call.headers.get(CSRF_HEADER, "")):
        raise no_csrf_token()


def check_origin(call: Call, method: str) -> None:
    """What a page of another site sends is refused, be it to sign its visitor in. Who says nothing is a program: a
    browser tells of JSON before it sends any, and is not answered."""
    if method in _SAFE or _is_bearer(call.headers.get("authorization", "")):
        return
    if Origins(call.tools.people.url, secure=call.tools.secure_cookies).ours(call.headers) is False:
        raise from_elsewhere()


def may_scrape(tools: Service, header: str) -> bool:
    """Whether the figures may be read: with a token that may see the state of the installation. PlumblineError where
    nobody can tell, since the store fails."""
    try:
        actor = _of_bearer(Actor(), tools, header) if _is_bearer(header) else Actor()
        return tools.units.may(actor, use_cases.READ_METRICS)
    except PlumblineError as error:
        if error.kind is ErrorKind.ENVIRONMENT:
            raise
        return False


def _is_bearer(header: str) -> bool:
    return header.partition(" ")[0].lower() == "bearer"


def _of_bearer(actor: Actor, tools: Service, header: str) -> Actor:
    return by_token(actor, tools.people, header.partition(" ")[2].strip()[:_LONGEST])
