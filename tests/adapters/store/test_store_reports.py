"""What the store keeps of reports, on both databases: once each, and what has thousands of parts as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Defect, Measures, ScanKind, Severity
from plumbline.model.reported import (
    CaseName,
    CaseResult,
    CoverageKept,
    Decision,
    FileLines,
    FindingKept,
    FindingState,
    FlakyCase,
    KeptFinding,
    Measure,
    Quarantine,
    ReportDetail,
    ReportFile,
    ScanKept,
    Sighting,
    StoredReport,
    TestRunKept,
)
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from typing import Any

    from plumbline.adapters.store import Store


def add_project(store: Store, name: str = "core") -> int:
    with store.change() as tx:
        top = tx.tree.at("bank") or tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
        node = Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"bank/{name}", parent=top.id)
        return tx.tree.add(node).id


def report(project: int, digest: str = "sha256:a", **fields: Any) -> StoredReport:
    return StoredReport(**{"project": project, "kind": "junit", "name": "junit.xml", "digest": digest, **fields})


def add(store: Store, project: int, digest: str = "sha256:a", **fields: Any) -> StoredReport:
    with store.change() as tx:
        made = tx.reports.add(report(project, digest, **fields), ReportDetail())
    assert made is not None
    return made


def test_the_same_bytes_of_one_job_are_one_report(store: Store) -> None:
    project = add_project(store)
    defects = (Defect("header-disagrees", t("it says {count}", count=3), "/a"),)
    detail = ReportDetail(
        files=(ReportFile(name="a.xml", digest="sha256:a", size=7),),
        defects=defects,
        content=Measures(values={"x": 1.5}),
    )
    with store.change() as tx:
        made = tx.reports.add(report(project, job=3, pipeline=2, counts={"total": 4}), detail)
        assert made is not None
        assert tx.reports.add(report(project, job=3, pipeline=2), detail) is None
        assert tx.reports.add(report(project, job=4, pipeline=2), detail) is not None
    with store.view() as tx:
        assert tx.reports.get(made.id) == made
        assert tx.reports.detail(made.id) == detail
        assert [one.job for one in tx.reports.of_pipelines([2, 9])] == [3, 4]
        assert tx.reports.of_digest("sha256:a", 9)[-1] == made
        assert tx.reports.of_pipelines([0]) == []


def test_a_run_is_kept_with_its_set_and_the_words_of_what_failed(store: Store) -> None:
    project = add_project(store)
    made = add(store, project, pipeline=1, series="test")
    names = [CaseName(name=f"test_{number}", class_name="A", file="a.py") for number in range(2500)]
    with store.change() as tx:
        assert tx.tests.test_set(project, b"one") == 0
        kept = tx.tests.add_set(project, b"one", names, b"u" * 2500)
        assert tx.tests.test_set(project, b"one") == kept
        again = tx.tests.add_set(project, b"two", [*names[1:], CaseName(name="new")], b"-" * 2500)
        cases = tx.tests.sets([kept])[kept].cases
        assert tx.tests.sets([again])[again].cases[:-1] == cases[1:]
        run = TestRunKept(
            report=made.id, project=project, pipeline=1, series="test", commit="ab", total=2500, passed=2499, failed=1,
            cases=kept, outcomes=b"f" + b"p" * 2499, times=b"\x01\x00\x00\x00" * 2500,
        )  # fmt: skip
        words = CaseResult(report=made.id, case=cases[0], outcome=CaseOutcome.FAILED, message="密", details="at a.py:1")
        tx.tests.add_run(run, [words])
    with store.view() as tx:
        assert tx.tests.runs([made.id]) == [run]
        assert tx.tests.runs_on(project, "ab") == [run]
        assert tx.tests.runs_before(project, "test", 5) == [run]
        assert tx.tests.runs_before(project, "test", 5, before=made.id) == []
        assert tx.tests.runs_before(project, "", 5, trunk=True) == []
        assert tx.tests.results(made.id) == {cases[0]: words}
        assert tx.tests.results_of(cases[0], 5) == [words]
        assert tx.tests.names(cases[:2])[cases[1]].title == "A.test_1"
        assert tx.tests.case(project, cases[1]) == tx.tests.names(cases)[cases[1]]
        assert tx.tests.case(project + 1, cases[1]) is None
        assert [one.name for one in tx.tests.find(project, "TEST_249", 3)] == ["test_249", "test_2490", "test_2491"]
        assert tx.tests.find(project, "%", 3) == []


def test_flaky_cases_are_told_once_and_quarantines_end_once(store: Store) -> None:
    project = add_project(store)
    with store.change() as tx:
        kept = tx.tests.add_set(project, b"one", [CaseName(name="a")], b"-")
        (case,) = tx.tests.sets([kept])[kept].cases
        found = FlakyCase(project=project, case=case, commit="ab", series="test", created=5)
        assert tx.tests.add_flaky([found]) == [found]
        assert tx.tests.add_flaky([found]) == []
        assert tx.tests.flaky(project, 5) == [found]
        assert tx.tests.flaky(project, 6) == []
        made = tx.tests.add_quarantine(
            Quarantine(project=project, case=case, owner="mei", reason="network", until=100, created=1, by="li")
        )
        assert tx.tests.quarantines(project, until_after=99) == [made]
        assert tx.tests.quarantines(project, until_after=100) == []
        assert tx.tests.end_quarantine(made.id, 50, "li")
        assert not tx.tests.end_quarantine(made.id, 60, "mei")
        ended = tx.tests.quarantine(made.id)
        assert ended is not None
        assert (ended.ended, ended.ended_by) == (50, "li")
        assert tx.tests.quarantines(project) == []


def test_coverage_keeps_every_line(store: Store) -> None:
    project = add_project(store)
    made = add(store, project)
    kept = CoverageKept(report=made.id, project=project, series="test", lines=4, lines_hit=3, trunk=True)
    files = [FileLines("a.py", (1, 2, 900), (7,), 1, 2, (7, 900)), FileLines("b.py", (), ())]
    with store.change() as tx:
        tx.reports.put_coverage(kept, files)
        tx.reports.add_measures([Measure(report=made.id, project=project, name="line-coverage", value=75.0, unit="%")])
    with store.view() as tx:
        assert tx.reports.coverage([made.id]) == [kept]
        assert tx.reports.coverage_files(made.id) == files
        assert tx.reports.coverage_before(project, "test", 1, trunk=True) == [kept]
        assert [one.value for one in tx.reports.measured(project, "line-coverage", 5)] == [75.0]


def test_findings_have_one_state_and_decisions_end_once(store: Store) -> None:
    project = add_project(store)
    made = add(store, project)
    scan = ScanKept(report=made.id, project=project, kind=ScanKind.SAST, tool="bandit", scope=3, new=1, trunk=True)
    first = FindingKept(
        project=project, kind=ScanKind.SAST, tool="bandit", rule="B1", severity=Severity.LOW, identifiers=("CWE-1",)
    )
    with store.change() as tx:
        grave = FindingKept(project=project, kind=ScanKind.SAST, tool="bandit", severity=Severity.HIGH)
        low, high = tx.findings.add([KeptFinding(first, b"known", b"s"), KeptFinding(grave, b"", b"")])
        seen = [Sighting(low.id, "a.py", 3, True)]
        tx.findings.add_scan(scan, seen)
        assert tx.findings.sightings(made.id) == seen
        kept = tx.findings.of_kind(project, ScanKind.SAST, "bandit")[0]
        assert kept == KeptFinding(low, b"known", b"s") == tx.findings.whole([low.id])[0]
        fixed = msgspec.structs.replace(low, state=FindingState.FIXED, until=9)
        assert tx.findings.change(KeptFinding(fixed, b"known", b"t"))
        assert not tx.findings.change(kept)
        tx.findings.seen([low.id], made.id, 7, "refs/heads/main")
        assert [one.finding.last for one in tx.findings.over(project, 9)] == [7]
        assert tx.findings.over(project, 8) == []
        assert tx.findings.scanned([project, 999]) == {project}
        assert tx.findings.newest_scans(project) == [scan]
        assert [one.id for one in tx.findings.of_project(project)] == [high.id, low.id]
        assert [one.id for one in tx.findings.of_project(project, states=["open"])] == [high.id]
        assert tx.findings.count([project]) == {project: {("fixed", "low"): 1, ("open", "high"): 1}}
        decision = tx.findings.add_decision(
            Decision(finding=low.id, state=FindingState.ACCEPTED, owner="mei", reason="x", by="li", until=9)
        )
        assert tx.findings.approve(decision.id, 5, "wu")
        assert not tx.findings.approve(decision.id, 6, "zhao")
        assert tx.findings.end_decision(decision.id, 9, "")
        assert not tx.findings.end_decision(decision.id, 9, "")
        assert [one.approver for one in tx.findings.decisions([low.id])] == ["wu"]
        assert tx.findings.scans([made.id]) == [scan]
        assert tx.findings.scans_before(project, ScanKind.SAST, "bandit", 1) == [scan]


def test_what_is_over_goes_with_all_that_is_kept_of_it(store: Store) -> None:
    project = add_project(store)
    old, new = add(store, project, created=5), add(store, project, "sha256:b", created=15)
    with store.change() as tx:
        for one in (old, new):
            tx.reports.put_coverage(CoverageKept(report=one.id, project=project), [])
        assert tx.reports.over(project, 10, 9) == [old.id]
        assert tx.reports.remove([old.id, 999]) == 1
        assert tx.reports.coverage([old.id, new.id]) == [CoverageKept(report=new.id, project=project)]
