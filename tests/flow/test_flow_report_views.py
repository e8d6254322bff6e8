"""What people see of tests and coverage: against which base, which cases first, and what nobody knows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.flow.report_world import coverage, finish, ran, read, run, tools

from plumbline.flow.pipelines.cancel_retry_play import retry_job
from plumbline.flow.reports.seen_tests import CaseChange, CaseOrder, TestFilter
from plumbline.flow.reports.summary import view_summary
from plumbline.flow.reports.view_coverage import view_coverage, view_covered_file, view_project_coverage
from plumbline.flow.reports.view_reports import list_commit_reports, list_job_reports, list_reports, view_report
from plumbline.flow.reports.view_tests import find_cases, view_case, view_project_tests, view_tests
from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Event, MergeRequest
from plumbline.model.report import CaseOutcome, Mutation, Report, Unreadable
from plumbline.model.reported import ChangedLines

if TYPE_CHECKING:
    from tests.crash.world import World

pytestmark = pytest.mark.slow

FILES = {".gitlab-ci.yml": "test: {script: [make], rules: [{when: on_success}]}\n", "a.py": "one\ntwo\nthree\n"}


@pytest.fixture
def project(world: World, tmp_path: Path) -> int:
    repository = make_repository(tmp_path / "repo", FILES)
    run_git(repository, "branch", "topic")
    return world.add_project(repository)


def shown(world: World, pipeline: int, **chosen: object) -> list[tuple[str, str, str]]:
    seen = view_tests(world.actor(), tools(world), pipeline, TestFilter(**chosen))  # type: ignore[arg-type]
    return [(one.case.name, one.outcome.value, one.change.value) for one in seen.cases]


def test_what_failed_and_is_new_comes_first(world: World, project: int) -> None:
    run(world, project, read(ran(a="p", b="f", c="f", d="p", gone="p")))
    pipeline = run(world, project, read(ran(a="p", b="p", c="f", d="f", e="p", f="s")))
    assert shown(world, pipeline) == [
        ("d", "failed", "new_failure"),
        ("c", "failed", "still_failing"),
        ("b", "passed", "fixed"),
        ("e", "passed", "added"),
        ("f", "skipped", "added"),
        ("a", "passed", ""),
    ]
    seen = view_tests(world.actor(), tools(world), pipeline)
    totals = seen.totals
    assert (totals.total, totals.passed, totals.failed, totals.skipped) == (6, 3, 2, 1)
    assert (totals.new_failures, totals.still_failing, totals.fixed, totals.added, totals.gone) == (1, 1, 1, 2, 1)
    assert seen.cases[1].failed_of == (2, 2)
    assert seen.cases[0].failed_of == (1, 2)
    assert seen.cases[0].words is not None
    assert seen.cases[0].words.message == "it broke"


def test_without_a_base_nobody_knows_what_is_new(world: World, project: int) -> None:
    pipeline = run(world, project, read(ran(a="f", b="p")))
    assert shown(world, pipeline) == [("a", "failed", "unknown"), ("b", "passed", "unknown")]
    assert view_tests(world.actor(), tools(world), pipeline).totals.new_failures == 0


def test_a_merge_request_is_held_against_its_target(world: World, project: int, tmp_path: Path) -> None:
    run(world, project, read(ran(a="f", b="p")))
    sha = run_git(tmp_path / "repo", "rev-parse", "topic").strip()
    request = MergeRequest(iid=7, source_branch="topic", target_branch="main", source_sha=sha)
    first = run(world, project, read(ran(a="f", b="f")), event=Event.MERGE_REQUEST, ref="topic", merge_request=request)
    assert shown(world, first) == [("b", "failed", "new_failure"), ("a", "failed", "still_failing")]
    assert len(view_summary(world.actor(), tools(world), first).bases) == 1


def test_a_retried_job_counts_once_and_its_earlier_attempt_is_still_shown(world: World, project: int) -> None:
    pipeline = world.start(project).id
    job = finish(world, read(ran(a="f", b="p")))
    retry_job(world.actor(), world.server, job)
    finish(world, read(ran(a="p", b="p")))
    seen = view_tests(world.actor(), tools(world), pipeline)
    assert [(one.stale, one.run.failed) for one in seen.runs] == [(True, 1), (False, 0)]
    assert (seen.totals.total, seen.totals.bad, seen.totals.flaky) == (2, 0, 1)
    assert [one.case.name for one in seen.cases if one.flaky] == ["a"]
    assert shown(world, pipeline, job=job) == [("a", "failed", "unknown"), ("b", "passed", "unknown")]
    assert [one.job for one in list_job_reports(world.actor(), tools(world), job)] == [job]


def test_cases_are_filtered_ordered_and_shown_in_parts(world: World, project: int) -> None:
    pipeline = run(world, project, read(ran(**{f"case{at}": "p" for at in range(30)}, bad="e", off="s")))
    assert shown(world, pipeline, outcomes=(CaseOutcome.ERROR,)) == [("bad", "error", "unknown")]
    assert [one[0] for one in shown(world, pipeline, words="CASE2", order=CaseOrder.NAME)][:3] == [
        "case2", "case20", "case21",
    ]  # fmt: skip
    assert shown(world, pipeline, changes=(CaseChange.FIXED,)) == []
    assert len(shown(world, pipeline, offset=25, limit=100)) == 7
    assert len(view_tests(world.actor(), tools(world), pipeline).slowest) == 10
    assert [one.name for one in find_cases(world.actor(), tools(world), project, "case29")] == ["case29"]


def test_a_case_has_its_history(world: World, project: int) -> None:
    for letters in ("p", "f", "s", "p"):
        pipeline = run(world, project, read(ran(a=letters, b="p", **{letters: "p"})))
    seen = view_tests(world.actor(), tools(world), pipeline)
    case = next(one.case.id for one in seen.cases if one.case.name == "a")
    history = view_case(world.actor(), tools(world), project, case)
    assert [one.outcome.value for one in history.runs] == ["passed", "skipped", "failed", "passed"]
    assert history.failed_of == (1, 3)
    assert history.runs[0].seconds == 0.5
    over_time = view_project_tests(world.actor(), tools(world), project)
    assert [one.failed for one in over_time.trend] == [0, 1, 0, 0]
    assert [(name.name, commits) for name, commits, _ in over_time.flaky] == [("a", 1)]
    with pytest.raises(PlumblineError, match="There is no test case 999"):
        view_case(world.actor(), tools(world), project, 999)


def test_a_run_that_was_repeated_inside_one_report_is_flaky(world: World, project: int) -> None:
    pipeline = run(world, project, read(ran(a="fp", b="ff")))
    seen = view_tests(world.actor(), tools(world), pipeline)
    assert {one.case.name: (one.flaky, one.words.retries if one.words else "") for one in seen.cases} == {
        "a": (True, "f"), "b": (False, "f"),
    }  # fmt: skip


def test_coverage_is_merged_and_counts_the_changed_lines(world: World, project: int) -> None:
    run(world, project, read(coverage(a=((1,), (2, 3))), "coverage_report"))
    one = read(coverage(a=((1, 2), (3,)), b=((), (9,))), "coverage_report", "one.xml")
    two = read(coverage(a=((3,), (1, 2))), "coverage_report", "two.xml")
    pipeline = run(world, project, one, two, changed=ChangedLines("ab" * 20, {"a.py": (2,), "b.py": (9, 10)}))
    (seen,) = view_coverage(world.actor(), tools(world), pipeline).reports
    assert (seen.kept.lines, seen.kept.lines_hit, seen.kept.changed, seen.kept.changed_hit) == (4, 3, 2, 1)
    assert (seen.percent, seen.changed_percent) == (75.0, 50.0)
    assert round(seen.change or 0, 1) == 41.7
    assert [(file.path, file.hit, file.changed, file.changed_hit) for file in seen.files] == [
        ("a.py", 3, 1, 1), ("b.py", 0, 1, 0),
    ]  # fmt: skip
    file = view_covered_file(world.actor(), tools(world), seen.report.id, "a.py")
    assert file.file.hit == (1, 2, 3)
    assert file.source == ["one", "two", "three"]
    assert [one.lines_hit for one in view_project_coverage(world.actor(), tools(world), project).trend] == [1, 3]
    measured = [entry for entry in world.events("measurement") if b"line-coverage" in entry.body]
    assert len(measured) == 3  # twice the total, once the changed lines


def test_one_summary_says_it_all_and_nothing_of_what_nobody_knows(world: World, project: int) -> None:
    nothing = view_summary(world.actor(), tools(world), run(world, project))
    assert (nothing.tests, list(nothing.coverage), list(nothing.scans)) == (None, [], [])
    bad = read(Unreadable(code="no-mark", message=t("Nothing says what it is.")), "junit", "x.xml")
    other = read(Mutation(killed=3, survived=1), "pit")
    pipeline = run(world, project, read(ran(a="f")), read(coverage(a=((1,), ())), "coverage_report"), bad, other)
    seen = view_summary(world.actor(), tools(world), pipeline)
    assert seen.tests is not None
    assert (seen.tests.failed, [one.case.name for one in seen.failures]) == (1, ["a"])
    assert [one.percent for one in seen.coverage] == [100.0]
    assert [one.problem for one in seen.unreadable] == ["no-mark"]
    assert ("mutation-score", 75.0) in [(one.name, one.value) for one in seen.measures]


def test_a_report_about_another_commit_is_flagged_and_counts_for_nothing(world: World, project: int) -> None:
    foreign = Report(format="junit", content=ran(a="p"), about="ab" * 20)
    pipeline = run(world, project, read(foreign))
    (report,) = list_reports(world.actor(), tools(world), pipeline)
    assert report.flagged == "other-commit"
    assert view_summary(world.actor(), tools(world), pipeline).tests is None
    assert world.events("testsuiterun") == []
    assert view_report(world.actor(), tools(world), report.id).detail.files[0].digest == report.digest
    assert list(list_commit_reports(world.actor(), tools(world), project, report.commit)) == [report]


def test_the_ledger_names_few_cases_of_many(world: World, project: int) -> None:
    many = {f"c{at}": "p" for at in range(3000)}
    run(world, project, read(ran(**many, bad="f")))
    named = world.events("testcaserun.finished")
    assert len(named) == 21
    assert sum(b'"failure"' in entry.body for entry in named) == 1
    (suite,) = world.events("testsuiterun.finished")
    assert b'"total":3001' in suite.body
    assert b'"named":21' in suite.body
