"""Names of npm packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.artifacts.sbom.digests import from_integrity
from plumbline.artifacts.sbom.lockfile import package

if TYPE_CHECKING:
    from plumbline.model.report import Component


def published(name: str, version: str, integrity: str = "", **more: Any) -> Component:
    """``@scope/name`` or ``name``; whatever else stands in a name is part of it, and is escaped in the package URL."""
    scope, slash, rest = name.partition("/")
    scoped = bool(slash) and scope.startswith("@")
    digests = tuple(sorted(set(from_integrity(integrity))))
    return package("npm", rest if scoped else name, version, group=scope if scoped else "", digests=digests, **more)


def split(full: str) -> tuple[str, str]:
    """``name@version`` at the last ``@`` that does not begin a scope."""
    at = full.find("@", 1)
    return (full[:at], full[at + 1 :]) if at > 0 else (full, "")
