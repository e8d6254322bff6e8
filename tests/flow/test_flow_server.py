"""Pipelines on the server: made once, run once, steered, and put in order after a crash."""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import Ticks, World, ahead

from plumbline.flow.pipelines.cancel_retry_play import cancel_job, cancel_pipeline, play_job, retry_job, retry_pipeline
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.due import run_schedules, start_delayed
from plumbline.flow.pipelines.lease_watch import LeaseWatch
from plumbline.flow.pipelines.recover import recover_expired, recover_own
from plumbline.flow.pipelines.schedules import seal_schedule_variables, with_next
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.tree.variables import variable_place
from plumbline.kernel import PlumblineError
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.person import Grant, Person, Role
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.server import Outcome, ProcessMode, Schedule, Webhook, WebhookKind
from plumbline.model.tree import StoredVariable

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

OK = JobResult(state=State.SUCCESS, exit_code=0)
BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
LEASE = 30_000_000
NAMED_BY_A_SECRET = """
workflow: {name: "for $KEY"}
a:
  script: [make]
  environment: {name: "shop-$KEY"}
  resource_group: "group-$KEY"
  tags: ["tag-$KEY"]
"""


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(PlumblineError) as caught:
        yield
    assert caught.value.code == code


def repository(tmp_path: Path, configuration: str, name: str = "repo") -> Path:
    return make_repository(tmp_path / name, {".gitlab-ci.yml": configuration})


def project(world: World, tmp_path: Path, configuration: str) -> int:
    return world.add_project(repository(tmp_path, configuration))


def take(world: World, owner: str = "test/1", count: int = 10) -> dict[str, Any]:
    return {claim.job.name: claim.job for claim in claim_jobs(world.server, owner, count, LEASE)}


def end(world: World, job: Any, result: JobResult = OK) -> bool:
    return finish_job(world.server, job.id, job.lease_owner, job.fence, result)


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


def wait(world: World, pipeline: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not world.pipeline(pipeline).finished:
        assert time.monotonic() < until, (world.states(pipeline), world.complaints)
        time.sleep(0.02)


def test_names_that_variables_made_endless_are_cut(world: World, tmp_path: Path) -> None:
    text = "workflow: {name: '$A$A$A$A'}\nvariables: {A: '" + "x" * 300_000 + "'}\na: {script: [make]}\n"
    assert len(world.start(project(world, tmp_path, text)).name) == 255


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "0 0 31 4,6 *"])
def test_a_schedule_that_is_never_due_is_refused(cron: str) -> None:
    with refused("cron-wrong"):
        with_next(Schedule(project=1, cron=cron), 1_800_000_000_000_000)


def test_a_schedule_whose_time_zone_is_gone_stops_alone(world: World, tmp_path: Path) -> None:
    number = project(world, tmp_path, TWO)
    gone = Schedule(project=number, cron="0 * * * *", time_zone="Mars/Olympus", next=1)
    with world.store.change() as tx:
        kept = tx.schedules.add(gone)
        tx.schedules.add(with_next(Schedule(project=number, cron="0 * * * *"), world.server.clock()))
    ahead(world, 3601)
    assert len(run_schedules(world.server)) == 1
    with world.store.view() as tx:
        assert tx.schedules.get(kept.id).next == 0
    assert run_schedules(world.server) == []


TWO = "a: {stage: build, script: [make]}\nb: {stage: test, script: [make]}\n"


