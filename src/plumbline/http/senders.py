"""From where a connection comes, as one that is counted."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network


@lru_cache(maxsize=4096)
def sender_of(address: str) -> str:
    """An IPv4 address; of IPv6 the whole /64, since whoever has one address of it has all. What is no address stands
    for itself."""
    try:
        found = ip_address(address[:100].partition("%")[0])
    except ValueError:
        return address[:100]
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
