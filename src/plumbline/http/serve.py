"""Listens: the HTTP server inside this process, and its orderly end."""

from __future__ import annotations

import logging
import resource
import signal
import socket
from contextlib import contextmanager
from functools import lru_cache, partial
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import uvicorn

from plumbline.http.doorway import Doorway
from plumbline.http.places import MOST_CONNECTIONS, RESERVED, Places
from plumbline.http.protocol import BoundedProtocol
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from starlette.types import ASGIApp

    from plumbline.http.certificate import Certificate

_FILES = 256  # that the server has open beside its connections
_MOST_FILES = 4096  # more would only make programs slow that close all they might have
_log = logging.getLogger(__name__)


def listen(address: str) -> Doorway:
    """Bind ``HOST:PORT`` (port 0: a free one). Raises PlumblineError ``address-wrong`` or ``address-not-free``."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise PlumblineError(
            "address-wrong",
            t("{address} is not an address to listen on.", address=address),
            t("Write HOST:PORT, such as 127.0.0.1:8470 or [::]:8470."),
            kind=ErrorKind.CONFIGURATION,
        )
    host = host.removeprefix("[").removesuffix("]")
    try:
        family = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listening = socket.create_server((host, int(port)), family=family, backlog=256)
    except OSError as error:
        raise PlumblineError(
            "address-not-free",
            t("Cannot listen on {address}: {reason}", address=address, reason=error.strerror or error),
            t("End the program that listens there, or choose another address with --listen."),
        ) from error
    # Inherited by every connection. Without it the second part of an answer waits some 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Doorway(listening)


def url_of(listening: socket.socket, *, secure: bool = False) -> str:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def _protocol(listening: socket.socket, proxies: Sequence[str], *, secure: bool) -> type[BoundedProtocol]:
    """How each connection is spoken with; all have their places together."""
    networks = [ip_network(proxy, strict=False) for proxy in proxies]

    @lru_cache(maxsize=1024)
    def trusted(address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in networks)
        except ValueError:
            return False

    doorway = listening if secure and isinstance(listening, Doorway) else None
    if doorway is not None:
        doorway.counts = True

    class Speaking(BoundedProtocol):
        places = Places(_most_connections(), trusted=trusted)

        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
            if doorway is not None:
                doorway.entered((transport.get_extra_info("peername") or ("", 0))[:2])
            super().connection_made(transport)

    return Speaking


def _most_connections() -> int:
    """As many as may be, and the files that this process may have open allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(64, min(MOST_CONNECTIONS, soft - _FILES - RESERVED))


def serve(
    app: ASGIApp,
    listening: socket.socket,
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], None],
    proxies: Sequence[str] = (),
    certificate: Certificate | None = None,
    grace: float = 10.0,
) -> None:
    """Answer requests until SIGTERM or SIGINT; a second signal cuts open requests off. SIGHUP reads the certificate
    anew; where there is none, the terminal is gone, and it ends.

    ``on_ready`` is called when the first request would be answered, ``on_stop`` as soon as the end has begun: from then
    on nothing new is accepted, and requests that are being answered have ``grace`` seconds. ``proxies``: addresses and
    networks whose word for who asks (X-Forwarded-For) is taken.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        loop="asyncio",
        http=_protocol(listening, proxies, secure=certificate is not None),
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        ssl_context_factory=(lambda _config, _usual: certificate.context) if certificate else None,
        timeout_graceful_shutdown=int(grace),
    )
    _Server(config, on_ready, on_stop, certificate).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it is ready and when it ends, and ends with status 0 when it is told to."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        certificate: Certificate | None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._certificate = certificate

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        on_hangup = partial(self._renew, self._certificate) if self._certificate else self._end
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, on_hangup)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @staticmethod
    def _renew(certificate: Certificate, _number: int, _frame: FrameType | None) -> None:
        try:
            certificate.renew()
        except PlumblineError as error:
            _log.error("%s", error.message, extra={"fields": error.fields})
        else:
            _log.info("the certificate was read anew")

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        _log.info("stopping", extra={"fields": {"signal": signal.Signals(number).name}})
        self._on_stop()