def test_a_pipeline_runs_to_its_end(world: World, tmp_path: Path) -> None:
    text = """
one: {stage: build, script: ["echo made > made.txt", "echo hello from $CI_JOB_NAME"], artifacts: {paths: [made.txt]}}
two: {stage: test, script: ["cat made.txt"], environment: {name: production}}
"""
    made = world.start(project(world, tmp_path, text))
    with running(world):
        wait(world, made.id)
    assert world.pipeline(made.id).state is State.SUCCESS
    one, two = world.jobs(made.id)
    assert "hello from one" in world.log(one)
    assert "made" in world.log(two)
    told = [entry.type.split(".", 2)[2].rsplit(".", 3)[0] for entry in world.events()]
    assert [word for word in told if "-runner." in word] == ["plumbline-runner.registered", "plumbline-runner.removed"]
    assert [word for word in told if "-runner." not in word] == [
        "pipelinerun.queued",
        "taskrun.started",
        "pipelinerun.started",
        "taskrun.finished",
        "plumbline-taskrun.stateChanged",
        "plumbline-deployment.queued",
        "taskrun.started",
        "plumbline-deployment.started",
        "taskrun.finished",
        "plumbline-deployment.finished",
        "pipelinerun.finished",
    ]
    assert not world.complaints


def test_what_a_stale_claim_says_is_not_heard(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, TWO))
    job = take(world)["a"]
    assert not finish_job(world.server, job.id, "other/1", job.fence, OK)
    assert not finish_job(world.server, job.id, job.lease_owner, job.fence - 1, OK)
    assert end(world, job, OK)
    assert not end(world, job, BAD)
    assert world.states(made.id) == {"a": "success", "b": "pending"}


def test_a_job_is_claimed_once(world: World, tmp_path: Path) -> None:
    number = project(world, tmp_path, "\n".join(f"j{n}: {{script: [make]}}" for n in range(8)))
    world.start(number)
    found: list[str] = []
    threads = [threading.Thread(target=lambda n=n: found.extend(take(world, f"test/{n}", 3))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"j{n}" for n in range(8)]


def test_a_failure_skips_and_a_retry_goes_on(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, TWO))
    end(world, take(world)["a"], BAD)
    assert world.states(made.id) == {"a": "failed", "b": "skipped"}
    assert world.pipeline(made.id).state is State.FAILED
    again = retry_job(world.actor(), world.server, world.jobs(made.id)[0].id)
    assert (again.attempt, again.state, again.by) == (2, State.PENDING, world.actor().person.id)
    assert world.pipeline(made.id).finished == 0
    with refused("job-replaced"):
        retry_job(world.actor(), world.server, world.jobs(made.id)[0].id)
    end(world, take(world)["a"])
    end(world, take(world)["b"])
    assert world.pipeline(made.id).state is State.SUCCESS
    assert len(world.events("taskrun.finished")) == 3
    assert len(world.events("pipelinerun.finished")) == 2


def test_a_job_retries_by_itself(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, "a: {script: [fail], retry: 1}"))
    end(world, take(world)["a"], BAD)
    end(world, take(world)["a"], BAD)
    assert [job.attempt for job in world.jobs(made.id)] == [1, 2]
    assert not take(world)
    with refused("not-found"):
        retry_pipeline(world.actor(), world.server, 99)
    retry_pipeline(world.actor(), world.server, made.id)
    end(world, take(world)["a"])
    assert world.pipeline(made.id).state is State.SUCCESS


def test_manual_and_delayed_jobs(world: World, tmp_path: Path) -> None:
    text = "m: {script: [make], when: manual, allow_failure: false}\n"
    text += "d: {script: [make], when: delayed, start_in: 1 hour}\n"
    made = world.start(project(world, tmp_path, text))
    assert world.states(made.id) == {"m": "manual", "d": "scheduled"}
    assert not take(world)
    assert start_delayed(world.server) == 0
    ahead(world, 3601)
    assert start_delayed(world.server) == 1
    play_job(world.actor(), world.server, world.jobs(made.id)[0].id)
    for job in take(world).values():
        end(world, job)
    assert world.pipeline(made.id).state is State.SUCCESS


def test_cancel_stops_what_runs_and_what_waits(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, TWO))
    job = take(world)["a"]
    cancel_pipeline(world.actor(), world.server, made.id)
    assert world.states(made.id) == {"a": "canceling", "b": "canceled"}
    assert end(world, job, OK)  # it was faster than the cancellation
    assert world.states(made.id)["a"] == "canceled"
    assert world.pipeline(made.id).state is State.CANCELED
    cancel_job(world.actor(), world.server, world.jobs(made.id)[0].id)


