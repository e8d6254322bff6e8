"""Test cases: what each came to, its history, and quarantines."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, Time, Words
from plumbline.api.route import route
from plumbline.api.shown_reports import TestCounts, counts_of
from plumbline.flow.reports import quarantine as acts
from plumbline.flow.reports.seen_tests import CaseChange, CaseOrder, CaseSeen, TestFilter
from plumbline.flow.reports.view_tests import view_case, view_tests
from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer
from plumbline.model.reported import CaseName, Quarantine


class QuarantineView(msgspec.Struct, frozen=True, kw_only=True):
    """``until``: when it ends by itself. ``ended``: before its time; 0: it was not."""

    id: Id
    case: Id
    name: str
    file: str
    owner: str
    reason: str
    until: Time
    created: Time
    by: str
    ended: Time


class QuarantineList(msgspec.Struct, frozen=True, kw_only=True):
    quarantines: list[QuarantineView]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """``seconds`` null: not told. ``failed_of``: in how many of how many of the last runs it did not pass."""

    id: Id
    name: str
    file: str
    job: Count
    series: str
    layer: str
    outcome: str
    seconds: float | None
    retries: str
    message: str
    details: str
    change: str
    flaky: bool
    quarantined: bool
    failed_of: tuple[int, int]


class CaseList(msgspec.Struct, frozen=True, kw_only=True):
    """``found``: how many cases the filter has; ``cases``: one part of them. ``reported``: whether there is any test
    report: without one there is no data, which is not the same as no tests."""

    reported: bool
    totals: TestCounts
    found: Count
    cases: list[CaseView]


class CaseChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: CaseOutcome | None = None
    layer: Layer | None = None
    change: CaseChange | None = None
    flaky: bool = False
    quarantined: bool = False
    words: Line = ""
    job: Count = 0
    order: CaseOrder = CaseOrder.GRAVITY
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class CaseRunView(msgspec.Struct, frozen=True, kw_only=True):
    report: Id
    pipeline: Count
    job: Count
    series: str
    commit: str
    outcome: str
    seconds: float | None
    message: str
    created: Time


class CaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """``runs``: the newest first."""

    id: Id
    name: str
    file: str
    failed_of: tuple[int, int]
    runs: list[CaseRunView]
    quarantines: list[QuarantineView]


class QuarantineWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    owner: Line
    reason: Words
    until: Time


@route("GET", "/pipelines/{pipeline}/tests", t("The test cases of a pipeline, what failed and is new first."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def list_cases(call: Call, pipeline: Id, query: CaseChoice) -> CaseList:
    chosen = TestFilter(
        outcomes=(query.outcome,) if query.outcome else (),
        layers=(query.layer,) if query.layer is not None else (),
        changes=(query.change,) if query.change is not None else (),
        flaky=query.flaky, quarantined=query.quarantined, words=query.words, job=query.job, order=query.order,
        offset=query.offset, limit=query.limit,
    )  # fmt: skip
    seen = view_tests(call.actor, call.tools.reports, pipeline, chosen)
    cases = [_case(one) for one in seen.cases]
    return CaseList(reported=bool(seen.runs), totals=counts_of(seen.totals), found=seen.found, cases=cases)


@route("GET", "/projects/{project}/tests/{case}", t("What a test case came to over time."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def get_case(call: Call, project: Id, case: Id) -> CaseStory:
    seen = view_case(call.actor, call.tools.reports, project, case)
    runs = [
        CaseRunView(
            report=one.run.report, pipeline=one.run.pipeline, job=one.run.job, series=one.run.series,
            commit=one.run.commit, outcome=one.outcome.value, seconds=one.seconds,
            message=one.words.message if one.words else "", created=one.run.created,
        )
        for one in seen.runs
    ]  # fmt: skip
    held = [_quarantine(seen.case, one) for one in seen.quarantines]
    return CaseStory(
        id=case, name=seen.case.title, file=seen.case.file, failed_of=seen.failed_of, runs=runs, quarantines=held
    )


@route("GET", "/projects/{project}/quarantines", t("The test cases in quarantine, and until when."),
       use_case=use_cases.VIEW_REPORTS)  # fmt: skip
def list_quarantines(call: Call, project: Id) -> QuarantineList:
    found = acts.list_quarantines(call.actor, call.tools.reports, project)
    return QuarantineList(quarantines=[_quarantine(case, one) for case, one in found])


@route("PUT", "/projects/{project}/tests/{case}/quarantine", t("Put a test case into quarantine until a day."),
       refusals=(409,), use_case=use_cases.QUARANTINE_TEST)  # fmt: skip
def write_quarantine(call: Call, project: Id, case: Id, body: QuarantineWrite) -> QuarantineList:
    acts.quarantine_case(
        call.actor, call.tools.reports, project, case, owner=body.owner, reason=body.reason, until=body.until
    )
    return list_quarantines.handler(call, project)  # type: ignore[no-any-return]


@route("DELETE", "/projects/{project}/tests/{case}/quarantine", t("Take a test case out of quarantine."), status=204,
       refusals=(409,), use_case=use_cases.QUARANTINE_TEST)  # fmt: skip
def end_quarantine(call: Call, project: Id, case: Id) -> None:
    acts.release_case(call.actor, call.tools.reports, project, case)


def _case(one: CaseSeen) -> CaseView:
    words = one.words
    return CaseView(
        id=one.case.id, name=one.case.title, file=one.case.file, job=one.job, series=one.series,
        layer=one.layer.value, outcome=one.outcome.value, seconds=one.seconds, retries=words.retries if words else "",
        message=words.message if words else "", details=words.details if words else "", change=one.change.value,
        flaky=one.flaky, quarantined=one.quarantine is not None, failed_of=one.failed_of,
    )  # fmt: skip


def _quarantine(case: CaseName, one: Quarantine) -> QuarantineView:
    return QuarantineView(
        id=one.id, case=one.case, name=case.title, file=case.file, owner=one.owner, reason=one.reason,
        until=one.until, created=one.created, by=one.by, ended=one.ended,
    )  # fmt: skip


PART = (list_cases, get_case, list_quarantines, write_quarantine, end_quarantine)
