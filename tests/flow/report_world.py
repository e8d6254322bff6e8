"""Pipelines whose jobs end with reports, without running them: what a job left is handed over with its end."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.reports.sign import sign
from plumbline.flow.reports.tools import ReportTools
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.report import (
    CaseOutcome,
    Coverage,
    FileCoverage,
    Finding,
    Findings,
    Report,
    ScanKind,
    Severity,
    TestCase,
    TestRun,
)
from plumbline.model.reported import ChangedLines, ReadFile, ReadReports
from plumbline.wiring.reports import read_report

if TYPE_CHECKING:
    from tests.crash.world import World

    from plumbline.model.report import Content

OK = JobResult(state=State.SUCCESS, exit_code=0)
BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
LETTERS = {"p": CaseOutcome.PASSED, "f": CaseOutcome.FAILED, "e": CaseOutcome.ERROR, "s": CaseOutcome.SKIPPED}


def tools(world: World) -> ReportTools:
    return ReportTools(units=world.server.units, server=world.server, read=read_report)


def ran(**outcomes: str) -> TestRun:
    """``a="p"``: the case a passed; ``a="fp"``: it failed first, and passed when it was run again."""
    cases = []
    for name, letters in outcomes.items():
        *again, last = (LETTERS[one] for one in letters)
        message = "it broke" if last in (CaseOutcome.FAILED, CaseOutcome.ERROR) else ""
        cases.append(
            TestCase(name=name, class_name="T", file="t.py", outcome=last, retries=tuple(again), seconds=0.5,
                     message=message)
        )  # fmt: skip
    return TestRun(cases=tuple(cases), dialect="pytest")


def coverage(**files: tuple[tuple[int, ...], tuple[int, ...]]) -> Coverage:
    """Path without its ending to lines that were hit, and that were missed."""
    return Coverage(files=tuple(FileCoverage(path=f"{name}.py", hit=hit, missed=missed)
                                for name, (hit, missed) in files.items()))  # fmt: skip


def scan(*found: str, scope: tuple[str, ...] = ("./",), tool: str = "bandit", **fields: Any) -> Report:
    """``B1:high:a.py:3``: a finding of this rule, severity and place."""
    findings = []
    for one in found:
        rule, severity, path, line = one.split(":")
        findings.append(
            Finding(rule=rule, severity=Severity(severity), path=path, line=int(line), message=f"{rule} in {path}",
                    title=rule)
        )  # fmt: skip
    content = Findings(kind=ScanKind.SAST, findings=tuple(findings), scope=scope, **fields)
    return Report(format="sarif", tool=tool, tool_version="1.0", content=content)


def read(content: Content | Report | Any, kind: str = "junit", name: str = "report.xml") -> ReadFile:
    """A file with this content; other content has other bytes."""
    if not isinstance(content, Report) and not hasattr(content, "code"):
        content = Report(format=kind, content=content)
    body = msgspec.json.encode(content, enc_hook=str)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return ReadFile(kind=kind, name=name, digest=digest, size=len(body), content=content)


def finish(
    world: World, *files: ReadFile, job: str = "test", result: JobResult = OK, changed: ChangedLines | None = None
) -> int:
    """The job that waits ends with these reports; its id."""
    for claim in claim_jobs(world.server, "test/1", 10, 30_000_000):
        if claim.job.name == job:
            found, reports = claim.job, ReadReports(tuple(files), changed)
            reports = reports if any(one.signed for one in files) else sign(reports, b"k" * 32, None)
            assert finish_job(world.server, found.id, found.lease_owner, found.fence, result, reports)
            return found.id
    raise AssertionError(f"{job} does not wait")


def run(world: World, project: int, *files: ReadFile, **how: Any) -> int:
    """A pipeline with one job that ends with these reports; its id."""
    wanted = {name: how.pop(name) for name in ("ref", "event", "merge_request", "sha") if name in how}
    pipeline = world.start(project, **wanted).id
    finish(world, *files, **how)
    return pipeline