def test_a_running_job_is_really_stopped(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, "a: {script: ['echo begun', 'sleep 60']}"))
    with running(world):
        until = time.monotonic() + 60
        while not world.jobs(made.id)[0].started and time.monotonic() < until:
            time.sleep(0.02)
        cancel_pipeline(world.actor(), world.server, made.id)
        wait(world, made.id)
    assert world.pipeline(made.id).state is State.CANCELED


def test_after_a_crash_the_attempt_ends_once_and_another_begins(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, "a: {script: [make]}"))
    for round_ in range(3):
        job = take(world, f"test/{round_}")["a"]
        assert not recover_own(world.server, "test/", f"test/{round_}")
        assert not recover_own(world.server, "other/", "other/1")
        assert len(recover_own(world.server, "test/", "test/new")) == 1
        assert not recover_own(world.server, "test/", "test/new")
        assert not end(world, job)
    attempts = world.jobs(made.id)
    assert [job.state for job in attempts] == [State.FAILED] * 3
    assert [job.reason for job in attempts] == [FailureReason.RUNNER_SYSTEM] * 3
    assert attempts[0].result is not None
    assert "runner went away" in str(attempts[0].result.message)
    assert world.pipeline(made.id).state is State.FAILED
    assert len({entry.subject for entry in world.events("taskrun.finished")}) == 3


def test_a_lease_that_ran_out_is_ended_by_anybody(world: World, tmp_path: Path) -> None:
    made = world.start(project(world, tmp_path, "a: {script: [make]}"))
    take(world, "elsewhere/1")
    ticks = Ticks()
    recover = partial(recover_expired, world.server, LeaseWatch(LEASE, ticks.now))
    assert not recover()
    assert not ticks.pass_(29, recover)
    assert len(ticks.pass_(2, recover)) == 1
    assert [job.state for job in world.jobs(made.id)] == [State.FAILED, State.PENDING]


def test_a_wrong_configuration_is_a_failed_pipeline(world: World, tmp_path: Path) -> None:
    number = project(world, tmp_path, "a: {scrip: [make]}")
    made = start_pipeline(world.server, Wanted(project=number), by=0)
    assert made is not None
    assert (made.state, bool(made.message), bool(made.finished)) == (State.FAILED, True, True)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("conservative", {"s": "canceled", "u": "canceled"}),
        ("interruptible", {"s": "canceled", "u": "pending"}),
        ("none", {"s": "pending", "u": "pending"}),
    ],
)
def test_a_new_commit_cancels_what_it_makes_redundant(
    world: World, tmp_path: Path, mode: str, expected: dict[str, str]
) -> None:
    text = f"workflow: {{auto_cancel: {{on_new_commit: {mode}}}}}\n"
    text += "s: {script: [make], interruptible: true}\nu: {script: [make]}\n"
    home = repository(tmp_path, text)
    number = world.add_project(home)
    first = world.start(number)
    commit(home, {"x": "1"})
    world.start(number)
    assert world.states(first.id) == expected


def test_conservative_keeps_a_pipeline_whose_uninterruptible_job_began(world: World, tmp_path: Path) -> None:
    home = repository(tmp_path, "s: {script: [make], interruptible: true}\nu: {script: [make]}\n")
    number = world.add_project(home)
    first = world.start(number)
    take(world)
    commit(home, {"x": "1"})
    world.start(number)
    assert world.states(first.id) == {"s": "running", "u": "running"}


