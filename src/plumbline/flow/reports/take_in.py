"""Take in what report files say, inside the transaction that the caller has open. Rules:

1. The same bytes twice change nothing.
2. What could not be read is kept with its reason, and fills and closes nothing.
3. A report that names another commit or repository is flagged: it is shown, and nothing rests on it.
4. Only what a job of ours left is told to the ledger as tests, measurements and scans. What somebody brought is told
   as brought.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.reports import events as told
from plumbline.flow.reports import keep_coverage, merged_runs
from plumbline.flow.reports.contents import (
    CHANGED_COVERAGE,
    INTERFACE_COVERAGE,
    LINE_COVERAGE,
    Measured,
    counts_of,
    kept,
    measures_of,
)
from plumbline.flow.reports.events import ReportEvents
from plumbline.flow.reports.foreign import foreign
from plumbline.flow.reports.interface import INTERFACE, called_by, contracts_seen, operations_tested
from plumbline.flow.reports.keep_findings import keep_findings
from plumbline.flow.reports.keep_tests import keep_tests, outcomes_by_case
from plumbline.flow.reports.newest import newest_reports
from plumbline.kernel import t
from plumbline.model.coding import json_of, plain
from plumbline.model.report import Coverage, Defect, Findings, Report, TestRun, Unreadable
from plumbline.model.reported import Measure, Origin, ReportDetail, ReportFile, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from plumbline.flow.reports.subject import Subject
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.report import Content
    from plumbline.model.reported import ReadFile, ReadReports, StoredReport

_OF_TRUNK = (LINE_COVERAGE, INTERFACE_COVERAGE)  # totals
MOST_UNREADABLE = 50  # of one job that are kept one by one
MOST_DEFECTS = 100  # of one report that are kept


class Intake:
    """What is taken in about one subject, at one moment. ``source``: of the events of this installation."""

    def __init__(self, tx: Transaction, source: str, subject: Subject, now: int) -> None:
        self._tx, self._subject, self._now = tx, subject, now
        self._events = ReportEvents(source, subject, now)

    def take(self, read: ReadReports) -> list[Taken]:
        """In the order of the files, those of one kind that belong together as one."""
        found: list[Taken] = []
        unreadable = 0
        for group in _grouped(read.files, self._foreign):
            content = group[0].content
            if isinstance(content, Unreadable):
                unreadable += 1
                if unreadable <= MOST_UNREADABLE:
                    found.append(self._unreadable(group[0], content))
            else:
                found.append(self._readable(group, read))
        self._keep_interface(found)
        return found

    def _keep_interface(self, taken: Sequence[Taken]) -> None:
        """How much of the pipeline's interfaces is tested by now, where one of these reports adds to what is known."""
        new = [one.report for one in taken if one.report is not None and not one.known]
        says = [one for one in new if one.holds in INTERFACE and not one.flagged and not one.problem]
        pipeline = self._tx.pipelines.get(self._subject.pipeline) if says and self._subject.pipeline else None
        if pipeline is None:
            return
        stand = newest_reports(self._tx, pipeline)
        if self._subject.origin is Origin.JOB:  # what is told as measured rests on no word of others
            stand = [one for one in stand if one.origin is Origin.JOB]
        covered, declared = operations_tested(contracts_seen(self._tx, stand))
        if declared:
            share = 100 * covered / declared
            self._keep_measures(says[-1], [Measured(INTERFACE_COVERAGE, share, "%", covered, declared)])

    def _foreign(self, file: ReadFile) -> str:
        if not isinstance(file.content, Report):
            return ""
        return foreign(self._tx, self._subject, file.content.about)

    def _unreadable(self, file: ReadFile, content: Unreadable) -> Taken:
        report = self._subject.stored(kind=file.kind, name=file.name, digest=file.digest, size=file.size, now=self._now)
        report = msgspec.structs.replace(
            report, format=content.format, problem=content.code, message=_sentence(content.message)
        )
        return self._kept(report, ReportDetail(files=(_file(file),)), content.code)

    def _readable(self, group: Sequence[ReadFile], read: ReadReports) -> Taken:
        reports = [file.content for file in group if isinstance(file.content, Report)]
        first, flagged = reports[0], self._foreign(group[0])
        counts: dict[str, float] = counts_of(first.content)
        runs = [one.content for one in reports if isinstance(one.content, TestRun)]
        coverages = [one.content for one in reports if isinstance(one.content, Coverage)]
        merged = merged_runs.merge(runs) if runs else None
        covered = keep_coverage.merge(coverages, read.paths) if coverages else None
        if merged is not None:
            counts = _counts_of_tests(merged)
        elif covered is not None:
            counts = {"lines": covered.lines, "lines_hit": covered.lines_hit, "files": len(covered.files)}
        elif isinstance(first.content, Findings):
            counts = {"findings": len(group[0].signed), "scope": len(first.content.scope)}
        report = self._subject.stored(
            kind=group[0].kind,
            name=group[0].name,
            digest=_digest(group),
            size=sum(file.size for file in group),
            now=self._now,
        )
        report = msgspec.structs.replace(
            report,
            format=_joined(one.format for one in reports),
            holds=_tag(first.content),
            tool=_joined(_tool(one) for one in reports),
            tool_version=_joined(one.tool_version for one in reports),
            format_version=_joined(one.format_version for one in reports),
            strict=all(one.strict for one in reports),
            about=first.about,
            flagged=flagged,
            counts=counts,
            made=max(one.made for one in reports),
        )
        defects = [defect for one in reports for defect in one.defects]
        defects += [_ambiguous(path) for path in covered.ambiguous] if covered is not None else []
        called = called_by(runs)
        other = (
            first.content if merged is None and covered is None and not isinstance(first.content, Findings) else None
        )
        detail = ReportDetail(
            files=tuple(map(_file, group)),
            defects=tuple(defects[:MOST_DEFECTS]),
            more_defects=max(0, len(defects) - MOST_DEFECTS),
            content=kept(other) if other is not None else kept(called) if called is not None else None,
        )
        scan = first.content if isinstance(first.content, Findings) else None
        taken = self._kept(report, detail, flagged, scan)
        if taken.known or flagged or taken.report is None:
            return taken
        if merged is not None:
            self._keep_tests(taken.report, merged)
        elif covered is not None:
            self._keep_coverage(taken.report, covered, read)
        elif isinstance(first.content, Findings):
            self._keep_findings(taken.report, group[0], first, read.paths)
        else:
            self._keep_measures(taken.report, measures_of(first.content))
        return taken

    def _kept(self, report: StoredReport, detail: ReportDetail, problem: str, scan: Findings | None = None) -> Taken:
        made = self._tx.reports.add(report, detail)
        if made is None:
            return Taken(self._tx.reports.same(report), known=True)
        if self._subject.origin is not Origin.JOB:
            self._tx.record(self._events.added(made, problem, scan))
        return Taken(made, known=False)

    def _keep_tests(self, report: StoredReport, merged: merged_runs.Merged) -> None:
        found = keep_tests(self._tx, self._subject, report, merged)
        if self._subject.origin is not Origin.JOB:
            return
        before = outcomes_by_case(self._tx, found.before) if found.before is not None else {}
        places = told.chosen(found, dict(before))
        names = dict(self._tx.tests.names([found.cases[at] for at in places]))
        held = {one.case for one in self._tx.tests.quarantines(report.project, until_after=self._now)}
        bad = {case for case, letter in zip(found.cases, merged.outcomes.decode(), strict=True) if letter in "fe"}
        for draft in self._events.tests(report, found, places, names, len(held & bad)):
            self._tx.record(draft)

    def _keep_coverage(self, report: StoredReport, covered: keep_coverage.MergedCoverage, read: ReadReports) -> None:
        exact = read.paths is not None
        found = keep_coverage.keep_coverage(self._tx, report, covered, read.changed, exact=exact)
        measures = []
        if found.lines:
            share = 100 * found.lines_hit / found.lines
            measures.append(Measured(LINE_COVERAGE, share, "%", found.lines_hit, found.lines))
        if found.changed > 0:
            share = 100 * found.changed_hit / found.changed
            measures.append(Measured(CHANGED_COVERAGE, share, "%", found.changed_hit, found.changed))
        self._keep_measures(report, measures)

    def _keep_findings(
        self, report: StoredReport, file: ReadFile, content: Report, paths: frozenset[str] | None
    ) -> None:
        scan = keep_findings(self._tx, self._subject, report, file, content, paths)
        if self._subject.origin is Origin.JOB and scan.clean is not None:
            severities = [one.finding.severity for one in file.signed if not one.finding.suppressed]
            self._tx.record(self._events.scanned(report, scan, severities))

    def _keep_measures(self, report: StoredReport, measures: Sequence[Measured]) -> None:
        """The total of a branch that is not the default one is no measurement of the project."""
        self._tx.reports.add_measures([_measure(report, one) for one in measures])
        if self._subject.origin is Origin.JOB:
            wanted = [one for one in measures if report.trunk or one.name not in _OF_TRUNK]
            for draft in self._events.measured(report, wanted):
                self._tx.record(draft)


