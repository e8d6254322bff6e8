"""What is said before production is reached: which commit goes where, what is there, whether it goes back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git

from plumbline.access import use_cases
from plumbline.flow.pipelines.cancel_retry_play import play_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.questions import questions_about_job, questions_about_pipeline
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.model.job import JobResult, State

if TYPE_CHECKING:
    from tests.crash.world import World

    from plumbline.flow.pipelines.questions import Question
    from plumbline.model.server import StoredPipeline

pytestmark = pytest.mark.slow

CI = "ship: {script: [make], when: manual, environment: {name: ENV, DEEPER}}\n"


def configured(name: str, deeper: str = "action: start") -> str:
    return CI.replace("ENV", name).replace("DEEPER", deeper)


def project(world: World, tmp_path: Path, text: str) -> int:
    return world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text}))


def asked(world: World, made: StoredPipeline) -> list[Question]:
    [job] = world.jobs(made.id)
    return list(questions_about_job(world.actor(), world.server, use_cases.PLAY_JOB, job.id))


def ship(world: World, made: StoredPipeline, state: State = State.SUCCESS) -> None:
    [job] = world.jobs(made.id)
    play_job(world.actor(), world.server, job.id)
    for descent in [one for question in asked(world, made) for one in question.doubts]:
        world.server.lineage.learn(descent, world.projects.contains)
    [claim] = claim_jobs(world.server, "r/1", 1, 60_000_000, lambda one: one.id == job.id)
    assert finish_job(world.server, claim.job.id, claim.job.lease_owner, claim.job.fence, JobResult(state=state))


@pytest.mark.parametrize(
    ("name", "deeper", "wanted"),
    [
        ("production", "action: start", True),
        ("prod/eu", "action: start", True),
        ("live", "action: start", True),
        ("here", "deployment_tier: production", True),
        ("production", "deployment_tier: staging", False),
        ("staging", "action: start", False),
        ("review/one", "action: start", False),
        ("production", "action: prepare", False),
    ],
)
def test_production_is_known_by_its_tier_or_by_the_rules_for_names(
    world: World, tmp_path: Path, name: str, deeper: str, wanted: bool
) -> None:
    made = run_pipeline(world.actor(), world.server, project(world, tmp_path, configured(name, deeper)))
    assert [one.environment for one in asked(world, made)] == ([name] if wanted else [])


def test_what_is_there_and_whether_it_goes_back_is_said(world: World, tmp_path: Path) -> None:
    number = project(world, tmp_path, configured("production"))
    old = run_pipeline(world.actor(), world.server, number)
    run_git(tmp_path / "repo", "commit", "--allow-empty", "-qm", "Next")
    new = run_pipeline(world.actor(), world.server, number)
    [first] = asked(world, new)
    assert (first.there, first.goes_back) == (None, False)
    ship(world, new)
    [back] = asked(world, old)
    assert back.there is not None
    assert back.there_of is not None
    assert (back.there.commit, back.there_of.id, back.goes_back) == (new.sha, new.id, True)
    run_git(tmp_path / "repo", "commit", "--allow-empty", "-qm", "Newest")
    newest = run_pipeline(world.actor(), world.server, number)
    [on] = asked(world, newest)
    assert on.goes_back is False
    ship(world, newest, State.FAILED)
    [job] = world.jobs(newest.id)
    [again] = questions_about_pipeline(world.actor(), world.server, newest.id)
    assert again.failed is not None
    assert again.there is not None
    assert (again.failed.job, again.failed.commit, again.there.commit) == (job.id, newest.sha, new.sha)
