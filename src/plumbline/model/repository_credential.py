"""What private repositories ask for: which credential is for which host, and which host an address names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import msgspec

_HOST = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_PORT = r"(?::(?P<port>[0-9]{1,5}))?"
_PLACE = re.compile(_HOST + _PORT, re.ASCII)
_URL = re.compile(
    rf"(?P<scheme>https?|ssh)://(?:(?P<user>[^/?#@\\\s]*)@)?{_HOST}{_PORT}(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_SCP = re.compile(rf"(?:(?P<user>[^/?#@:\\\s]*)@)?{_HOST}:(?!//).*", re.ASCII | re.DOTALL)


class RemoteScheme(StrEnum):
    """How a remote is reached. With ``http`` everybody on the way reads what is sent."""

    HTTPS = "https"
    HTTP = "http"
    SSH = "ssh"


_PORTS = {RemoteScheme.HTTPS: 443, RemoteScheme.HTTP: 80, RemoteScheme.SSH: 22}


class Remote(NamedTuple):
    """Where an address leads. ``host`` is as :func:`host_name` writes it."""

    scheme: RemoteScheme
    host: str
    username: str = ""
    password: bool = False  # the address itself has one

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}"


def host_name(scheme: RemoteScheme, text: str) -> str:
    """A host with its port in the one way in which hosts are compared: in lower case, without the usual port; empty
    where it is none."""
    found = _PLACE.fullmatch(text.strip())
    return _named(scheme, found) if found else ""


def remote_of(url: str) -> Remote | None:
    """Where the address of a repository leads; None for a path on this machine, and for what no credential is for."""
    if found := _URL.fullmatch(url):
        scheme = RemoteScheme(found["scheme"].lower())
    elif "://" not in url and (found := _SCP.fullmatch(url)):
        scheme = RemoteScheme.SSH
    else:
        return None
    username, colon, _ = (found["user"] or "").partition(":")
    return Remote(scheme, _named(scheme, found), username, bool(colon))


def _named(scheme: RemoteScheme, found: re.Match[str]) -> str:
    port = found.groupdict().get("port")
    host = found["host"].lower()
    return host if not port or int(port) == _PORTS[scheme] else f"{host}:{int(port)}"


class RepositoryCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What git proves itself with at one host, for the projects at a node and below. ``(node, scheme, host)`` is
    unique."""

    node: int  # INSTANCE: for the whole installation
    scheme: RemoteScheme
    host: str  # "git.bank.example", or with a port where it is not the usual one
    sealed: bytes  # password or token; of SSH the private key
    username: str = ""  # empty: as the address of the repository says
    known_hosts: str = ""  # of SSH: lines with the host's keys; empty: those that the server's machine knows
    changed: int = 0
    changed_by: int = 0


@dataclass(frozen=True, slots=True)
class RepositoryLogin:
    """A credential, opened for one use."""

    scheme: RemoteScheme
    host: str
    username: str
    secret: str = field(repr=False)
    known_hosts: str = ""
    place: str = "/"  # path of the node where it is set
