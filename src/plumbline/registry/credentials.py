"""Who asks: a bearer token, or a name and a token as its password. No cookie opens this door."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from plumbline.access import Actor
from plumbline.flow.artifacts.registry_tokens import Shown, by_secret
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from starlette.requests import Request

    from plumbline.flow.service import Service

TOKEN_PATH = "/registry/token"  # noqa: S105
_HEADERS = ("private-token", "job-token", "deploy-token")
_LONGEST = 8200  # characters


def shown_by(request: Request, service: Service) -> Shown:
    """Signed out where nobody says who they are. Raises PlumblineError ``unknown-credential``, ``password-refused``."""
    nobody = Actor(
        address=request.client.host if request.client else "", agent=request.headers.get("user-agent", "")[:200]
    )
    secret = _secret(request)
    return by_secret(nobody, service.artifacts, service.people, secret) if secret else Shown(nobody)


def shows_something(request: Request) -> bool:
    return any(name in request.headers for name in ("authorization", *_HEADERS))


def base_of(request: Request, service: Service) -> str:
    """How this client reaches the server: as it was told, or as it just did."""
    return service.artifacts.url or str(request.base_url).rstrip("/")


def challenge(request: Request, service: Service, scope: str, reason: str = "") -> str:
    """What a client is told that has no token, or none for this."""
    base = base_of(request, service)
    host = base.partition("://")[2]
    said = f'Bearer realm="{base}{TOKEN_PATH}",service="{host}"'
    said += f',scope="{scope}"' if scope else ""
    return said + (f',error="{reason}"' if reason else "")


def _secret(request: Request) -> str:
    for name in _HEADERS:
        if found := request.headers.get(name, "").strip():
            return found[:_LONGEST]
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()[:_LONGEST]
    return _password(value.strip()) if kind.lower() == "basic" else ""


def _password(encoded: str) -> str:
    """The name says nothing: a token names whose it is."""
    try:
        _, _, secret = b64decode(encoded[:_LONGEST], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise PlumblineError(
            "unknown-credential", t("This is not a name and a password."), kind=ErrorKind.REFUSED
        ) from error
    if secret and not secret.startswith(("plumb_", "plumbr_", "plumbj_")):
        raise PlumblineError(
            "password-refused",
            t("Passwords are not taken here."),
            t("Take an API token or the token of a robot as the password; {path} makes one.", path="/account"),
            kind=ErrorKind.REFUSED,
        )
    return secret
