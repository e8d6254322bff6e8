"""How long to wait after failed sign-ins.

A failure counts against the account from that network, so that whoever fails on purpose slows down their own network
and nobody else's; against the address, which may try many names; and against the account from everywhere, which never
keeps anybody waiting by itself. A browser in which the account signed in before counts for itself alone.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.person import Failures

if TYPE_CHECKING:
    from ipaddress import IPv4Address

SECOND = 1_000_000  # microseconds
_HOUR = 60 * 60 * SECOND


class Throttle(msgspec.Struct, frozen=True, kw_only=True):
    """So many failures are free; each one more doubles the wait from one second on; at ``lock`` it is the longest."""

    free: int
    lock: int
    longest: int = 15 * 60 * SECOND
    forgotten: int = 24 * _HOUR  # failures older than this no longer count


FOR_ACCOUNT = Throttle(free=3, lock=10)  # of an account, from one network
FOR_ADDRESS = Throttle(free=20, lock=100)  # of any accounts, from one address
FOR_BROWSER = Throttle(free=10, lock=10)  # in a browser that is known; after these it is a stranger's again
ATTACKED = 100  # failures of an account from everywhere, after which
WHEN_ATTACKED = Throttle(free=1, lock=1, longest=_HOUR)  # holds for each network in place of FOR_ACCOUNT


def counted(failures: Failures, now: int, throttle: Throttle) -> int:
    """The failures that still count. Those of a time that is further ahead than anybody waits were written by a clock
    that was wrong: else nobody would be heard until then."""
    return failures.count if -throttle.longest <= now - failures.last < throttle.forgotten else 0


def wait_after(failures: Failures, now: int, throttle: Throttle) -> int:
    """Microseconds until the next attempt is heard; 0: now. A clock that went back does not make it longer than the
    whole wait."""
    count = counted(failures, now, throttle)
    if count < throttle.free:
        return 0
    whole = throttle.longest if count >= throttle.lock else min(SECOND << (count - throttle.free), throttle.longest)
    return min(whole, max(0, failures.last + whole - now))


def network_of(address: str) -> str:
    """What one subscriber has at hand: of IPv4 the /24, of IPv6 the /64; what is no address stays as it is."""
    found = _address(address)
    return address if found is None else str(ip_network((found, 64 if found.version == 6 else 24), strict=False))


def place_of(address: str) -> str:
    """What the failures of many names are counted by: whoever has an address of IPv6 has the 2**64 of its network."""
    found = _address(address)
    return network_of(address) if found is not None and found.version == 6 else str(found or address)


def _address(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
