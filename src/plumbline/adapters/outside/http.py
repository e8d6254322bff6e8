"""A checkpoint as the body of a POST; and how any address outside is asked: in time, and only that one."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.in_time import NoRedirects, within
from plumbline.adapters.outside.failing import not_delivered
from plumbline.kernel import t, without_password
from plumbline.model.outside import OutsidePlace, PlaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger

TIMEOUT = 20.0  # seconds for all of it
_MOST_ANSWER = 64 << 10  # bytes that are read
MEDIA = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    status: int
    body: bytes


class _Http(urllib.request.HTTPHandler):
    """Keeps what was connected, so that it can be ended."""

    def __init__(self, connected: list[socket.socket]) -> None:
        super().__init__()
        self._connected = connected

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_kept(http.client.HTTPConnection, self._connected), req)


class _Https(urllib.request.HTTPSHandler):
    """As :class:`_Http`."""

    def __init__(self, connected: list[socket.socket]) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(context=self._trusted)
        self._connected = connected

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_kept(http.client.HTTPSConnection, self._connected), req, context=self._trusted)


def _kept(kind: Any, connected: list[socket.socket]) -> Any:
    class Kept(kind):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            connected.append(self.sock)

    return Kept


def post(place: OutsidePlace, url: str, body: bytes, headers: Mapping[str, str], timeout: float = TIMEOUT) -> Answer:
    """The answer, whatever its status. Raises PlumblineError ``checkpoint-not-delivered`` where there is none."""
    connected: list[socket.socket] = []
    opener = urllib.request.build_opener(NoRedirects, _Http(connected), _Https(connected))
    request = urllib.request.Request(url, body, {"Content-Type": MEDIA, **headers}, method="POST")  # noqa: S310
    try:
        with within(timeout, connected):
            try:
                with opener.open(request, timeout=timeout) as answer:
                    return Answer(answer.status, answer.read(_MOST_ANSWER))
            except urllib.error.HTTPError as error:
                with error:
                    return Answer(error.code, error.read(_MOST_ANSWER))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise not_delivered(place, getattr(error, "reason", None) or error) from error


class HttpCourier:
    """``token``: reads what is sent as ``Authorization: Bearer``, empty for nothing; asked each time."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        # A query may be a password.
        self.place = OutsidePlace(kind=PlaceKind.HTTP, name=without_password(url).partition("?")[0])
        self._url = url
        self._token = token

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:  # noqa: ARG002
        token = self._token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = post(self.place, self._url, checkpoint.note, headers)
        if not 200 <= answer.status < 300:
            hint = t("It has to answer a POST with a status of 200 to 299; redirects are not followed.")
            raise not_delivered(self.place, t("it answered with the status {status}", status=answer.status), hint)
        return checkpoint
