"""Which SHA-256 digests the bytes of an event name, as documents write them and as package URLs do."""

from __future__ import annotations

import re

MARK = b"sha256"  # bytes without it name none
_NAMED = re.compile(rb"sha256(?::|%3[Aa])([0-9a-f]{64})(?![0-9a-f])")
_MOST = 200  # of one event; what lists more of them is a bill of materials, and found by its own


def digests_in(body: bytes) -> set[bytes]:
    """At most 200 of 32 bytes."""
    if MARK not in body:
        return set()
    found: set[bytes] = set()
    for one in _NAMED.finditer(body):
        found.add(bytes.fromhex(one.group(1).decode()))
        if len(found) == _MOST:
            break
    return found
