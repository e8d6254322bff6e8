"""What every request meets first and every answer last: an id, the log, the metrics, the headers of safety."""

from __future__ import annotations

import logging
import random
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from plumbline.http.arrivals import Arrivals
from plumbline.http.zero_copy import EXTENSION
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from plumbline.http.metrics import Metrics

_log = logging.getLogger("plumbline.request")
LONGEST_PATH = 2000  # characters; no address of ours is longer
_GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SAFETY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}  # a page or a file that needs another value sets it itself


class Edge:
    """The outermost part of the application. A bug below becomes status 500 and a traceback in the log."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool = False) -> None:
        """``secure``: browsers reach it by HTTPS, and are to remember that."""
        self._app = app
        self._metrics = metrics
        self._arrivals = Arrivals()
        self._safety = _SAFETY | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._safety)
        scope["state"]["arrivals"] = self._arrivals
        try:
            if len(scope["path"]) > LONGEST_PATH:
                await Response(status_code=414)(scope, receive, exchange.send)
                return
            await self._app(scope, receive, exchange.send)
        except PlumblineError as error:  # an answer that had begun, such as bytes that are found corrupt on the way
            _log.error("broken off: %s", error.message, extra={"fields": {"request": exchange.id, **error.fields}})
        except Exception:  # noqa: BLE001 - a bug in one request does not end the server; it is told in full
            _log.exception("fault", extra={"fields": {"request": exchange.id}})
        finally:
            seconds = time.perf_counter() - exchange.begun
            self._metrics.answered(scope["method"], exchange.operation, exchange.status, seconds)
            exchange.log(seconds)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, safety: Mapping[str, str]) -> None:
        self.begun = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if _GOOD_ID.fullmatch(given) else f"{random.getrandbits(64):016x}"
        self.status = 0
        self._size = 0
        self._scope = scope
        self._send = send
        self._safety = safety
        scope.setdefault("state", {})["request_id"] = self.id

    @property
    def operation(self) -> str:
        """The name of the route, so that labels stay few whatever addresses are asked for."""
        name: str = self._scope["state"].get("operation", "")
        return name or "other"

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._safety.items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self.id
        elif message["type"] == "http.response.body":
            self._size += len(message.get("body", b""))
        elif message["type"] == EXTENSION:
            self._size += message["count"]
        await self._send(message)

    def log(self, seconds: float) -> None:
        """One line; neither queries nor headers, where secrets may be."""
        state: dict[str, Any] = self._scope["state"]
        client = self._scope.get("client")
        fields = {
            "request": self.id,
            "method": self._scope["method"],
            "path": self._scope["path"][:LONGEST_PATH],
            "operation": self.operation,
            "status": self.status,
            "bytes": self._size,
            "ms": round(seconds * 1000, 2),
            "address": client[0] if client else "",
        }
        if person := state.get("person"):
            fields["person"] = person
        _log.info("request", extra={"fields": fields})
