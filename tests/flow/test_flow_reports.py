"""What jobs leave as reports is read when they end, kept once, and told to the ledger."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository

from plumbline.adapters.data_folder import log_path
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.recover import recover_own
from plumbline.flow.reports import take_in
from plumbline.flow.tree.variables import variable_place
from plumbline.model.job import JobResult, State
from plumbline.model.tree import StoredVariable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.crash.world import World

pytestmark = pytest.mark.slow

OK = JobResult(state=State.SUCCESS)
CONFIGURATION = """
test:
  script: [cp {file} junit.xml, "exit {code}"]
  artifacts: {{when: always, reports: {{junit: "*.xml"}}}}
"""


def junit(*cases: str) -> str:
    return f'<testsuite name="pytest">{"".join(cases)}</testsuite>'


def passed(name: str) -> str:
    return f'<testcase classname="tests.test_pay.TestPay" name="{name}" time="0.25"/>'


def failed(name: str) -> str:
    return (
        f'<testcase classname="tests.test_pay.TestPay" name="{name}" time="1.5">'
        '<failure message="assert 3 == 4">tests/test_pay.py:7: AssertionError</failure></testcase>'
    )


def skipped(name: str) -> str:
    return f'<testcase classname="tests.test_pay.TestPay" name="{name}"><skipped message="no network"/></testcase>'


@contextmanager
def running(world: World) -> Iterator[None]:
    runner = world.runner()
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        yield
    finally:
        runner.stop()
        thread.join(20)
        assert not thread.is_alive()


def finish(world: World, project: int, **wanted: Any) -> int:
    pipeline = world.start(project, **wanted).id
    with running(world):
        until = time.monotonic() + 60
        while not world.pipeline(pipeline).finished:
            assert time.monotonic() < until, (world.states(pipeline), world.complaints)
            time.sleep(0.02)
    return pipeline


def repository(tmp_path: Path, report: str, code: int = 0) -> Path:
    files = {".gitlab-ci.yml": CONFIGURATION.format(file="report", code=code), "report": report}
    return make_repository(tmp_path / "repo", files)


def events(world: World, kind: str) -> list[Any]:
    return [msgspec.json.decode(entry.body) for entry in world.store.ledger.read() if f".{kind}." in entry.type]


def test_what_a_job_left_is_kept_with_its_end(world: World, tmp_path: Path) -> None:
    folder = repository(tmp_path, junit(passed("a"), failed("b"), skipped("c")), code=1)
    pipeline = finish(world, world.add_project(folder))
    with world.store.view() as tx:
        (job,) = tx.jobs.of(pipeline)
        (report,) = tx.reports.of_pipelines([pipeline])
        (run,) = tx.tests.runs([report.id])
        words = tx.tests.results(report.id)
        names = tx.tests.names(tx.tests.sets([run.cases])[run.cases].cases)
    assert (job.state, report.job, report.holds, report.origin) == (State.FAILED, job.id, "tests", "job")
    assert (run.total, run.passed, run.failed, run.skipped, run.milliseconds) == (3, 1, 1, 1, 1750)
    assert {names[one.case].name: one.message for one in words.values()} == {"b": "assert 3 == 4", "c": "no network"}
    log = Path(log_path(world.data, pipeline, job.id)).read_text()
    assert "tests: 3, 1 skipped, 1 failed (TestPay.b)" in log


def test_the_ledger_is_told_of_the_run_and_of_its_cases(world: World, tmp_path: Path) -> None:
    folder = repository(tmp_path, junit(passed("a"), failed("b"), skipped("c")))
    pipeline = world.pipeline(finish(world, world.add_project(folder)))
    (started,) = events(world, "testsuiterun.started")
    (ended,) = events(world, "testsuiterun.finished")
    cases = {one["subject"]["content"]["testCase"]["name"]: one for one in events(world, "testcaserun.finished")}
    assert started["subject"]["content"]["trigger"] == {"type": "pipeline"}
    assert ended["subject"]["content"]["outcome"] == "failure"
    assert ended["subject"]["content"]["testSuite"]["version"] == pipeline.sha
    assert {**ended["customData"], "report": ""} == {
        "commit": pipeline.sha, "total": 3, "failed": 1, "skipped": 1, "errors": 0, "flaky": 0, "quarantined": 0,
        "named": 2, "types": {"unknown": 2}, "report": "", "project": "bank/core",
    }  # fmt: skip
    assert {name: one["subject"]["content"]["outcome"] for name, one in cases.items()} == {
        "TestPay.a": "success",
        "TestPay.b": "failure",
    }


def test_both_results_on_one_commit_make_a_case_flaky(world: World, tmp_path: Path) -> None:
    script = """
