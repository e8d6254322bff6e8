"""One question to a forge: to the address that was looked at and no other, in time, with an answer that ends."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.in_time import NoRedirects, within
from plumbline.adapters.reaching import has_proxy, reached, refuse_inner_name
from plumbline.kernel import PlumblineError, t
from plumbline.model.repository_address import destination_of
from plumbline.model.telling import Hindrance, NotToldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.telling import ForgePlace

TIMEOUT = 20.0  # seconds for one question and its answer
LARGEST = 16 << 20  # bytes of an answer


class Asked(NamedTuple):
    """``body``: becomes JSON; None: there is none."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: object = None


class Answered(NamedTuple):
    """``headers``: by name in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise unreadable() from error


def unreadable() -> NotToldError:
    return NotToldError(
        "forge-unreadable",
        t("What the forge answered cannot be read."),
        t("Look whether the address of the repository is that of the forge itself, not of something before it."),
        hindrance=Hindrance.ROW,
    )


def ask(asked: Asked, place: ForgePlace) -> Answered:
    """The answer, whatever its status. Raises NotToldError ``forge-unreachable``, ``forge-refused-host`` or
    ``forge-unreadable``."""
    try:
        return _ask(asked, place)
    except PlumblineError as error:
        if isinstance(error, NotToldError):
            raise
        raise NotToldError("forge-refused-host", error.message, error.hint, hindrance=Hindrance.AGAIN) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotToldError(
            "forge-unreachable",
            t("{address} did not answer.", address=place.address),
            t("It is tried again by itself. Look whether this server reaches the forge."),
            hindrance=Hindrance.AGAIN,
            said=str(getattr(error, "reason", None) or error),
        ) from error


def _ask(asked: Asked, place: ForgePlace) -> Answered:
    opened: list[socket.socket] = []
    opener = _opener(asked.url, opened, inner=place.inner)
    data = None if asked.body is None else json.dumps(asked.body).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "plumbline", **asked.headers}
    request = urllib.request.Request(asked.url, data, headers, method=asked.method)  # noqa: S310 - looked at
    with within(TIMEOUT, opened):
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return _answered(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _answered(error.code, error)


def _answered(status: int, answer: Any) -> Answered:
    body = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise unreadable()
    return Answered(status, {name.lower(): value for name, value in answer.headers.items()}, body)


def _opener(url: str, opened: list[socket.socket], *, inner: bool) -> urllib.request.OpenerDirector:
    """Through the proxy that the environment names, or straight to an address that was looked at."""
    to = destination_of(url)
    if to is None or to.scheme not in ("http", "https"):
        raise ValueError(url)
    if has_proxy(to.scheme, to.host):
        if not inner:
            refuse_inner_name(to.host)
        return urllib.request.build_opener(NoRedirects)
    addresses = reached(to.host, to.port, inner=inner)
    straight = urllib.request.ProxyHandler({})
    return urllib.request.build_opener(straight, NoRedirects, _Http(addresses, opened), _Https(addresses, opened))


class _Http(urllib.request.HTTPHandler):
    def __init__(self, addresses: tuple[str, ...], opened: list[socket.socket]) -> None:
        super().__init__()
        self._to = (addresses, opened)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        addresses, opened = self._to

        class Straight(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = _connected(addresses, self.port, self.timeout)
                opened.append(self.sock)

        return self.do_open(Straight, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, addresses: tuple[str, ...], opened: list[socket.socket]) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(context=self._trusted)
        self._to = (addresses, opened)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        addresses, opened = self._to
        trusted = self._trusted

        class Straight(http.client.HTTPSConnection):
            def connect(self) -> None:
                plain = _connected(addresses, self.port, self.timeout)
                opened.append(plain)
                self.sock = trusted.wrap_socket(plain, server_hostname=self.host)
                opened[-1] = self.sock

        return self.do_open(Straight, req, context=trusted)


def _connected(addresses: tuple[str, ...], port: int, timeout: float | None) -> socket.socket:
    """To the first that lets us in."""
    fault: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            fault = error
    raise fault or OSError("no address")