@pytest.mark.parametrize(
    ("mode", "then"),
    [(ProcessMode.UNORDERED, 1), (ProcessMode.OLDEST_FIRST, 1), (ProcessMode.NEWEST_FIRST, 2)],
)
def test_a_resource_group_has_one_job_at_a_time(world: World, tmp_path: Path, mode: ProcessMode, then: int) -> None:
    number = project(world, tmp_path, "deploy: {script: [make], resource_group: production}")
    pipelines = [world.start(number).id for _ in range(3)]
    first = take(world)["deploy"]
    assert first.pipeline == pipelines[0]
    assert world.states(pipelines[1]) == {"deploy": "waiting_for_resource"}
    with world.store.change() as tx:
        tx.resources.set_mode(number, "production", mode)
    assert not take(world)
    end(world, first)
    assert take(world)["deploy"].pipeline == pipelines[then]


def test_a_child_pipeline_ends_its_trigger_job(world: World, tmp_path: Path) -> None:
    text = "t: {trigger: {include: child.yml, strategy: depend}}\n"
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": text, "child.yml": "c: {script: ['echo child']}"})
    made = world.start(world.add_project(home))
    with running(world):
        wait(world, made.id)
    assert world.pipeline(made.id).state is State.SUCCESS
    with world.store.view() as tx:
        child = tx.pipelines.downstream(world.jobs(made.id)[0].id)
    assert child is not None
    assert (child.state, child.depth) == (State.SUCCESS, 1)


DEPENDS = "t: {{trigger: {{include: {0}, strategy: {1}}}}}\n"
AFTER = "z: {stage: deploy, script: ['true']}\n"


def nested(world: World, tmp_path: Path, job: str, strategy: str = "depend") -> list[int]:
    """A pipeline with a child that has a child, all at their end; ``job`` is in the lowest."""
    files = {
        ".gitlab-ci.yml": DEPENDS.format("child.yml", strategy) + AFTER,
        "child.yml": DEPENDS.format("deep.yml", "depend") + AFTER,
        "deep.yml": f"c: {job}\n",
    }
    made = world.start(world.add_project(make_repository(tmp_path / "repo", files)))
    with running(world):
        wait(world, made.id)
    return [made.id, made.id + 1, made.id + 2]


def all_states(world: World, pipelines: list[int]) -> list[State]:
    return [world.pipeline(number).state for number in pipelines]


def attempts(world: World, pipeline: int, name: str) -> list[str]:
    return [job.state.value for job in world.jobs(pipeline) if job.name == name]


@pytest.mark.parametrize("whole", [False, True])
def test_a_retry_below_is_waited_for_above(world: World, tmp_path: Path, whole: bool) -> None:
    flag = tmp_path / "good"
    top, child, deep = pipelines = nested(world, tmp_path, f"{{script: ['test -e {flag}']}}")
    assert all_states(world, pipelines) == [State.FAILED] * 3
    assert world.states(top) == {"t": "failed", "z": "skipped"}
    flag.touch()
    if whole:
        retry_pipeline(world.actor(), world.server, deep)
    else:
        retry_job(world.actor(), world.server, world.jobs(deep)[0].id)
    assert all_states(world, pipelines) == [State.RUNNING, State.RUNNING, State.PENDING]
    assert world.states(top) == {"t": "running", "z": "created"}
    with running(world):
        wait(world, top)
    assert all_states(world, pipelines) == [State.SUCCESS] * 3
    assert world.states(top) == world.states(child) == {"t": "success", "z": "success"}
    assert attempts(world, top, "t") == attempts(world, child, "t") == ["failed", "success"]
    told = [json.loads(entry.body) for entry in world.events()]
    ended = [(one["subject"]["id"], one["subject"]["content"]["outcome"]) for one in told if is_kind(one, "finished")]
    for pipeline in pipelines:
        uid = world.pipeline(pipeline).uid
        assert [outcome for subject, outcome in ended if subject == uid] == ["failure", "success"]
        jobs = [f"{uid}/{job.id}" for job in world.jobs(pipeline) if job.name in ("t", "c")]
        assert [outcome for subject, outcome in ended if subject in jobs] == ["failure", "success"]
    ids = {one["context"]["id"] for one in told}
    followed = [link["from"]["contextId"] for one in told for link in one["context"].get("links", ()) if "from" in link]
    assert ids.issuperset(followed)


