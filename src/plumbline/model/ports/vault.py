"""What secrets are sealed with."""

from __future__ import annotations

from typing import Protocol


class Vault(Protocol):
    """Seals values with a key that is not in the store. ``place`` binds a sealed value to where it belongs: it opens
    nowhere else."""

    def seal(self, plain: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes:
        """PlumblineError ``unknown-key`` or ``sealed-value-damaged``."""
        ...

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the newest key."""
        ...
