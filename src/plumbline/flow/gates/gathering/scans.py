"""What scans found: ``findings.*``. A scan that broke off, or found nothing and does not prove what it looked at,
leaves all counts that it would belong to without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.gathering._ground import NOTHING, UNDECIDED, Ground, known, names
from plumbline.model.report import ScanKind, Severity
from plumbline.model.reported import FindingState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from plumbline.model.gate import FactValue
    from plumbline.model.reported import FindingKept, ScanKept, Sighting

_SETTLED = frozenset({FindingState.FALSE_POSITIVE, FindingState.DUPLICATE})
_Row = tuple["ScanKept", "Sighting", "FindingKept"]


def gather_findings(ground: Ground) -> Mapping[str, FactValue]:
    groups = ("new", "existing")
    kinds = [one.value for one in ScanKind]
    severities = [one.value for one in Severity]
    every = [f"findings.{group}.{name}" for group in groups for name in ("total", *severities, *kinds)]
    found = dict.fromkeys((*every, "findings.secrets", "findings.waiting", "findings.scanned"), NOTHING)
    reports = {one.id: one for one in ground.holding("findings")}
    scans = list(ground.tx.findings.scans(reports)) if reports else []
    if not scans:
        return found
    events = {one.report: ground.event_of(reports[one.report], "scans/{}:finished") for one in scans}
    told = [events[one.report] for one in scans if one.clean is not None]
    rows = _open(ground, scans)
    count = _Counter(scans, rows, events)
    for group in groups:
        fits = _new if group == "new" else _old
        found[f"findings.{group}.total"] = count.of(fits)
        for severity in Severity:
            found[f"findings.{group}.{severity.value}"] = count.of(_both(fits, _graded(severity)))
        for kind in {one.kind for one in scans}:
            found[f"findings.{group}.{kind.value}"] = count.of(fits, kind)
    if any(one.kind is ScanKind.SECRET for one in scans):
        found["findings.secrets"] = count.of(lambda _row: True, ScanKind.SECRET)
    found["findings.waiting"] = known(_waiting(ground, rows), told)
    found["findings.scanned"] = names([one.kind.value for one in scans if one.ended and one.scope], told)
    return found


class _Counter:
    def __init__(self, scans: Sequence[ScanKept], rows: Sequence[_Row], events: Mapping[int, str]) -> None:
        self._scans, self._rows, self._events = scans, rows, events

    def of(self, fits: Callable[[_Row], bool], kind: ScanKind | None = None) -> FactValue:
        scans = [one for one in self._scans if kind in (None, one.kind)]
        if any(not one.ended or one.clean is None for one in scans):
            return UNDECIDED
        # the same finding in two scans of one pipeline is one
        counted = {row[2].id for row in self._rows if kind in (None, row[0].kind) and fits(row)}
        return known(len(counted), [self._events[one.report] for one in scans])


def _new(row: _Row) -> bool:
    return row[1].new


def _old(row: _Row) -> bool:
    return not row[1].new


def _graded(severity: Severity) -> Callable[[_Row], bool]:
    return lambda row: row[2].severity is severity


def _both(one: Callable[[_Row], bool], other: Callable[[_Row], bool]) -> Callable[[_Row], bool]:
    return lambda row: one(row) and other(row)


def _open(ground: Ground, scans: Iterable[ScanKept]) -> list[_Row]:
    seen = [(scan, one) for scan in scans for one in ground.tx.findings.sightings(scan.report)]
    known_ones = ground.tx.findings.some({one.finding for _, one in seen})
    rows = [(scan, one, known_ones[one.finding]) for scan, one in seen if one.finding in known_ones]
    return [row for row in rows if not _set_aside(row[2], ground.now)]


def _set_aside(finding: FindingKept, now: int) -> bool:
    if finding.state is FindingState.ACCEPTED:
        return not finding.until or finding.until > now
    return finding.state in _SETTLED


def _waiting(ground: Ground, rows: Sequence[_Row]) -> int:
    decisions = ground.tx.findings.decisions({row[2].id for row in rows})
    return len({one.finding for one in decisions if one.needs_approval and not one.approved and not one.ended})
