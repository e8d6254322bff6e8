"""How git is kept to the addresses that were looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.git.command import git
from plumbline.adapters.reaching import has_proxy, reached, refuse_inner_name, refused
from plumbline.kernel import without_password
from plumbline.model.repository_address import destination_of, is_named_itself

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.repository_address import Destination


class Kept(NamedTuple):
    """``options`` of git; ``address``: where ssh is to connect, empty: wherever its own settings say."""

    options: tuple[str, ...] = ()
    address: str = ""


def kept_to(url: str, hosts: Sequence[str], folder: str) -> Kept:
    """So that git connects to what the host of an address means now and may mean, and follows no redirect. ``hosts``:
    those that are named, see the setting ``repository.hosts``; ``folder``: where git will run.

    Raises PlumblineError ``repository-host-refused``, and OSError where the host has no address.
    """
    to = destination_of(url)
    if to is None:
        if "://" in url and not url.startswith("file://"):  # nothing that could be looked at
            raise refused(without_password(url), without_password(url))
        return Kept()
    named = is_named_itself(to.place, hosts)
    if to.scheme == "ssh":
        return _ssh(to, named=named)
    web = to.scheme != "git"
    options = ("-c", "http.followRedirects=false") if web else ()
    if web and (has_proxy(to.scheme, to.host) or _has_own_proxy(url, folder)):
        if not named:
            refuse_inner_name(to.host)
        return Kept(options)
    addresses = reached(to.host, to.port, inner=named)
    if to.host in addresses:
        return Kept(options)
    if web:
        return Kept((*options, "-c", f"http.curloptResolve={to.host}:{to.port}:{','.join(addresses)}"))
    first = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    authority = url.partition("://")[2].partition("/")[0]
    return Kept(("-c", f"url.git://{first}:{to.port}/.insteadOf={url[:6]}{authority}/"))


def _ssh(to: Destination, *, named: bool) -> Kept:
    """A name that means nothing to the machine may mean something to ssh: what the machine's owner wrote for it."""
    try:
        addresses = reached(to.host, to.port, inner=named)
    except OSError:
        return Kept()
    return Kept((), "" if to.host in addresses else addresses[0])


def _has_own_proxy(url: str, folder: str) -> bool:
    return bool(git(["config", "--get-urlmatch", "http.proxy", url], folder, fine=(0, 1)).strip())
