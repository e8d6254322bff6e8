"""Passwords hashed with Argon2id; only so many at once, since each takes its memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from argon2 import PasswordHasher

AT_ONCE = 2
WAITING = 64  # more than these are turned away rather than kept waiting
PATIENCE = 10.0  # seconds


class Argon2Passwords:
    """Argon2id with 19 MiB, two passes, one lane (the second profile of OWASP's cheat sheet) unless told otherwise.

    Raises PlumblineError ``busy`` where too many wait already, or one waited too long.
    """

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2, at_once: int = AT_ONCE) -> None:
        from argon2 import PasswordHasher

        self._hasher: PasswordHasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + WAITING)
        self._nobody: str | None = None
        self._making_nobody = threading.Lock()

    def hash(self, password: str) -> str:
        with _Turn(self._places, self._turns):
            return self._hasher.hash(_bytes(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Against a hash that no password fits where there is none, so that it takes as long."""
        from argon2.exceptions import InvalidHashError, VerificationError

        against = hashed if hashed is not None else self._hash_of_nobody()
        with _Turn(self._places, self._turns):
            try:
                return self._hasher.verify(against, _bytes(password)) and hashed is not None
            except (VerificationError, InvalidHashError, UnicodeEncodeError):
                return False

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _hash_of_nobody(self) -> str:
        with self._making_nobody:
            if self._nobody is None:
                import secrets

                self._nobody = self.hash(secrets.token_hex(32))
            return self._nobody


class _Turn:
    """A place in the queue, and then a turn."""

    def __init__(self, places: threading.BoundedSemaphore, turns: threading.BoundedSemaphore) -> None:
        self._places, self._turns = places, turns

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise _busy()
        if not self._turns.acquire(timeout=PATIENCE):
            self._places.release()
            raise _busy()

    def __exit__(self, *_: object) -> None:
        self._turns.release()
        self._places.release()


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _busy() -> PlumblineError:
    return PlumblineError(
        "busy",
        t("too many people are signing in at this moment"),
        t("try again in a few seconds"),
        kind=ErrorKind.ENVIRONMENT,
    )
