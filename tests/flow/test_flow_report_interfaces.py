"""The contract of an interface against what tests of a pipeline called, whichever jobs told of either."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
sys.path.insert(0, str(Path(__file__).parent))
from local_repositories import make_repository
from report_world import BAD, finish, read, tools

from plumbline.access.use_cases import ADD_REPORT
from plumbline.flow.reports.add_report import take_one
from plumbline.flow.reports.contents import INTERFACE_COVERAGE
from plumbline.flow.reports.subject import of_pipeline
from plumbline.flow.reports.summary import view_summary
from plumbline.flow.reports.view_contracts import view_contracts
from plumbline.model.report import Call, Calls, CaseOutcome, Contract, Operation, Report, TestCase, Tested, TestRun
from plumbline.model.reported import Origin, ReadReports
from plumbline.reports.interface.coverage import Standing

if TYPE_CHECKING:
    from tests.crash.world import World

    from plumbline.flow.reports.interface import ContractSeen

pytestmark = pytest.mark.slow

CONFIGURATION = "{test: {script: [make]}, more: {stage: deploy, script: [make]}}"
DECLARED = Contract(operations=(Operation("GET", "/a"), Operation("GET", "/b/{id}")), style="openapi", title="Bank")
A = Call(verb="GET", name="/a", test="t", asserted=True, status=200)
B = Call(verb="GET", name="/b/7", test="u", status=200)


@pytest.fixture
def project(world: World, tmp_path: Path) -> int:
    return world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": CONFIGURATION}))


def seen(world: World, pipeline: int) -> ContractSeen:
    [found] = view_contracts(world.actor(), tools(world), pipeline)
    return found


def standings(world: World, pipeline: int) -> list[Standing]:
    coverage = seen(world, pipeline).coverage
    assert coverage is not None
    return [one.standing for one in coverage.operations]


def test_one_operation_is_untested_then_all_are_tested(world: World, project: int) -> None:
    pipeline = world.start(project).id
    finish(world, read(DECLARED, "openapi"), read(Calls(calls=(A, B)), "har"))
    assert standings(world, pipeline) == [Standing.COVERED, Standing.UNTOLD]
    finish(world, read(Calls(tests=(Tested(test="u", asserted=True),)), "plumbline_calls"), job="more")
    assert standings(world, pipeline) == [Standing.COVERED, Standing.COVERED]
    with world.store.view() as tx:
        found = tx.reports.measured(project, INTERFACE_COVERAGE, 9)
    assert [(one.value, one.numerator, one.denominator) for one in found] == [(100, 2, 2), (50, 1, 2)]
    told = view_summary(world.actor(), tools(world), pipeline).measures
    assert [(one.name, one.value) for one in told] == [(INTERFACE_COVERAGE, 100)]


def test_properties_of_a_test_report_tell_of_calls_too(world: World, project: int) -> None:
    said = {"operation": "GET /b/{id}", "assertions": "2"}
    run = TestRun(cases=(TestCase(name="x", outcome=CaseOutcome.PASSED, properties=said),))
    pipeline = world.start(project).id
    finish(world, read(DECLARED, "openapi"), read(run))
    assert standings(world, pipeline) == [Standing.NEVER, Standing.COVERED]


def test_a_contract_of_which_nobody_tells_calls_is_no_data(world: World, project: int) -> None:
    pipeline = world.start(project).id
    finish(world, read(DECLARED, "openapi"))
    assert seen(world, pipeline).coverage is None


def test_only_the_newest_attempt_at_a_job_counts(world: World, project: int) -> None:
    from plumbline.flow.pipelines.cancel_retry_play import retry_job

    pipeline = world.start(project).id
    first = finish(world, read(DECLARED, "openapi"), read(Calls(calls=(A,)), "har"), result=BAD)
    retry_job(world.actor(), world.server, first)
    finish(world, read(DECLARED, "openapi"), read(Calls(calls=(B,)), "har"))
    assert standings(world, pipeline) == [Standing.NEVER, Standing.UNTOLD]


def test_what_is_not_believed_counts_nowhere(world: World, project: int) -> None:
    other = Report(format="har", content=Calls(calls=(A,)), about="0" * 40)
    pipeline = world.start(project).id
    finish(world, read(DECLARED, "openapi"), read(other, "har"))
    assert seen(world, pipeline).coverage is None


def test_what_a_job_measured_rests_on_no_calls_that_a_person_brought(world: World, project: int) -> None:
    pipeline = world.start(project).id
    finish(world, read(DECLARED, "openapi"), read(Calls(calls=(A,)), "har"))
    with world.server.units.change(world.actor()) as unit:
        subject = of_pipeline(world.pipeline(pipeline), "person:eve:har", Origin.PERSON, "eve")
        unit.require(ADD_REPORT, project)
        told = Calls(calls=(B,), tests=(Tested(test="u", asserted=True),))
        take_one(unit, tools(world), subject, ReadReports((read(told, "har"),)))
    finish(world, read(Calls(calls=(A, A)), "har"), job="more")
    with world.store.view() as tx:
        found = tx.reports.measured(project, INTERFACE_COVERAGE, 9)
        origins = {one.id: one.origin for one in tx.reports.of_pipelines([pipeline])}
    assert [(origins[one.report], one.value) for one in found] == [
        (Origin.JOB, 50), (Origin.PERSON, 100), (Origin.JOB, 50),
    ]  # fmt: skip
    told_of = [one.body for one in world.events("measurement.recorded")]
    assert len(told_of) == 2
    assert b'"value":100' not in b"".join(told_of)
