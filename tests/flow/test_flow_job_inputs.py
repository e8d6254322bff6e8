"""Inputs of a job on the server: given as it is played or retried, kept with the attempt, filled in, told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.world import World

from plumbline.flow.pipelines.cancel_retry_play import play_job, retry_job, retry_pipeline
from plumbline.flow.pipelines.claim_jobs import Claim, claim_jobs, finish_job
from plumbline.kernel import PlumblineError
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.pipeline import fill_inputs

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow

BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
DEPLOY = """
deploy:
  when: manual
  inputs:
    where: {default: test, options: [test, live]}
    count: {type: number, default: 1}
    dry: {type: boolean, default: true}
    hosts: {type: array, default: []}
  script: ["go ${{ job.inputs.where }} ${{ job.inputs.count }} ${{ job.inputs.dry }} ${{ job.inputs.hosts }}"]
plain: {when: manual, script: [make]}
again: {when: manual, retry: 1, inputs: {a: {default: b}}, script: ["echo ${{ job.inputs.a }}"]}
"""


@pytest.fixture
def jobs(world: World, tmp_path: Path) -> dict[str, int]:
    made = world.start(world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": DEPLOY})))
    return {job.name: job.id for job in world.jobs(made.id)}


def take(world: World) -> Claim:
    [claim] = claim_jobs(world.server, "test/1", 10, 30_000_000)
    return claim


def fail(world: World, claim: Claim) -> None:
    assert finish_job(world.server, claim.job.id, claim.job.lease_owner, claim.job.fence, BAD)


def inputs_told(world: World) -> list[Any]:
    contents = [json.loads(entry.body)["subject"]["content"] for entry in world.events("taskrun.stateChanged")]
    return [{one["name"]: one["value"] for one in content["inputs"]} for content in contents if "inputs" in content]


def test_given_as_it_is_played(world: World, jobs: dict[str, int]) -> None:
    given = {"where": "live", "count": "3", "dry": "false", "hosts": '["a"]'}
    played = play_job(world.actor(), world.server, jobs["deploy"], given)
    assert played.inputs == {"where": "live", "count": 3, "dry": False, "hosts": ["a"]}
    claim = take(world)
    assert claim.job.inputs == played.inputs
    assert fill_inputs(claim.planned).script == ('go live 3 false ["a"]',)
    assert inputs_told(world) == [{"where": "live", "count": "3", "dry": "false", "hosts": '["a"]'}]


def test_what_is_the_default_is_not_given(world: World, jobs: dict[str, int]) -> None:
    assert play_job(world.actor(), world.server, jobs["deploy"], {"where": "test", "count": "1"}).inputs == {}
    assert fill_inputs(take(world).planned).script == ("go test 1 true []",)
    assert inputs_told(world) == []


def test_a_new_attempt_has_those_of_the_last_but_for_what_is_given(world: World, jobs: dict[str, int]) -> None:
    first = play_job(world.actor(), world.server, jobs["deploy"], {"where": "live", "count": 2})
    fail(world, take(world))
    second = retry_job(world.actor(), world.server, first.id)
    assert second.inputs == {"where": "live", "count": 2}
    fail(world, take(world))
    third = retry_job(world.actor(), world.server, second.id, {"count": 1, "dry": False})
    assert third.inputs == {"where": "live", "dry": False}
    claim = take(world)
    assert fill_inputs(claim.planned).script == ("go live 1 false []",)
    fail(world, claim)
    retry_pipeline(world.actor(), world.server, third.pipeline)
    assert take(world).job.inputs == {"where": "live", "dry": False}
    played, kept = {"where", "count"}, {"where", "dry"}
    assert [set(told) for told in inputs_told(world)] == [played, played, kept, kept]


def test_an_attempt_that_follows_by_itself_has_them_too(world: World, jobs: dict[str, int]) -> None:
    play_job(world.actor(), world.server, jobs["again"], {"a": "c"})
    fail(world, take(world))
    claim = take(world)
    assert (claim.job.attempt, fill_inputs(claim.planned).script) == (2, ("echo c",))


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("deploy", {"where": "prod"}, "cannot be prod"),
        ("deploy", {"wher": "live"}, "there is no input wher"),
        ("deploy", {"count": "many"}, "takes a number"),
        ("plain", {"a": "b"}, "there is no input a"),
    ],
)
def test_what_it_does_not_take_is_refused_and_starts_nothing(
    world: World, jobs: dict[str, int], name: str, given: dict[str, object], says: str
) -> None:
    with pytest.raises(PlumblineError, match=says) as caught:
        play_job(world.actor(), world.server, jobs[name], given)
    assert caught.value.code == "job-input"
    assert not claim_jobs(world.server, "test/1", 10, 30_000_000)
    assert inputs_told(world) == []