test:
  script: ["if [ $CI_PIPELINE_IID = 1 ]; then cp bad junit.xml; else cp good junit.xml; fi"]
  artifacts: {reports: {junit: junit.xml}}
"""
    files = {".gitlab-ci.yml": script, "bad": junit(failed("a"), failed("b")), "good": junit(passed("a"), failed("b"))}
    project = world.add_project(make_repository(tmp_path / "repo", files))
    finish(world, project)
    with world.store.view() as tx:
        assert tx.tests.flaky(project, 0) == []
    finish(world, project)
    with world.store.view() as tx:
        (found,) = tx.tests.flaky(project, 0)
        assert tx.tests.names([found.case])[found.case].name == "a"
    assert [one["customData"]["flaky"] for one in events(world, "testsuiterun.finished")] == [0, 1]


def test_a_file_that_is_no_report_is_kept_as_unreadable_and_the_job_succeeds(world: World, tmp_path: Path) -> None:
    pipeline = finish(world, world.add_project(repository(tmp_path, "<html/>")))
    with world.store.view() as tx:
        (job,) = tx.jobs.of(pipeline)
        (report,) = tx.reports.of_pipelines([pipeline])
    assert job.state is State.SUCCESS
    assert (report.holds, report.problem) == ("", "no-mark")
    assert "junit" in report.message
    assert events(world, "testsuiterun.finished") == []


def test_secrets_do_not_get_into_what_is_kept(world: World, tmp_path: Path) -> None:
    """The variable is masked, as it is in the log."""
    report = junit('<testcase classname="T" name="a"><failure message="got hunter2hunter2">x</failure></testcase>')
    project = world.add_project(repository(tmp_path, report))
    with world.store.change() as tx:
        sealed = world.vault.seal(b"hunter2hunter2", variable_place(project, "KEY", "*"))
        tx.variables.put(StoredVariable(node=project, name="KEY", sealed=sealed, masked=True))
    pipeline = finish(world, project)
    with world.store.view() as tx:
        (one,) = tx.reports.of_pipelines([pipeline])
        (words,) = tx.tests.results(one.id).values()
    assert words.message == "got [MASKED]"


def test_a_process_that_dies_before_it_told_leaves_nothing_twice(world: World, tmp_path: Path) -> None:
    """The job is begun anew, and its reports are kept once, with its one end."""
    project = world.add_project(repository(tmp_path, junit(passed("a"))))
    pipeline = world.start(project).id
    [claim] = claim_jobs(world.server, "test/one", 1, 30_000_000)
    recover_own(world.server, "test/", "test/two")  # what was read by the first one was told to nobody
    with world.store.view() as tx:
        assert tx.reports.of_pipelines([pipeline]) == []
    with running(world):
        until = time.monotonic() + 60
        while not world.pipeline(pipeline).finished:
            assert time.monotonic() < until, world.states(pipeline)
            time.sleep(0.02)
    late = finish_job(world.server, claim.job.id, "test/one", claim.job.fence, claim.job.result or OK)
    assert not late
    with world.store.view() as tx:
        assert [one.job != claim.job.id for one in tx.reports.of_pipelines([pipeline])] == [True]
    assert len(events(world, "testsuiterun.finished")) == 1


def test_a_fault_in_keeping_reports_changes_no_result(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(take_in, "keep_tests", broken)
    pipeline = finish(world, world.add_project(repository(tmp_path, junit(passed("a")))))
    with world.store.view() as tx:
        assert [job.state for job in tx.jobs.of(pipeline)] == [State.SUCCESS]
        assert [(one.holds, one.problem) for one in tx.reports.of_pipelines([pipeline])] == [("", "fault")]
