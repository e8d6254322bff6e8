"""Who started, played, retried and canceled what, and which pipelines started which."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.crash.world import ahead

from plumbline.flow.pipelines import schedules
from plumbline.flow.pipelines.cancel_retry_play import cancel_job, cancel_pipeline, play_job, retry_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job, start_downstream
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.whence import NOWHERE, whence, whence_of_jobs
from plumbline.model.job import JobResult, State
from plumbline.model.person import Role
from plumbline.model.server import Pressed, Schedule, Webhook, WebhookKind

if TYPE_CHECKING:
    from tests.crash.world import World

    from plumbline.flow.pipelines.whence import JobWhence, Whence
    from plumbline.model.server import StoredJob, StoredPipeline

pytestmark = pytest.mark.slow

CI = """
stages: [build, release, after]
build: {stage: build, script: [make], retry: 1}
release: {stage: release, script: [make], when: manual, allow_failure: false}
after: {stage: after, script: [make]}
"""
PARENT = "child: {trigger: {include: child.yml, strategy: depend}}\n"


@pytest.fixture
def number(world: World, tmp_path: Path) -> int:
    return world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": CI}))


def title(world: World, name: str, called: str) -> None:
    with world.store.change() as tx:
        person = tx.people.named(name)
        assert person is not None
        tx.people.save(replace(person, title=called))


def of(world: World, pipeline: StoredPipeline, who: str = "ada") -> Whence:
    return whence(world.actor(who), world.server, [pipeline]).get(pipeline.id, NOWHERE)


def newest(world: World, pipeline: StoredPipeline, name: str) -> StoredJob:
    return [one for one in world.jobs(pipeline.id) if one.name == name][-1]


def of_job(world: World, job: StoredJob, who: str = "ada") -> JobWhence:
    return whence_of_jobs(world.actor(who), world.server, [job])[job.id]


def end(world: World, pipeline: StoredPipeline, name: str, state: State = State.SUCCESS) -> None:
    wanted = newest(world, pipeline, name).id
    [claim] = claim_jobs(world.server, "r/1", 1, 60_000_000, lambda one: one.id == wanted)
    assert finish_job(world.server, claim.job.id, claim.job.lease_owner, claim.job.fence, JobResult(state=state))


def trigger(world: World, pipeline: StoredPipeline) -> StoredPipeline:
    """What the trigger job of a pipeline starts."""
    [claim] = claim_jobs(world.server, "r/1", 1, 60_000_000)
    tools = world.projects.tools(pipeline.project, pipeline.change, (), {}, by=0)
    bench = tools.job_environment(pipeline.id)
    start_downstream(world.server, claim, bench, tools)
    bench.close()
    with world.store.view() as tx:
        found = tx.pipelines.downstream(claim.job.id)
    assert found is not None
    return found


def test_a_person_of_the_server_is_called_by_their_title(world: World, number: int) -> None:
    world.actor("fang", Role.DEVELOPER)
    title(world, "fang", "王芳")
    made = run_pipeline(world.actor("fang"), world.server, number)
    assert of(world, made).starter == "王芳"


def test_who_pushed_is_called_as_the_forge_does_and_is_nobody_here(world: World, number: int, tmp_path: Path) -> None:
    world.actor("wei")
    title(world, "wei", "somebody else")
    sha = run_git(tmp_path / "repo", "rev-parse", "HEAD")
    told = Webhook(forge="git", delivery="1", kind=WebhookKind.PUSH, ref="main", after=sha, user="wei",
                   user_name="Li Wei")  # fmt: skip
    made = world.made(number, told)
    assert made is not None
    assert (of(world, made).starter, made.by) == ("Li Wei", 0)


def test_a_schedule_is_named_by_its_title_as_long_as_it_is_there(world: World, number: int) -> None:
    put = schedules.put_schedule(
        world.actor(), world.server, Schedule(project=number, cron="0 * * * *", title="Nightly")
    )
    ahead(world, 3601)
    [made] = run_schedules(world.server)
    assert (made.schedule, of(world, made).schedule, of(world, made).starter) == (put.id, "Nightly", "ada")
    schedules.remove_schedule(world.actor(), world.server, put.id)
    assert (made.schedule, of(world, made).schedule) == (put.id, None)


def test_what_was_pressed_is_of_that_job_alone(world: World, number: int) -> None:
    made = run_pipeline(world.actor(), world.server, number)
    end(world, made, "build")
    world.actor("fang", Role.MAINTAINER)
    title(world, "fang", "王芳")
    play_job(world.actor("fang"), world.server, newest(world, made, "release").id)
    end(world, made, "release", State.FAILED)
    assert newest(world, made, "after").state is State.SKIPPED
    retry_job(world.actor("fang"), world.server, newest(world, made, "release").id)
    first, second = [one for one in world.jobs(made.id) if one.name == "release"]
    assert (first.pressed, of_job(world, first).person) == (Pressed.PLAY, "王芳")
    assert (second.pressed, second.attempt, of_job(world, second).person) == (Pressed.RETRY, 2, "王芳")
    end(world, made, "release")
    after = newest(world, made, "after")
    assert (after.pressed, of_job(world, after).person) == (Pressed.NOTHING, "王芳")  # on her behalf; she did not
    build = newest(world, made, "build")
    assert (build.pressed, of_job(world, build).person) == (Pressed.NOTHING, "")


def test_an_attempt_that_follows_by_itself_is_of_who_pressed_the_one_before(world: World, number: int) -> None:
    made = run_pipeline(world.actor(), world.server, number)
    end(world, made, "build", State.FAILED)
    second = newest(world, made, "build")
    assert (second.attempt, second.pressed, second.by) == (2, Pressed.NOTHING, 0)
    end(world, made, "build", State.FAILED)
    third = retry_job(world.actor(), world.server, newest(world, made, "build").id)
    assert (third.pressed, of_job(world, third).person) == (Pressed.RETRY, "ada")


def test_who_canceled_stands_until_it_goes_on(world: World, number: int) -> None:
    made = run_pipeline(world.actor(), world.server, number)
    assert (of(world, made).canceler, made.canceled_by) == ("", 0)
    world.actor("fang", Role.MAINTAINER)
    canceled = cancel_pipeline(world.actor("fang"), world.server, made.id)
    assert of(world, canceled).canceler == "fang"
    assert of_job(world, newest(world, made, "build")).canceler == "fang"
    assert of(world, cancel_pipeline(world.actor(), world.server, made.id)).canceler == "fang"  # she was the first
    again = retry_job(world.actor(), world.server, newest(world, made, "build").id)
    assert (of(world, world.pipeline(made.id)).canceler, of_job(world, again).canceler) == ("", "")
    seen = cancel_job(world.actor("fang"), world.server, again.id)
    assert of_job(world, seen.job).canceler == "fang"


def test_a_trigger_job_and_its_pipeline_know_each_other(world: World, tmp_path: Path) -> None:
    files = {".gitlab-ci.yml": PARENT, "child.yml": "inner: {script: [make]}\n"}
    number = world.add_project(make_repository(tmp_path / "repo", files))
    parent = run_pipeline(world.actor(), world.server, number)
    child = trigger(world, parent)
    above, below = of(world, child), of(world, parent)
    assert (above.parent, above.trigger, above.starter) == (
        world.pipeline(parent.id), newest(world, parent, "child"), "ada")  # fmt: skip
    assert [one.id for one in below.children] == [child.id]
    assert of_job(world, newest(world, parent, "child")).child == child
    end(world, child, "inner", State.FAILED)
    retry_job(world.actor(), world.server, newest(world, child, "inner").id)
    waiting = newest(world, parent, "child")
    found = of_job(world, waiting).child
    assert found is not None
    assert (waiting.attempt, found.id) == (2, child.id)
    assert [one.id for one in of(world, parent).children] == [child.id]


def test_what_is_below_a_project_that_one_may_not_see_is_left_out(world: World, tmp_path: Path) -> None:
    other = world.add_project(
        make_repository(tmp_path / "other", {".gitlab-ci.yml": "inner: {script: [make]}\n"}), "other"
    )
    text = "there: {trigger: {project: bank/other, strategy: depend}}\n"
    number = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text}))
    parent = run_pipeline(world.actor(), world.server, number)
    child = trigger(world, parent)
    assert child.project == other
    world.actor("here", Role.VIEWER, number)
    world.actor("there", Role.VIEWER, other)
    assert of(world, parent, "here").children == ()
    assert of_job(world, newest(world, parent, "there"), "here").child is None
    assert of(world, child, "there").parent is None
    assert of(world, child, "here") is NOWHERE
