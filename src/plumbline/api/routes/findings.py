"""Findings of scans, and decisions about them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, Time, Words
from plumbline.api.problem import Problem, problem_of
from plumbline.api.route import route
from plumbline.api.shown_reports import ScanState, scan_shown
from plumbline.flow.reports import decide
from plumbline.flow.reports.view_findings import FindingFilter, view_finding, view_findings, view_scans
from plumbline.kernel import t
from plumbline.model.report import ScanKind, Severity
from plumbline.model.reported import Decision, FindingKept, FindingState


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """``trunk``: it is, or was, on the default branch. ``why``: of its state. ``due``, ``until``: 0: none."""

    id: Id
    project: Id
    kind: str
    tool: str
    rule: str
    title: str
    message: str
    severity: str
    severity_said: str
    path: str
    line: Count
    identifiers: list[str]
    package: str
    fixed_in: list[str]
    object: str
    state: str
    why: str
    trunk: bool
    commit: str
    first: Time
    last: Time
    due: Time
    until: Time


class FindingList(msgspec.Struct, frozen=True, kw_only=True):
    """``scanned``: the projects of which there is a scan at all; of the others there is no data."""

    found: Count
    scanned: list[Id]
    findings: list[FindingView]


class FindingChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``state`` left out: open ones, and those that nobody can tell of."""

    state: FindingState | None = None
    severity: Severity | None = None
    kind: ScanKind | None = None
    tool: Line = ""
    words: Line = ""
    trunk: bool = False
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """``waits``: for a second person. ``until`` 0: for good."""

    id: Id
    finding: Id
    state: str
    owner: str
    reason: str
    by: str
    approver: str
    waits: bool
    until: Time
    created: Time
    ended: Time


class SightingView(msgspec.Struct, frozen=True, kw_only=True):
    """``new``: against the base of its scan."""

    report: Id
    pipeline: Count
    commit: str
    path: str
    line: Count
    new: bool
    created: Time


class FindingDetail(msgspec.Struct, frozen=True, kw_only=True):
    finding: FindingView
    decisions: list[DecisionView]
    sightings: list[SightingView]


class ScanList(msgspec.Struct, frozen=True, kw_only=True):
    scans: list[ScanState]


class DecisionWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``owner``, ``until``: of an acceptance."""

    findings: Annotated[list[Id], Meta(min_length=1, max_length=decide.MOST)]
    act: Literal["accept", "false_positive", "confirm", "reopen"]
    reason: Words
    owner: Line = ""
    until: Time = 0


class DecisionResult(msgspec.Struct, frozen=True, kw_only=True):
    """``waits``: a second person has to agree. ``problem``: why nothing was decided."""

    finding: Id
    waits: bool
    problem: Problem | None


class DecisionResults(msgspec.Struct, frozen=True, kw_only=True):
    results: list[DecisionResult]


@route("GET", "/nodes/{node}/findings", t("What scans of the projects below a node found, the gravest first."),
       use_case=use_cases.LIST_FINDINGS)  # fmt: skip
def list_findings(call: Call, node: Id, query: FindingChoice) -> FindingList:
    chosen = FindingFilter(
        severities=(query.severity,) if query.severity else (), kinds=(query.kind,) if query.kind else (),
        tool=query.tool, words=query.words, trunk=query.trunk, offset=query.offset, limit=query.limit,
    )  # fmt: skip
    if query.state is not None:
        chosen = msgspec.structs.replace(chosen, states=(query.state,))
    seen = view_findings(call.actor, call.tools.reports, node, chosen)
    return FindingList(
        found=seen.found, scanned=sorted(seen.scanned), findings=[_finding(one.finding) for one in seen.findings]
    )


@route("GET", "/findings/{finding}", t("One finding: where it was seen, and what was decided about it."),
       use_case=use_cases.VIEW_FINDINGS)  # fmt: skip
def get_finding(call: Call, finding: Id) -> FindingDetail:
    seen = view_finding(call.actor, call.tools.reports, finding)
    return FindingDetail(
        finding=_finding(seen.finding),
        decisions=[_decision(one) for one in seen.decisions],
        sightings=[
            SightingView(
                report=one.scan.report, pipeline=one.scan.pipeline, commit=one.scan.commit, path=one.sighting.path,
                line=one.sighting.line, new=one.sighting.new, created=one.scan.created,
            )
            for one in seen.sightings
        ],
    )  # fmt: skip


@route("GET", "/projects/{project}/scans", t("The newest scan of the default branch of each kind and tool."),
       use_case=use_cases.VIEW_FINDINGS)  # fmt: skip
def list_scans(call: Call, project: Id) -> ScanList:
    return ScanList(scans=[scan_shown(one.scan) for one in view_scans(call.actor, call.tools.reports, project)])


@route("POST", "/findings/decisions", t("Decide about findings, with one reason; each is decided or refused alone."),
       refusals=(404, 409), use_case=use_cases.DECIDE_FINDING)  # fmt: skip
def decide_findings(call: Call, body: DecisionWrite) -> DecisionResults:
    wanted = decide.Wanted(act=body.act, reason=body.reason, owner=body.owner, until=body.until)
    done = decide.decide_findings(call.actor, call.tools.reports, body.findings, wanted)
    if len(done) == 1 and done[0].error is not None:
        raise done[0].error
    return DecisionResults(
        results=[
            DecisionResult(
                finding=one.finding,
                waits=one.waits,
                problem=problem_of(one.error, call.request_id) if one.error else None,
            )
            for one in done
        ]
    )


@route("POST", "/decisions/{decision}/approve", t("Agree, as a second person, with a decision about a finding."),
       refusals=(409,), use_case=use_cases.APPROVE_DECISION)  # fmt: skip
def approve_decision(call: Call, decision: Id) -> DecisionView:
    return _decision(decide.approve_decision(call.actor, call.tools.reports, decision))


@route("POST", "/decisions/{decision}/reject", t("Reject a decision about a finding that waits for a second person."),
       refusals=(409,), use_case=use_cases.APPROVE_DECISION)  # fmt: skip
def reject_decision(call: Call, decision: Id) -> DecisionView:
    return _decision(decide.approve_decision(call.actor, call.tools.reports, decision, agree=False))


def _finding(one: FindingKept) -> FindingView:
    values = {name: getattr(one, name) for name in FindingView.__struct_fields__}
    enums = {"kind": one.kind.value, "severity": one.severity.value, "state": one.state.value}
    return FindingView(**{**values, **enums, "identifiers": list(one.identifiers), "fixed_in": list(one.fixed_in)})


def _decision(one: Decision) -> DecisionView:
    waits = one.needs_approval and not one.approved and not one.ended
    names = [name for name in DecisionView.__struct_fields__ if name not in ("waits", "state")]
    return DecisionView(**{name: getattr(one, name) for name in names}, waits=waits, state=one.state.value)


PART = (list_findings, get_finding, list_scans, decide_findings, approve_decision, reject_decision)
