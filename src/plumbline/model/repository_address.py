"""Which hosts an address of a repository leads to, and which of them only who runs the server may name.

A host on a private address is what a bank's forge has, and is like any other. This machine itself, what is beside it on
the same wire, and what tells machines of a cloud their secrets are not: nobody else reaches those, so whoever names one
would have the server ask in their place.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.repository_credential import RemoteScheme, remote_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS = {RemoteScheme.HTTPS: 443, RemoteScheme.HTTP: 80, RemoteScheme.SSH: 22}
_GIT_PORT = 9418
_GIT = re.compile(r"git://", re.IGNORECASE)
_CLOUD = frozenset(  # what tells a machine who it is, outside the link-local range
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_NOBODY = IPv4Network("0.0.0.0/8")
_TRANSLATED = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("::ffff:0:0:0/96"),
)  # RFC 6052, RFC 2765: the old one at the end


class Destination(NamedTuple):
    """``place``: host and port in the one way in which hosts are compared, without the usual port; of ``git://``, which
    nobody expects by the name alone, always with it."""

    scheme: str
    host: str  # without brackets
    port: int
    place: str


def destination_of(url: str) -> Destination | None:
    """Where an address leads; None for a path on this machine, and for what is no address at all."""
    git = _GIT.match(url)
    remote = remote_of(f"ssh://{url[git.end() :]}" if git else url)  # of the same form
    if remote is None:
        return None
    name = _without_port(remote.host)
    if git:
        given = re.match(r"[^/?#]*:(\d+)(?:[/?#]|$)", url[git.end() :])
        port = int(given[1]) if given else _GIT_PORT
        return Destination("git", name.strip("[]"), port, f"{name}:{port}")
    port = int(remote.host[len(name) + 1 :] or _PORTS[remote.scheme])
    return Destination(remote.scheme.value, name.strip("[]"), port, remote.host)


def is_named(place: str, hosts: Iterable[str]) -> bool:
    """Whether a list of hosts has this one; ``*`` and ``?`` are wildcards."""
    return any(_pattern(host).fullmatch(place) for host in hosts)


def is_named_itself(place: str, hosts: Iterable[str]) -> bool:
    """Whether it is named without a wildcard but for the port."""
    return is_named(place, [host for host in hosts if not re.search(r"[*?]", _without_port(host))])


def is_inner(address: str) -> bool:
    """Whether an IP address is of this machine, of its own wire, of a cloud's metadata, or of nobody."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inside = _embedded(found)
        if inside is not None:
            return is_inner(str(inside))
    return (
        found in _CLOUD
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_unspecified
        or (isinstance(found, IPv4Address) and (found.is_reserved or found in _NOBODY))
    )


def is_inner_name(host: str) -> bool:
    """Whether a name or literal address says by itself that it is such a one."""
    try:
        return is_inner(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The old address that a new one stands for."""
    if any(address in one for one in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d
        return IPv4Address(int(address))
    return address.ipv4_mapped or address.sixtofour


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and not port.endswith("]") and (":" not in name or name.endswith("]")) else host


def _pattern(host: str) -> re.Pattern[str]:
    words = ({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in host.lower())
    return re.compile("".join(words), re.DOTALL)
