"""Decisions of named people, and what the monitoring notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninety_days.tools import reference

if TYPE_CHECKING:
    from ninety_days.tools import Tool


def approve(tool: Tool, about: str, revision: str, asker: str, decider: str) -> None:
    tool.tell("approval.requested", about, {"about": about, "person": asker, "revision": revision})
    said = {"about": about, "decision": "approved", "person": decider, "revision": revision}
    tool.tell("approval.decided", about, said)


def back_up(tool: Tool) -> None:
    """The repositories, to another place."""
    tool.tell(
        "backup.finished", f"{tool.name}/repositories", {"outcome": "success", "bytes": 48_000_000, "seconds": 31.0}
    )


class Monitoring:
    """Notices what a deployment broke."""

    def __init__(self, tool: Tool, what: str) -> None:
        self.tool, self._what, self._count = tool, what, 0

    def notice(self, cause: str, place: str) -> str:
        self._count += 1
        name = f"{self.tool.name}/incident-{self._count}"
        said = {"environment": reference(place), "description": "answers too late", "service": reference(self._what)}
        self.tool.tell("alert.fired", f"{name}/alert", {"severity": "high", "service": reference(self._what)})
        self.tool.tell(
            "incident.detected", name, said, {"detector": "monitoring", "cause": cause, "tier": "production"}
        )
        return name

    def resolved(self, name: str, place: str) -> None:
        self.tool.tell("alert.cleared", f"{name}/alert", {"service": reference(self._what)})
        self.tool.tell("incident.resolved", name, {"environment": reference(place)}, {"tier": "production"})
