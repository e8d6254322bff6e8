"""One error for every refusal and every failed effect; a bug is not one of these and crashes loudly."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.kernel.text import Text


class ErrorKind(StrEnum):
    """What the caller can do about it; mapped once to an exit status (and once to an HTTP status)."""

    CONFIGURATION = "configuration"  # the user's files or arguments are wrong: exit status 2
    ENVIRONMENT = "environment"  # the machine, the network or a tool is not as needed: exit status 3
    REFUSED = "refused"  # understood, and not allowed: exit status 2


class PlumblineError(Exception):
    """A refusal or a failed effect: what is wrong, and how to mend it.

    ``code`` is stable and machine-readable (``kebab-case``); ``message`` and ``hint`` are for people.
    """

    def __init__(
        self, code: str, message: Text, hint: Text | None = None, *, kind: ErrorKind = ErrorKind.ENVIRONMENT
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.kind = kind

    @property
    def fields(self) -> dict[str, str]:
        """What a log says of it beside the message."""
        return {"code": self.code, "hint": str(self.hint or "")}

    def __str__(self) -> str:
        return f"{self.message}" if self.hint is None else f"{self.message}\n  {self.hint}"
