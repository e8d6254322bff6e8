"""Reports: what jobs left and what others brought, and what a pipeline comes to by them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.about_report import AboutReport
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, Time
from plumbline.api.route import route
from plumbline.api.shown_reports import ScanState, TestCounts, counts_of, scan_shown
from plumbline.flow.reports import add_report as adding
from plumbline.flow.reports.receive_report import receive_report
from plumbline.flow.reports.seen_coverage import CoverageSeen
from plumbline.flow.reports.seen_tests import CaseSeen
from plumbline.flow.reports.standings import list_standings
from plumbline.flow.reports.summary import view_summary
from plumbline.flow.reports.view_coverage import view_coverage
from plumbline.flow.reports.view_reports import list_reports, view_report
from plumbline.flow.sources.kept_text import kept
from plumbline.flow.sources.kinds import may_send_reports
from plumbline.flow.sources.prove import Delivery, prove
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.reported import Measure, StoredReport, Taken

LARGEST = 32 << 20  # bytes of a report that is sent
Percent = Annotated[float, Meta(ge=0, le=100)]


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """``pipeline``, ``job``: 0: none. ``holds``: tests, coverage, findings, ...; empty where it could not be read, and
    then ``problem`` says why. ``flagged``: it says of itself that it is about something else; nothing rests on it.
    ``origin``: job: a job of this server left it; person, source: ``sender`` brought it."""

    id: Id
    project: Id
    pipeline: Count
    job: Count
    series: str
    commit: str
    kind: str
    name: str
    format: str
    holds: str
    digest: str
    size: Count
    tool: str
    tool_version: str
    strict: bool
    flagged: str
    counts: dict[str, float]
    problem: str
    message: str
    origin: str
    sender: str
    created: Time


class ReportList(msgspec.Struct, frozen=True, kw_only=True):
    reports: list[ReportView]


class DefectView(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    where: str


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    digest: str
    size: Count


class MeasureView(msgspec.Struct, frozen=True, kw_only=True):
    """``samples``: of a percentile, how many values it was made of; null: not told."""

    report: Id
    name: str
    value: float
    unit: str
    numerator: float | None
    denominator: float | None
    samples: Count | None


class ReportDetailView(msgspec.Struct, frozen=True, kw_only=True):
    """``more_defects``: how many are not listed."""

    report: ReportView
    files: list[FileView]
    defects: list[DefectView]
    more_defects: Count
    measures: list[MeasureView]


class ReportAdded(msgspec.Struct, frozen=True, kw_only=True):
    """``known``: the same bytes were there already, and nothing changed."""

    report: ReportView
    known: bool


class AboutSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As with a report that is added; ``project``: by our path, or by the source's own name."""

    kind: Annotated[str, Meta(min_length=1, max_length=41)]
    name: Line = "report"
    project: Line = ""
    pipeline: Count = 0
    commit: Annotated[str, Meta(max_length=64)] = ""
    layer: Literal["", "unit", "component", "interface", "user"] = ""


