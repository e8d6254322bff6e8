"""Where a name leads that somebody else wrote down: resolved before anything is connected, so that the connection goes
to an address that was looked at, whatever the name means a moment later."""

from __future__ import annotations

import socket
import urllib.request

from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.repository_address import is_inner, is_inner_name


def reached(host: str, port: int, *, inner: bool) -> tuple[str, ...]:
    """The addresses of a host that may be connected to, the first one first. ``inner``: this machine and its like are
    among them.

    Raises PlumblineError ``repository-host-refused`` where no other address is left, and OSError where there is none.
    """
    found = dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    fit = tuple(address for address in found if inner or not is_inner(address))
    if not fit:
        raise refused(host, next(iter(found)))
    return fit


def refused(host: str, address: str) -> PlumblineError:
    where: Text | str = host if host == address else t("{host} ({address})", host=host, address=address)
    return PlumblineError(
        "repository-host-refused",
        t("{host} is this machine, or one beside it that others do not reach.", host=where),
        t("Whoever runs the server and means it names the host, without a wildcard, in the setting '{setting}'; on a "
          "laptop in `hosts` of your own configuration file.", setting="repository.hosts"),
        kind=ErrorKind.CONFIGURATION,
    )  # fmt: skip


def refuse_inner_name(host: str) -> None:
    """For what a proxy resolves in our place. Raises PlumblineError ``repository-host-refused``."""
    if is_inner_name(host):
        raise refused(host, host)


def has_proxy(scheme: str, host: str) -> bool:
    """Whether the environment has a proxy that is asked for this host."""
    found = urllib.request.getproxies_environment()
    if not (found.get(scheme) or found.get("all")):
        return False
    return not urllib.request.proxy_bypass(host)
