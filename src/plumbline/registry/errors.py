"""The one place where a refusal or a failed effect becomes an answer of the registry, in the form of its
specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from plumbline.kernel import ErrorKind, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.kernel import PlumblineError

_DENIED = (409, "DENIED")
_BY_CODE = {
    "not-signed-in": (401, "UNAUTHORIZED"),
    "unknown-credential": (401, "UNAUTHORIZED"),
    "password-refused": (401, "UNAUTHORIZED"),
    "not-allowed": (403, "DENIED"),
    "not-found": (404, "NAME_UNKNOWN"),
    "name-invalid": (400, "NAME_INVALID"),
    "tag-invalid": (400, "MANIFEST_INVALID"),
    "tag-immutable": _DENIED,
    "artifact-held": _DENIED,
    "digest-invalid": (400, "DIGEST_INVALID"),
    "digest-malformed": (400, "DIGEST_INVALID"),
    "digest-wrong": (400, "DIGEST_INVALID"),
    "manifest-invalid": (400, "MANIFEST_INVALID"),
    "manifest-too-large": (413, "SIZE_INVALID"),
    "manifest-blob-unknown": (404, "MANIFEST_BLOB_UNKNOWN"),
    "manifest-unknown": (404, "MANIFEST_UNKNOWN"),
    "blob-unknown": (404, "BLOB_UNKNOWN"),
    "blob-missing": (404, "BLOB_UNKNOWN"),
    "blob-corrupt": (404, "BLOB_UNKNOWN"),
    "blob-in-use": _DENIED,
    "upload-unknown": (404, "BLOB_UPLOAD_UNKNOWN"),
    "upload-busy": (409, "BLOB_UPLOAD_INVALID"),
    "offset-wrong": (416, "BLOB_UPLOAD_INVALID"),
    "range-invalid": (400, "BLOB_UPLOAD_INVALID"),
    "size-invalid": (400, "SIZE_INVALID"),
    "range-not-satisfiable": (416, "SIZE_INVALID"),
    "page-invalid": (400, "PAGINATION_NUMBER_INVALID"),
    "too-many-scopes": (400, "UNSUPPORTED"),
    "too-many-uploads": (429, "TOOMANYREQUESTS"),
    "request-too-slow": (408, "TOOMANYREQUESTS"),
    "package-unknown": (404, "NOT_FOUND"),
    "package-name-invalid": (400, "NAME_INVALID"),
    "package-immutable": _DENIED,
    "disk-full": (507, "UNKNOWN"),
}
_BY_KIND = {
    ErrorKind.CONFIGURATION: (422, "UNSUPPORTED"),
    ErrorKind.REFUSED: (409, "UNSUPPORTED"),
    ErrorKind.ENVIRONMENT: (503, "UNKNOWN"),
}


class _Error(msgspec.Struct, frozen=True, omit_defaults=True):
    code: str
    message: str
    detail: str = ""


def status_of(error: PlumblineError) -> int:
    return _of(error)[0]


def answer_of(error: PlumblineError, headers: Mapping[str, str], *, packages: bool = False) -> Response:
    """Rendered in the language that is in use. ``packages``: in the form of GitLab's API."""
    status, code = _of(error)
    if packages:
        told = error.message if error.hint is None else t("{message} {hint}", message=error.message, hint=error.hint)
        body = {"message": str(told), "error": error.code}
        return Response(msgspec.json.encode(body), status, dict(headers), "application/json")
    said = _Error(code, str(error.message), "" if error.hint is None else str(error.hint))
    return Response(msgspec.json.encode({"errors": [said]}), status, dict(headers), "application/json")


def _of(error: PlumblineError) -> tuple[int, str]:
    return _BY_CODE.get(error.code) or _BY_KIND[error.kind]
