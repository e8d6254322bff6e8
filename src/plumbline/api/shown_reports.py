"""What routes about reports, test cases and findings show alike."""

from __future__ import annotations

import msgspec

from plumbline.api.fields import Count, Id, Time
from plumbline.flow.reports.seen_tests import TestTotals
from plumbline.model.reported import ScanKept


class TestCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The changes are against the base; of ``unknown`` cases there is none. Times are milliseconds."""

    __test__ = False

    total: Count
    passed: Count
    failed: Count
    errors: Count
    skipped: Count
    milliseconds: Count
    new_failures: Count
    still_failing: Count
    fixed: Count
    newly_skipped: Count
    added: Count
    gone: Count
    unknown: Count
    flaky: Count
    quarantined: Count


class ScanState(msgspec.Struct, frozen=True, kw_only=True):
    """``clean``: null: it found nothing and does not prove what it looked at, which is no data. The counts are against
    the base."""

    report: Id
    kind: str
    tool: str
    tool_version: str
    series: str
    commit: str
    ended: bool
    scope: Count
    new: Count
    existing: Count
    fixed: Count
    unseen: Count
    clean: bool | None
    created: Time


def scan_shown(one: ScanKept) -> ScanState:
    values = {name: getattr(one, name) for name in ScanState.__struct_fields__}
    return ScanState(**{**values, "kind": one.kind.value})


def counts_of(totals: TestTotals) -> TestCounts:
    return TestCounts(**msgspec.structs.asdict(totals))
