"""Both engines follow the same rules: `plumb run` and the server play the cases of tests/cases/pipeline/scheduling."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
import yaml
from flow_simulators import Files, Script, planned, play, tools

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository
from tests.crash.world import World

from plumbline.flow.jobs.control import Control
from plumbline.flow.pipelines.cancel_retry_play import cancel_pipeline
from plumbline.flow.pipelines.claim_jobs import Claim, claim_jobs, finish_job, start_downstream
from plumbline.model.job import JobOrder, JobResult, State
from plumbline.model.ports.jobs import Cancellation, JobLog
from plumbline.model.server import ProcessMode

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

CASES = Path(__file__).parent.parent / "cases/pipeline/scheduling"
LEASE = 30_000_000
OK = JobResult(state=State.SUCCESS, exit_code=0)
Ends = dict[str, list[JobResult]]  # by job: how its attempts end


class Attempted(NamedTuple):
    state: str
    warning: bool


class Outcome(NamedTuple):
    """What came of a pipeline and of what it started."""

    jobs: dict[str, list[Attempted]]
    pipeline: str


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["case"]) for case in yaml.safe_load((CASES / name).read_text())]


class Told(Script):
    """Ends jobs as it is told; the first one only after it was canceled, where that is wanted."""

    def __init__(self, ends: Ends, control: Control | None) -> None:
        super().__init__()
        self._ends = ends
        self._control = control

    def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult:  # noqa: ARG002
        if self._control is not None:
            self._control.cancel()
            while not cancel.level:
                time.sleep(0.001)
        return self._ends.get(order.name, [OK])[order.attempt - 1]


def on_this_machine(folder: Path, files: dict[str, str], ends: Ends, canceled: bool) -> Outcome:  # noqa: ARG001
    control = Control()
    given = tools(Told(ends, control if canceled else None), repository=Files(**files))
    record = play(planned(given), None, tools=given, control=control)
    jobs: dict[str, list[Attempted]] = {}
    for job in record.jobs:
        jobs.setdefault(job.name, []).append(Attempted(job.state.value, job.allow_failure))
    return Outcome(jobs, record.state.value)


def on_the_server(folder: Path, files: dict[str, str], ends: Ends, canceled: bool) -> Outcome:
    world = World(folder / "data")
    try:
        made = world.start(world.add_project(make_repository(folder / "repository", files)))
        while claims := claim_jobs(world.server, "test/1", 10, LEASE):
            for claim in claims:
                if canceled:
                    cancel_pipeline(world.actor(), world.server, made.id)
                _carry_out(world, claim, ends)
        jobs: dict[str, list[Attempted]] = {}
        with world.store.view() as tx:
            for number in (made.id, *(child.id for child in tx.pipelines.newest(9) if child.upstream)):
                for job in tx.jobs.of(number):
                    jobs.setdefault(job.name, []).append(Attempted(job.state.value, job.allow_failure))
        return Outcome(jobs, world.pipeline(made.id).state.value)
    finally:
        world.close()


def _carry_out(world: World, claim: Claim, ends: Ends) -> None:
    job = claim.job
    if claim.planned.trigger is None:
        result = ends.get(job.name, [OK])[job.attempt - 1]
        assert finish_job(world.server, job.id, job.lease_owner, job.fence, result)
    else:
        seen = world.projects.tools(claim.pipeline.project, claim.pipeline.change, (), {})
        start_downstream(world.server, claim, seen.job_environment(claim.pipeline.id), seen)


engines = pytest.mark.parametrize("engine", [on_this_machine, on_the_server])
Engine = Callable[[Path, dict[str, str], Ends, bool], Outcome] if TYPE_CHECKING else Any


@engines
@pytest.mark.parametrize("case", cases("endings.yml"))
def test_ending(tmp_path: Path, engine: Engine, case: dict[str, Any]) -> None:
    configuration = {
        "stages": ["one", "two"],
        "a": {"stage": "one", "script": ["x"], **case["a"]},
        "b": {"stage": "two", "script": ["x"]},
    }
    ends = {"a": [msgspec.convert(end, JobResult) for end in case["ends"]]}
    files = {".gitlab-ci.yml": json.dumps(configuration)}
    found = engine(tmp_path, files, ends, case.get("canceled", False))
    warnings = case.get("warnings", ())
    assert found.jobs["a"] == [Attempted(state, n in warnings) for n, state in enumerate(case["attempts"], 1)]
    assert [state for state, _ in found.jobs["b"]] == [case["b"]]
    assert found.pipeline == case["pipeline"]


@engines
@pytest.mark.parametrize("case", cases("downstream.yml"))
def test_downstream(tmp_path: Path, engine: Engine, case: dict[str, Any]) -> None:
    trigger = {"include": "child.yml", **({"strategy": case["strategy"]} if "strategy" in case else {})}
    files = {".gitlab-ci.yml": json.dumps({"t": {"trigger": trigger}}), "child.yml": json.dumps({"c": case["child"]})}
    ends = {"c": [JobResult(state=State(case.get("ends", "success")))]}
    found = engine(tmp_path, files, ends, False)
    assert [state for state, _ in found.jobs["t"]] == [case["trigger"]]
    assert [state for state, _ in found.jobs["c"]] == [case.get("ends", "manual")]
    assert found.pipeline == case["pipeline"]


_BUILD = {"stage": "build", "script": ["x"]}
_DEPLOY = {"stage": "deploy", "script": ["x"], "resource_group": "production"}
_MANUAL = {"when": "manual", "allow_failure": False}


@pytest.mark.parametrize("case", cases("resource_groups.yml"))
def test_resource_group_on_the_server(world: World, tmp_path: Path, case: dict[str, Any]) -> None:
    home = make_repository(tmp_path / "repository", {"x": "1"})
    number, made = world.add_project(home), []
    for state in case["pipelines"]:
        jobs = {"build": _BUILD, "deploy": _DEPLOY | (_MANUAL if state == "manual" else {})}
        commit(home, {".gitlab-ci.yml": json.dumps({"workflow": {"auto_cancel": {"on_new_commit": "none"}}, **jobs})})
        made.append(world.start(number).id)
    with world.store.change() as tx:
        tx.resources.set_mode(number, "production", ProcessMode(case["mode"]))
    builds = claim_jobs(world.server, "test/1", 10, LEASE, lambda job: job.name == "build")
    for claim in builds:
        state = case["pipelines"][made.index(claim.pipeline.id)]
        if state == "over":
            cancel_pipeline(world.actor(), world.server, claim.pipeline.id)
        if state != "coming":
            finish_job(world.server, claim.job.id, claim.job.lease_owner, claim.job.fence, OK)
    taken = [made.index(claim.pipeline.id) + 1 for claim in claim_jobs(world.server, "test/1", 10, LEASE)]
    assert taken == [case["next"]] * bool(case["next"])


def test_a_trigger_job_holds_its_resource_group_until_what_it_started_has_ended() -> None:
    jobs = {
        "t": {"trigger": {"include": "child.yml", "strategy": "depend"}, "resource_group": "production"},
        "deploy": {"script": ["x"], "resource_group": "production"},
    }
    executor = Script(c=0.1)
    given = tools(executor, repository=Files(**{".gitlab-ci.yml": json.dumps(jobs), "child.yml": "c: {script: [x]}"}))
    record = play(planned(given), executor, tools=given)
    assert record.state is State.SUCCESS
    assert executor.spans["c"][1] <= executor.spans["deploy"][0]


def test_a_job_that_waits_for_what_waits_for_it_is_stuck() -> None:
    jobs = {"t": {"trigger": {"include": "child.yml", "strategy": "depend"}, "resource_group": "production"}}
    child = "c: {script: [x], resource_group: production}"
    given = tools(Script(), repository=Files(**{".gitlab-ci.yml": json.dumps(jobs), "child.yml": child}))
    record = play(planned(given), None, tools=given)
    assert record.state is State.FAILED
    stuck = next(job for job in record.jobs if job.name == "c")
    assert (stuck.state, stuck.reason) == (State.FAILED, "stuck_or_timeout_failure")
    assert "production" in stuck.message