def _grouped(files: Iterable[ReadFile], foreign: Callable[[ReadFile], str]) -> Iterator[list[ReadFile]]:
    """Files of tests and files of coverage of one kind belong together; every other one stands alone."""
    together: dict[tuple[str, str], list[ReadFile]] = {}
    for at, file in enumerate(files):
        content = file.content
        alone = f"{at}"
        if isinstance(content, Report) and isinstance(content.content, TestRun | Coverage):
            alone = alone if foreign(file) else _tag(content.content)
        together.setdefault((file.kind, alone), []).append(file)
    yield from together.values()


def _counts_of_tests(merged: merged_runs.Merged) -> dict[str, float]:
    letters = {"passed": b"p", "failed": b"f", "errors": b"e", "skipped": b"s"}
    counts: dict[str, float] = {name: merged.outcomes.count(letter) for name, letter in letters.items()}
    return {"total": len(merged.cases), **counts, "retried": len(merged.retries)}


def _ambiguous(path: str) -> Defect:
    said = t("Several files of the repository end like this one, so it is left out: {path}", path=path[:200])
    return Defect("ambiguous-path", said)


def _digest(group: Sequence[ReadFile]) -> str:
    if len(group) == 1:
        return group[0].digest
    together = "\n".join(sorted(file.digest for file in group))
    return f"sha256:{hashlib.sha256(together.encode()).hexdigest()}"


def _tag(content: Content) -> str:
    return str(content.__struct_config__.tag)


def _tool(report: Report) -> str:
    if report.tool or not isinstance(report.content, TestRun):
        return report.tool
    return report.content.dialect


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted({name for name in names if name}))[:300]


def _file(file: ReadFile) -> ReportFile:
    return ReportFile(name=file.name, digest=file.digest, size=file.size)


def _sentence(text: Text) -> str:
    return json_of(text, plain).decode("utf-8", "replace")


def _measure(report: StoredReport, one: Measured) -> Measure:
    return Measure(
        report=report.id, project=report.project, name=one.name, value=one.value, unit=one.unit,
        numerator=one.numerator, denominator=one.denominator, samples=one.samples,
    )  # fmt: skip
