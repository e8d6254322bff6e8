"""Test cases that were run, and the commit that each run tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plumbline.facts.evidence import Evidence
    from plumbline.trace import Seen

RAN = ("success", "failure")  # an error or a cancellation is no verdict


def case_of(seen: Seen) -> dict[str, Any]:
    """Empty where nobody told which case it was."""
    case = seen.content.get("testCase") or {}
    return case if case.get("id") else {}


def suite_revisions(evidence: Evidence) -> dict[str, str]:
    """The commit that each run of a suite tested."""
    return {
        one.subject: str(one.custom["commit"])
        for one in evidence.of("testsuiterun.finished")
        if one.custom.get("commit")
    }


def revision_of(seen: Seen, suites: dict[str, str]) -> str:
    return suites.get(run_of(seen), "")


def run_of(seen: Seen) -> str:
    """The run of a suite that a case was part of; empty: nobody told."""
    return str((seen.content.get("testSuiteRun") or {}).get("id", ""))
