"""Digests as lock files write them, as ``sha256:<hex>``."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def from_hex(text: str, separator: str = ":") -> str:
    """``sha256:<hex>``; empty where it is none."""
    algorithm, found, value = text.strip().partition(separator)
    if algorithm not in _SIZES:
        algorithm = algorithm.lower().replace("-", "")
    try:
        size = len(bytes.fromhex(value))
    except ValueError:
        return ""
    return f"{algorithm}:{value.lower()}" if found and _SIZES.get(algorithm) == size else ""


def from_integrity(text: str) -> Iterator[str]:
    """Subresource integrity, as npm writes it: ``sha512-<base64>``, several of them with spaces between."""
    for each in text.split():
        algorithm, _, value = each.partition("-")
        try:
            data = base64.b64decode(value.partition("?")[0], validate=True)
        except (binascii.Error, ValueError):
            continue
        if _SIZES.get(algorithm) == len(data):
            yield f"{algorithm}:{data.hex()}"
