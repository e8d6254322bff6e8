"""From which site a form came: what browsers say of it, held against the addresses of this server."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}
_HERE = ("same-origin", "none")  # "none": a person did it, no page
_OPAQUE = "null"


class _Site(NamedTuple):
    scheme: str
    host: str
    port: int


class Origins:
    """``url``: where browsers reach the server; ``secure``: they do so by HTTPS alone."""

    def __init__(self, url: str, *, secure: bool) -> None:
        self._known = _site(url)
        self._secure = secure

    def ours(self, headers: Mapping[str, str]) -> bool | None:
        """Whether a request came from a page of this server; None where nothing is said about it.

        ``Sec-Fetch-Site``, ``Origin`` and, where that is not there, ``Referer`` all have to agree. Browsers hide the
        origin of some pages (``null``); theirs alone is then the word of ``Sec-Fetch-Site``.
        """
        site, origin, page = (headers.get(name, "") for name in ("sec-fetch-site", "origin", "referer"))
        if site and site not in _HERE:
            return False
        if origin == _OPAQUE:
            return site == "same-origin"
        if origin or page:
            return self._is_ours(_site(origin or page), headers.get("host", ""))
        return True if site else None

    def _is_ours(self, shown: _Site | None, host: str) -> bool:
        if shown is None:
            return False
        if shown == self._known:
            return True
        if self._secure and shown.scheme != "https" and not _is_loopback(shown.host):
            return False
        return shown == _site(f"{shown.scheme}://{host}")  # the server does not know what a proxy speaks


def _site(address: str) -> _Site | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return None
    return _Site(parts.scheme, parts.hostname, port if port is not None else _PORTS[parts.scheme])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