def is_kind(event: dict[str, Any], word: str) -> bool:
    return event["context"]["type"].split(".")[-4] == word


def test_who_waits_again_still_does_after_a_crash(tmp_path: Path) -> None:
    flag, world = tmp_path / "good", World(tmp_path / "data")
    pipelines = nested(world, tmp_path, f"{{script: ['test -e {flag}']}}")
    flag.touch()
    retry_job(world.actor(), world.server, world.jobs(pipelines[-1])[0].id)
    world.close()
    world = World(tmp_path / "data")
    recover_own(world.server, world.settings.replica, "another")
    assert all_states(world, pipelines) == [State.RUNNING, State.RUNNING, State.PENDING]
    with running(world):
        wait(world, pipelines[0])
    assert all_states(world, pipelines) == [State.SUCCESS] * 3
    world.close()


def test_what_waits_again_is_canceled_with_its_pipeline(world: World, tmp_path: Path) -> None:
    pipelines = nested(world, tmp_path, "{script: ['false']}")
    retry_job(world.actor(), world.server, world.jobs(pipelines[-1])[0].id)
    cancel_pipeline(world.actor(), world.server, pipelines[0])
    assert all_states(world, pipelines) == [State.CANCELED] * 3


def test_a_trigger_job_that_was_run_again_leaves_its_first_pipeline_alone(world: World, tmp_path: Path) -> None:
    flag = tmp_path / "good"
    top, child, deep = nested(world, tmp_path, f"{{script: ['test -e {flag}']}}")
    flag.touch()
    retry_job(world.actor(), world.server, world.jobs(child)[0].id)
    with running(world):
        wait(world, top)
    retry_job(world.actor(), world.server, world.jobs(deep)[0].id)
    assert all_states(world, [top, child, deep]) == [State.SUCCESS, State.SUCCESS, State.PENDING]


def test_a_trigger_job_without_a_strategy_waits_for_nobody(world: World, tmp_path: Path) -> None:
    files = {".gitlab-ci.yml": "t: {trigger: {include: child.yml}}\n", "child.yml": "c: {script: ['false']}"}
    made = world.start(world.add_project(make_repository(tmp_path / "repo", files)))
    with running(world):
        wait(world, made.id)
        wait(world, made.id + 1)
    retry_job(world.actor(), world.server, world.jobs(made.id + 1)[0].id)
    assert attempts(world, made.id, "t") == ["success"]


def test_who_may_not_run_jobs_of_the_project_above_moves_nothing_there(world: World, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {".gitlab-ci.yml": "c: {script: ['false']}"})
    below = world.add_project(other, "other")
    text = "t: {trigger: {project: bank/other, strategy: depend}, when: manual, allow_failure: false}\n"
    made = world.start(world.add_project(repository(tmp_path, text)))
    with running(world):
        play_job(world.actor(), world.server, world.jobs(made.id)[0].id)
        wait(world, made.id)
    [failed] = world.jobs(made.id + 1)
    retry_job(world.actor("bob", Role.MAINTAINER, below), world.server, failed.id)
    assert attempts(world, made.id, "t") == ["failed"]
    assert world.states(made.id + 1) == {"c": "pending"}


def test_canceling_a_pipeline_cancels_what_it_started(world: World, tmp_path: Path) -> None:
    text = "t: {trigger: {include: child.yml, strategy: depend}}\n"
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": text, "child.yml": "c: {script: ['sleep 60']}"})
    made = world.start(world.add_project(home))
    with running(world):
        until = time.monotonic() + 60
        while len(world.events("pipelinerun.queued")) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        cancel_pipeline(world.actor(), world.server, made.id)
        wait(world, made.id)
    assert world.pipeline(made.id).state is State.CANCELED
    assert world.pipeline(made.id + 1).state is State.CANCELED


