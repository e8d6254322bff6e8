"""How well something is that the server needs, and what to do where it is not."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text


class Health(StrEnum):
    """Worse ones later."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``cure`` says how to mend what is not well."""

    name: str  # stable, such as "disk"
    health: Health
    message: Text
    cure: Text | None = None

    @property
    def ok(self) -> bool:
        return self.health is not Health.PROBLEM
