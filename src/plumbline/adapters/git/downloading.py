"""Downloads of what a repository names: each hop connects to an address that was looked at."""

from __future__ import annotations

import http.client
import socket
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit

from plumbline.adapters.reaching import has_proxy, reached, refuse_inner_name
from plumbline.model.repository_address import is_named_itself

if TYPE_CHECKING:
    from collections.abc import Sequence


def opener(hosts: Sequence[str]) -> urllib.request.OpenerDirector:
    """``hosts``: those of this machine and its like that may be asked. Where one is not, PlumblineError
    ``repository-host-refused``."""
    return urllib.request.build_opener(_Http(hosts), _Https(hosts), _Redirects)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Each goes through the same look; none leaves the web, or what is encrypted."""

    max_redirections = 5

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not newurl.startswith("https://" if req.type == "https" else ("https://", "http://")):
            raise URLError(f"redirected to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, hosts: Sequence[str]) -> None:
        super().__init__()
        self._hosts = hosts

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_connection, http.client.HTTPConnection, self._hosts, req), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, hosts: Sequence[str]) -> None:
        super().__init__()
        self._hosts = hosts

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_connection, http.client.HTTPSConnection, self._hosts, req), req)


def _connection(kind: Any, hosts: Sequence[str], asked: urllib.request.Request, place: str, **more: Any) -> Any:
    made = kind(place, **more)
    parts = urlsplit(asked.full_url)
    host = (parts.hostname or "").lower()
    named = is_named_itself(f"{host}:{parts.port}" if parts.port else host, hosts)
    if asked.has_proxy() or has_proxy(parts.scheme, host):
        if not named:
            refuse_inner_name(host)
        return made
    made._create_connection = partial(_connect, named)
    return made


def _connect(named: bool, address: tuple[str, int], timeout: Any = None, source: Any = None) -> socket.socket:
    failed: OSError = OSError("no address")
    for found in reached(*address, inner=named):
        try:
            return socket.create_connection((found, address[1]), timeout, source)
        except OSError as error:
            failed = error
    raise failed