def test_a_schedule_starts_once(world: World, tmp_path: Path) -> None:
    number = project(
        world,
        tmp_path,
        "a: {script: ['test \"$DEEP\" = secret'], rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]}",
    )
    deep = Variable("DEEP", "secret", VariableSource.PIPELINE, masked=True)
    plain = Schedule(project=number, cron="0 * * * *", variables=seal_schedule_variables(world.server, (deep,), number))
    with world.store.change() as tx:
        kept = tx.schedules.add(with_next(plain, world.server.clock()))
    assert run_schedules(world.server) == []
    ahead(world, 3601)
    [made] = run_schedules(world.server)
    assert run_schedules(world.server) == []
    with world.store.view() as tx:
        after = tx.schedules.get(kept.id)
        _, sealed = tx.pipelines.plan(made.id)
    assert after is not None
    assert after.next > world.server.clock()
    assert sealed
    assert b"secret" not in sealed
    with running(world):
        wait(world, made.id)
    assert world.pipeline(made.id).state is State.SUCCESS


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("a: {script: [make], rules: [{when: never}]}", "nothing", "leave no job"),
        ("a: {script: [make]}", "unknown-ref", "no branch, tag or commit absent"),
    ],
)
def test_a_schedule_that_started_nothing_says_so(
    world: World, tmp_path: Path, text: str, code: str, words: str
) -> None:
    number = project(world, tmp_path, text)
    plain = Schedule(project=number, cron="0 * * * *", ref="" if code == "nothing" else "absent")
    with world.store.change() as tx:
        kept = tx.schedules.add(with_next(plain, world.server.clock()))
    ahead(world, 3601)
    assert run_schedules(world.server) == []
    with world.store.view() as tx:
        after = tx.schedules.get(kept.id)
    assert after is not None
    assert (after.pipeline, bool(after.last), words in after.message) == (0, True, True)
    [told] = [json.loads(entry.body)["subject"]["content"] for entry in world.events("-delivery.")]
    assert (told["reason"], "pipeline" in told) == (code, False)
    home = tmp_path / "repo"
    run_git(home, "branch", "-f", "absent")
    commit(home, {".gitlab-ci.yml": "a: {script: [make]}"})
    run_git(home, "branch", "-f", "absent")
    ahead(world, 3601)
    [made] = run_schedules(world.server)
    with world.store.view() as tx:
        after = tx.schedules.get(kept.id)
    assert after is not None
    assert (after.pipeline, after.message) == (made.id, "")


def _keep_secret(world: World, number: int, value: str) -> None:
    with world.store.change() as tx:
        sealed = world.vault.seal(value.encode(), variable_place(number, "KEY", "*"))
        tx.variables.put(StoredVariable(node=number, name="KEY", sealed=sealed, masked=True))


@pytest.mark.parametrize("wrong", [False, True])
def test_what_is_told_of_a_pipeline_hides_masked_values(world: World, tmp_path: Path, wrong: bool) -> None:
    secret = "c0rrect-h0rse"  # noqa: S105 - nobody's
    number = project(world, tmp_path, NAMED_BY_A_SECRET + ("b: {scrip: [make]}\n" if wrong else ""))
    _keep_secret(world, number, secret)
    made = start_pipeline(world.server, Wanted(project=number), by=0)
    assert made is not None
    assert "[MASKED]" in made.name
    if not wrong:
        end(world, take(world)["a"])
    told = [made.name, made.message, *(repr(job) for job in world.jobs(made.id))]
    told += [entry.body.decode() for entry in world.events()]
    assert len(told) >= 4
    assert not [one for one in told if secret in one]


REFUSED_CHILDREN = {
    "wrong": 't: {variables: {FILE: "a-$KEY"}, trigger: {include: child.yml}}',
    "absent project": 't: {trigger: {project: "bank/$KEY"}}',
    "absent branch": 't: {trigger: {project: bank/core, branch: "$KEY"}}',
    "absent artifact": 't: {needs: [a], trigger: {include: [{artifact: "$KEY.yml", job: a}]}}\na: {script: [make]}',
}


