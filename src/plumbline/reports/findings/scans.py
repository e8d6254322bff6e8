"""What a scan may close: only what it could have seen."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Findings, Report, ScanKind
from plumbline.reports.findings.places import covers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.reports.findings.places import Place


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One scan as its report tells it. ``may_fail``: the job was allowed to fail, so nobody looks at how it ended."""

    kind: ScanKind
    tool: str = ""
    tool_version: str = ""
    rules: str = ""
    rule_ids: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    finished: bool = True
    may_fail: bool = False


class Unseen(StrEnum):
    """Why a finding that a scan does not have is not fixed."""

    NOT_FINISHED = "not finished"
    MAY_FAIL = "may fail"
    NO_SCOPE = "no scope"
    NOT_COVERED = "not covered"
    RULES_CHANGED = "rules changed"
    RULES_UNKNOWN = "rules unknown"
    BY_HAND = "brought by hand"


def scan_of(report: Report, *, may_fail: bool = False) -> Scan | None:
    """None where the report is of no scan."""
    if not isinstance(report.content, Findings):
        return None
    found = report.content
    return Scan(
        kind=found.kind,
        tool=report.tool,
        tool_version=report.tool_version,
        rules=found.rules,
        rule_ids=found.rule_ids,
        scope=found.scope,
        finished=found.finished,
        may_fail=may_fail,
    )


def clean(report: Report) -> bool | None:
    """Whether a scan found nothing that counts; None where nobody can tell: it did not finish, or does not say where
    it looked."""
    found = report.content
    if not isinstance(found, Findings):
        return None
    if any(not finding.suppressed for finding in found.findings):
        return False
    return True if found.finished and found.scope else None


def why_unseen(
    rule: str, places: Iterable[Place], before: Scan, after: Scan, is_there: Callable[[str], bool] | None = None
) -> Unseen | None:
    """Why ``after``, which does not have a finding that ``before`` had, does not close it; None: it does.

    ``is_there``: whether a file exists in the revision that was scanned. One that does not needs no look.
    """
    if not after.finished:
        return Unseen.NOT_FINISHED
    if after.may_fail:
        return Unseen.MAY_FAIL
    if not after.scope:
        return Unseen.NO_SCOPE
    changed = _rules(rule, before, after)
    if changed is not None:
        return changed
    for place in places:
        gone = is_there is not None and place.path and not is_there(place.path)
        if not gone and not covers(after.scope, place):
            return Unseen.NOT_COVERED
    return None


def _rules(rule: str, before: Scan, after: Scan) -> Unseen | None:
    """Whether the same rules were applied, or more. Where neither scan tells its rules, those of one version of one
    tool are taken for the same."""
    if before.tool_version != after.tool_version:
        return Unseen.RULES_CHANGED
    if after.rule_ids:
        applied = set(after.rule_ids)
        return None if applied.issuperset(before.rule_ids) and _has(applied, rule) else Unseen.RULES_CHANGED
    if before.rules or after.rules or before.rule_ids:
        return None if before.rules == after.rules and not before.rule_ids else Unseen.RULES_CHANGED
    return None if after.tool_version else Unseen.RULES_UNKNOWN


def _has(applied: set[str], rule: str) -> bool:
    """The rule itself, or the one that it is a part of: ``CA1000/1``."""
    while rule:
        if rule in applied:
            return True
        rule = rule.rpartition("/")[0]
    return False
