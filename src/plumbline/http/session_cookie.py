"""The cookie of a session: how it is called and what browsers are told about it."""

from __future__ import annotations

_NAME = "plumbline_session"


def cookie_name(*, secure: bool) -> str:
    """``__Host-``: a browser takes it by HTTPS alone and from this very host, so that no neighbour can set it."""
    return f"__Host-{_NAME}" if secure else _NAME


def session_cookie(secret: str, seconds: int, *, secure: bool) -> str:
    """The value of Set-Cookie."""
    found = f"{cookie_name(secure=secure)}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    return f"{found}; Secure" if secure else found