@pytest.mark.parametrize("text", REFUSED_CHILDREN.values(), ids=list(REFUSED_CHILDREN))
def test_why_a_child_pipeline_was_refused_hides_masked_values(world: World, tmp_path: Path, text: str) -> None:
    secret = "c0rrect-h0rse"  # noqa: S105 - nobody's
    child = 'include: [{local: "$FILE.yml"}]\nc: {script: [make]}'
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": text, "child.yml": child})
    number = world.add_project(home)
    _keep_secret(world, number, secret)
    made = world.start(number)
    if "needs" in text:
        end(world, take(world)["a"])
    with running(world):
        wait(world, made.id)
    job = next(job for job in world.jobs(made.id) if job.name == "t")
    assert job.result is not None
    told = [repr(job), *(entry.body.decode() for entry in world.events())]
    assert job.state is State.FAILED
    assert not [one for one in told if secret in one or world.data in one]


def test_a_masked_value_that_is_handed_down_stays_masked(world: World, tmp_path: Path) -> None:
    text = 't: {variables: {NAME: "a-$KEY"}, trigger: {include: child.yml, strategy: depend}}'
    child = 'workflow: {name: "for $NAME"}\nc: {script: ["echo $NAME"], environment: {name: "shop-$NAME"}}'
    number = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text, "child.yml": child}))
    _keep_secret(world, number, "c0rrect-h0rse")
    made = world.start(number)
    with running(world):
        wait(world, made.id)
    below = world.pipeline(made.id + 1)
    assert (below.state, below.name) == (State.SUCCESS, "for [MASKED]")
    [job] = world.jobs(below.id)
    assert "[MASKED]" in world.log(job)
    told = [world.log(job), repr(job), *(entry.body.decode() for entry in world.events())]
    assert not [one for one in told if "h0rse" in one]


def test_nothing_starts_in_what_is_archived(world: World, tmp_path: Path) -> None:
    """Nor where a node above it is; what has begun goes on."""
    home = repository(tmp_path, "a: {script: [make]}")
    number = world.add_project(home, poll=60)
    made = world.start(number)
    with world.store.change() as tx:
        tx.schedules.add(with_next(Schedule(project=number, cron="* * * * *"), world.server.clock()))
        tx.tree.save(msgspec.structs.replace(tx.tree.at("bank"), archived=True))
    head = run_git(home, "rev-parse", "HEAD")
    with refused("project-archived"):
        world.start(number)
    told = Webhook(forge="git", delivery="d", kind=WebhookKind.PUSH, ref="main", after=head)
    kept = world.tell(number, told)
    assert (kept.outcome, kept.reason) == (Outcome.FAILED, "project-archived")
    ahead(world, 120)
    assert run_schedules(world.server) == []
    assert world.look() == []
    reasons = [json.loads(entry.body)["subject"]["content"]["reason"] for entry in world.events("delivery.refused")]
    assert reasons == ["project-archived"] * 2  # the message and the schedule
    assert list(take(world)) == ["a"]
    assert world.pipeline(made.id).state is State.RUNNING


def test_a_schedule_ends_with_the_right_of_its_owner(world: World, tmp_path: Path) -> None:
    number = project(world, tmp_path, "a: {script: [make]}")
    with world.store.change() as tx:
        mei = tx.people.add(Person(id=0, name="mei", created=1))
        tx.grants.add(Grant(person=mei.id, node=number, role=Role.DEVELOPER))
        kept = Schedule(project=number, cron="* * * * *", owner=mei.id)
        tx.schedules.add(with_next(kept, world.server.clock()))
    ahead(world, 61)
    [made] = run_schedules(world.server)
    assert made.by == mei.id
    with world.store.change() as tx:
        tx.people.save(msgspec.structs.replace(mei, active=False))
    ahead(world, 61)
    assert run_schedules(world.server) == []
    [entry] = world.events("delivery.refused")
    assert json.loads(entry.body)["subject"]["content"]["reason"] == "not-allowed"
