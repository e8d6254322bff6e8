"""The one place where a refusal or a failed effect becomes an HTTP answer (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from plumbline.api.mistakes import told
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``type`` is stable and for programs; ``title`` and ``detail`` are for people, in the caller's language."""

    type: str
    title: str
    status: int
    detail: str = ""
    hint: str = ""
    instance: str = ""  # the id of the request, as it stands in the log


_BY_KIND = {
    ErrorKind.CONFIGURATION: 422,
    ErrorKind.REFUSED: 409,
    ErrorKind.ENVIRONMENT: 503,
}
_BY_CODE = {
    "invalid-request": 400,
    "value-not-storable": 400,
    "not-signed-in": 401,
    "unknown-credential": 401,
    "sign-in-failed": 401,
    "webhook-forged": 401,
    "webhook-outdated": 401,
    "not-allowed": 403,
    "csrf-token-missing": 403,
    "witness-request-wrong": 400,
    "witness-signature-unknown": 403,
    "witness-log-unknown": 404,
    "witness-not-a-continuation": 422,
    "link-not-valid": 403,
    "link-to-oneself": 403,
    "role-to-oneself": 403,
    "role-too-wide": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "request-too-slow": 408,
    "repository-vanished": 409,
    "no-mirror": 409,
    "body-too-large": 413,
    "event-too-large": 413,
    "webhook-too-large": 413,
    "no-such-project": 404,
    "media-type-not-supported": 415,
    "range-not-satisfiable": 416,
    "too-many-attempts": 429,
    "source-unknown": 401,
    "source-quota-used": 429,
    "source-too-fast": 429,
}
_HINTS = {
    "not-signed-in": t(
        "Sign in with POST {path}, or send an API token as `Authorization: Bearer plumb_...`.",
        path="/api/v1/session",
    ),
}
_TITLES: dict[int, Text] = {
    400: t("The request is not as it has to be"),
    401: t("Nobody is signed in, or the credentials are not valid"),
    403: t("This is not allowed"),
    404: t("There is no such thing"),
    405: t("This method does not exist here"),
    408: t("The request took too long to arrive"),
    409: t("This cannot be done as things are now"),
    413: t("The request is too large"),
    415: t("The request is of a kind that is not understood here"),
    416: t("There is no such part"),
    422: t("The values do not make sense"),
    429: t("Too many attempts"),
    500: t("A fault in the server"),
    503: t("Something the server needs does not work"),
}


def status_of(error: PlumblineError) -> int:
    return _BY_CODE.get(error.code) or _BY_KIND[error.kind]


def problem_of(error: PlumblineError, request_id: str) -> Problem:
    """Rendered in the language that is in use."""
    status, hint = status_of(error), error.hint or _HINTS.get(error.code)
    return Problem(
        type=error.code,
        title=title_of(status),
        status=status,
        detail=str(error.message),
        hint="" if hint is None else str(hint),
        instance=request_id,
    )


def title_of(status: int) -> str:
    return str(_TITLES[status]) if status in _TITLES else HTTPStatus(status).phrase


def fault(request_id: str) -> Problem:
    """For a bug: says nothing but where to look."""
    return Problem(
        type="internal-error",
        title=title_of(500),
        status=500,
        detail=str(t("The log of the server says more under the id {id}.", id=request_id)),
        instance=request_id,
    )


def invalid(reason: object) -> PlumblineError:
    """``reason``: a sentence, or what msgspec says of a value."""
    return _refused(
        "invalid-request",
        t("{reason}", reason=reason if isinstance(reason, Text) else told(reason)),
        t("{path} says what is expected here.", path="/api/openapi.json"),
    )


def not_found(what: Text) -> PlumblineError:
    return _refused("not-found", what)


def no_such_parameter(name: str) -> PlumblineError:
    return not_found(t("What stands for {name} in the address cannot be one.", name=name))


def not_allowed(reason: Text) -> PlumblineError:
    return _refused("not-allowed", reason)


def no_csrf_token() -> PlumblineError:
    return _refused(
        "csrf-token-missing",
        t("The header X-CSRF-Token is missing or belongs to another session."),
        t("GET {path} answers with the token of this session.", path="/api/v1/me"),
    )


def from_elsewhere() -> PlumblineError:
    return _refused("csrf-token-missing", t("This was sent from a page of another site."))


def _refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
