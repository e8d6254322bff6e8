"""The cookies of the door, of a session and of a browser that is known: how they are called and what browsers are told
about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import browser_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "plumbline_session"
_BROWSER = "plumbline_browser"


def cookie_name(*, secure: bool) -> str:
    """``__Host-``: a browser takes it by HTTPS alone and from this very host, so that no neighbour can set it."""
    return f"__Host-{_NAME}" if secure else _NAME


def session_cookie(secret: str, seconds: int, *, secure: bool) -> str:
    """The value of Set-Cookie."""
    found = f"{cookie_name(secure=secure)}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    return f"{found}; Secure" if secure else found


def browser_cookie(marks: str, *, secure: bool) -> str:
    """The value of Set-Cookie by which the browser is known at the next sign-in. It outlives the session, and a page of
    another site never sends it."""
    found = f"{_browser(secure=secure)}={marks}; Path=/; Max-Age={browser_mark.MARK_SECONDS}; HttpOnly; SameSite=Strict"
    return f"{found}; Secure" if secure else found


def shown_by_browser(cookies: Mapping[str, str], *, secure: bool) -> str:
    """What it kept; empty where that is nothing of ours."""
    marks = cookies.get(_browser(secure=secure), "")
    return marks if len(marks) <= browser_mark.LONGEST_MARKS else ""


def _browser(*, secure: bool) -> str:
    return f"__Host-{_BROWSER}" if secure else _BROWSER