class FailedCase(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    name: str
    file: str
    job: Count
    outcome: str
    change: str
    message: str
    flaky: bool
    failed_of: tuple[int, int]


class CoverageState(msgspec.Struct, frozen=True, kw_only=True):
    """``percent``, ``changed_percent``: null: nobody knows. ``change``: percentage points against the base."""

    report: Id
    series: str
    lines: Count
    lines_hit: Count
    branches: Count
    branches_hit: Count
    percent: Percent | None
    change: float | None
    changed_lines: Count | None
    changed_hit: Count | None
    changed_percent: Percent | None
    base_commit: str


class CoveredFile(msgspec.Struct, frozen=True, kw_only=True):
    report: Id
    path: str
    lines: Count
    hit: Count
    changed: Count
    changed_hit: Count


class CoverageList(msgspec.Struct, frozen=True, kw_only=True):
    reports: list[CoverageState]
    files: list[CoveredFile]


class SummaryView(msgspec.Struct, frozen=True, kw_only=True):
    """What is not there, nobody knows: ``tests`` is null and lists are empty."""

    pipeline: Id
    tests: TestCounts | None
    failures: list[FailedCase]
    coverage: list[CoverageState]
    scans: list[ScanState]
    measures: list[MeasureView]
    unreadable: list[ReportView]
    bases: list[Id]


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """Of the default branch. ``pipeline`` 0: no tests were ever reported. ``findings``: open ones by severity; null:
    nothing was ever scanned."""

    project: Id
    path: str
    pipeline: Count
    total: Count
    bad: Count
    skipped: Count
    flaky: Count
    quarantined: Count
    coverage: Percent | None
    findings: dict[str, Count] | None
    time: Time


class StandingList(msgspec.Struct, frozen=True, kw_only=True):
    standings: list[StandingView]


@route("GET", "/pipelines/{pipeline}/reports", t("Every report of a pipeline, of all attempts at its jobs."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def list_pipeline_reports(call: Call, pipeline: Id) -> ReportList:
    return ReportList(reports=[shown(one) for one in list_reports(call.actor, call.tools.reports, pipeline)])


@route("GET", "/reports/{report}", t("One report: its files, its defects, its numbers."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def get_kept_report(call: Call, report: Id) -> ReportDetailView:
    seen = view_report(call.actor, call.tools.reports, report)
    return ReportDetailView(
        report=shown(seen.report),
        files=[FileView(name=one.name, digest=one.digest, size=one.size) for one in seen.detail.files],
        defects=[DefectView(code=one.code, message=str(one.message), where=one.where) for one in seen.detail.defects],
        more_defects=seen.detail.more_defects,
        measures=[_measure(one) for one in seen.measures],
    )


@route("POST", "/reports", t("Add a report that was made elsewhere to a commit or a pipeline."), status=201,
       also=(200,), refusals=(404, 409, 422), largest=LARGEST, raw_body=True,
       use_case=use_cases.ADD_REPORT)  # fmt: skip
def add_report(call: Call, query: AboutReport, body: bytes) -> ReportAdded:
    brought = adding.Brought(**msgspec.structs.asdict(query), data=body)
    return _added(call, adding.add_report(call.actor, call.tools.reports, brought))


@route("POST", "/events/reports", t("Send a report, as a registered source of evidence."), status=201, also=(200,),
       refusals=(401, 403, 404, 409, 422), largest=LARGEST, raw_body=True, use_case=use_cases.SEND_REPORT)  # fmt: skip
def send_report(call: Call, query: AboutSent, body: bytes) -> ReportAdded:
    proof = prove(call.actor, call.tools.sources, Delivery(call.headers, body))
    if not may_send_reports(proof.source):
        raise PlumblineError(
            "source-kind-refused",
            t("The source {name} may not send reports.", name=proof.source.name),
            t("Have testoutput.published added to the kinds that the source may tell."),
            kind=ErrorKind.REFUSED,
        )
    path = proof.places.of({"project": query.project})
    brought = adding.Brought(
        kind=query.kind, name=query.name, data=body, pipeline=query.pipeline, commit=query.commit, layer=query.layer
    )
    return _added(call, receive_report(call.actor, call.tools.reports, proof.source, path, brought))


@route("GET", "/pipelines/{pipeline}/summary", t("Tests, coverage and findings of a pipeline against its base."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def get_summary(call: Call, pipeline: Id) -> SummaryView:
    seen = view_summary(call.actor, call.tools.reports, pipeline)
    return SummaryView(
        pipeline=pipeline,
        tests=counts_of(seen.tests) if seen.tests is not None else None,
        failures=[_failed(one) for one in seen.failures],
        coverage=[_coverage(one) for one in seen.coverage],
        scans=[scan_shown(one.scan) for one in seen.scans],
        measures=[_measure(one) for one in seen.measures],
        unreadable=[shown(one) for one in seen.unreadable],
        bases=list(seen.bases),
    )


@route("GET", "/pipelines/{pipeline}/coverage", t("Which lines the tests of a pipeline executed, by file."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def get_coverage(call: Call, pipeline: Id) -> CoverageList:
    seen = view_coverage(call.actor, call.tools.reports, pipeline)
    return CoverageList(
        reports=[_coverage(one) for one in seen.reports],
        files=[
            CoveredFile(
                report=one.report.id, path=file.path, lines=file.lines, hit=file.hit, changed=file.changed,
                changed_hit=file.changed_hit,
            )
            for one in seen.reports
            for file in one.files
        ],
    )  # fmt: skip


@route("GET", "/nodes/{node}/standings", t("How the projects below a node stand by their tests, coverage and scans."),
       use_case=use_cases.LIST_STANDINGS)  # fmt: skip
def get_standings(call: Call, node: Id) -> StandingList:
    return StandingList(
        standings=[
            StandingView(
                project=one.project.id, path=one.project.path, pipeline=one.pipeline, total=one.total, bad=one.bad,
                skipped=one.skipped, flaky=one.flaky, quarantined=one.quarantined, coverage=one.coverage,
                findings=dict(one.findings) if one.findings is not None else None, time=one.time,
            )
            for one in list_standings(call.actor, call.tools.reports, node)
        ]
    )  # fmt: skip


def shown(one: StoredReport) -> ReportView:
    values = {name: getattr(one, name) for name in ReportView.__struct_fields__ if name != "message"}
    return ReportView(**values, message=str(kept(one.message)) if one.message else "")


def _added(call: Call, taken: Taken) -> ReportAdded:
    assert taken.report is not None
    if taken.known:
        call.answer_status = 200
    return ReportAdded(report=shown(taken.report), known=taken.known)


def _failed(one: CaseSeen) -> FailedCase:
    return FailedCase(
        id=one.case.id, name=one.case.title, file=one.case.file, job=one.job, outcome=one.outcome.value,
        change=one.change.value, message=one.words.message if one.words else "", flaky=one.flaky,
        failed_of=one.failed_of,
    )  # fmt: skip


def _coverage(one: CoverageSeen) -> CoverageState:
    known = one.kept.changed >= 0
    return CoverageState(
        report=one.report.id, series=one.kept.series, lines=one.kept.lines, lines_hit=one.kept.lines_hit,
        branches=one.kept.branches, branches_hit=one.kept.branches_hit, percent=one.percent, change=one.change,
        changed_lines=one.kept.changed if known else None, changed_hit=one.kept.changed_hit if known else None,
        changed_percent=one.changed_percent, base_commit=one.kept.base,
    )  # fmt: skip


def _measure(one: Measure) -> MeasureView:
    return MeasureView(**{name: getattr(one, name) for name in MeasureView.__struct_fields__})


PART = (list_pipeline_reports, get_kept_report, add_report, send_report, get_summary, get_coverage, get_standings)
