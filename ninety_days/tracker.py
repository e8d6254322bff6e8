"""What the tracker, the scanner and the tests of a system tell."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ninety_days.tools import Content, reference

if TYPE_CHECKING:
    from ninety_days.tools import Tool


RULES = f"sha256:{hashlib.sha256(b'the rules of the bank, third edition').hexdigest()}"


class Tracker:
    """Work items, and which commits belong to them."""

    def __init__(self, tool: Tool, key: str) -> None:
        self.tool, self._key, self._count = tool, key, 0

    def open(self, person: str, summary: str, kind: str = "story") -> str:
        self._count += 1
        item = f"{self._key}-{self._count}"
        self.tool.tell("ticket.created", item, {
            "summary": summary, "creator": person, "uri": self._uri(item), "ticketType": kind, "assignees": [person],
            "priority": "medium", "milestone": f"iteration-{1 + self._count // 20}",
        })  # fmt: skip
        return item

    def begin(self, item: str, person: str) -> None:
        self.tool.tell("ticket.updated", item, {"uri": self._uri(item), "updatedBy": person}, {"action": "in progress"})

    def close(self, item: str, person: str, resolution: str = "done") -> None:
        self.tool.tell("ticket.closed", item, {"uri": self._uri(item), "resolution": resolution, "updatedBy": person})

    def link(self, item: str, what: str, kind: str = "implemented by") -> None:
        """Made by the tracker itself when it sees the name of the item."""
        self.tool.tell("link.asserted", item, {"kind": kind, "target": reference(what)})

    def _uri(self, item: str) -> str:
        return f"{self.tool.source}/browse/{item}"


class Tests:
    """Runs of test suites, with what they tested."""

    def __init__(self, tool: Tool) -> None:
        self.tool, self._count = tool, 0

    def run(
        self, suite: str, kind: str, where: str, commit: str, digest: str = "", *, passed: bool = True, cases: int = 1
    ) -> None:
        """Started by a pipeline; each case ends with an outcome of its own."""
        self._count += 1
        name, place = f"{self.tool.name}/run-{self._count}", reference(where)
        about = {"id": suite, "version": commit[:12], "name": suite}
        trigger, outcome = {"type": "pipeline"}, "success" if passed else "failure"
        started = {"environment": place, "trigger": trigger}
        self.tool.tell("testsuiterun.started", name, {**started, "testSuite": about})
        for number in range(1, cases + 1):
            case = {"id": f"{suite}/{number}", "type": kind, "version": commit[:12]}
            said: Content = {"environment": place, "testCase": case, "testSuiteRun": reference(name)}
            self.tool.tell("testcaserun.started", f"{name}/{number}", {**said, "trigger": trigger})
            self.tool.tell("testcaserun.finished", f"{name}/{number}", {**said, "outcome": outcome})
        more = {"commit": commit, "total": cases, "failed": 0 if passed else cases, "skipped": 0}
        said = {"environment": place, "outcome": outcome, "testSuite": about}
        self.tool.tell("testsuiterun.finished", name, said, {**more, **({"digest": digest} if digest else {})})


class Scanner:
    """Scans of commits and packages."""

    def __init__(self, tool: Tool) -> None:
        self.tool, self._count = tool, 0

    def scan(self, commit: str, kind: str = "sast", digest: str = "", project: str = "") -> None:
        self._count += 1
        said = {
            "kind": kind, "tool": "scanner", "toolVersion": "4.2", "outcome": "success",
            "findings": {"critical": 0, "high": 0, "medium": 1, "low": 3, "info": 0}, "commit": commit, "rules": RULES,
            **({"digest": digest} if digest else {}),
        }  # fmt: skip
        self.tool.tell(
            "scan.finished", f"{self.tool.name}/scan-{self._count}", said, {"project": project} if project else None
        )
