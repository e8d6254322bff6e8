"""Asking a server over its API, with a token from the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.kernel import Text

_TIMEOUT = 120.0  # seconds for one answer
_MOST_SAID = 16 << 20  # bytes of an answer


def api_token() -> str:
    """PlumblineError ``no-token``."""
    token = os.environ.get("PLUMBLINE_TOKEN", "")
    if not token:
        raise PlumblineError(
            "no-token",
            t("There is no API token."),
            t("Make one on the page of your account, and set PLUMBLINE_TOKEN to it."),
            kind=ErrorKind.CONFIGURATION,
        )
    return token


def ask(
    server: str,
    path: str,
    *,
    query: Mapping[str, object] | None = None,
    body: bytes | None = None,
    json: bool = False,
) -> Any:
    """What the server answers; ``json``: the body is. Raises PlumblineError ``no-token``, ``server-refused``."""
    import urllib.error
    import urllib.parse
    import urllib.request

    import msgspec

    if not server.startswith(("http://", "https://")):
        raise _refused(t("{url} is not the address of a server.", url=server))
    asked = f"?{urllib.parse.urlencode(query)}" if query else ""
    headers = {"Authorization": f"Bearer {api_token()}", "Accept-Language": language().replace("_", "-")}
    if body is not None:
        headers["Content-Type"] = "application/json" if json else "application/octet-stream"
    try:
        request = urllib.request.Request(f"{server.rstrip('/')}/api/v1{path}{asked}", body, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return msgspec.json.decode(answer.read(_MOST_SAID))
    except urllib.error.HTTPError as error:
        raise _refused(t("The server refused it with status {status}: {said}", status=error.code,
                         said=_words(error.read(4000)))) from error  # fmt: skip
    except (OSError, msgspec.MsgspecError) as error:
        why = getattr(error, "reason", error)  # what urllib wraps
        said = getattr(why, "strerror", None) or why
        raise _refused(t("The server at {url} does not answer: {reason}", url=server, reason=said)) from error


def quoted(part: str) -> str:
    """One part of a path."""
    import urllib.parse

    return urllib.parse.quote(part, safe="")


def _words(said: bytes) -> str:
    import msgspec

    try:
        problem = msgspec.json.decode(said, type=dict)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return said.decode("utf-8", "replace")
    return " ".join(str(problem[name]) for name in ("detail", "hint") if problem.get(name)) or str(problem.get("title"))


def _refused(message: Text) -> PlumblineError:
    return PlumblineError("server-refused", message)
