"""Clocks that are set, differ or were wrong once; and what becomes of jobs whose server went away."""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.world import Ticks, World, ahead

from plumbline.flow.pipelines.cancel_retry_play import retry_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.due import put_back_schedules, run_schedules, start_delayed
from plumbline.flow.pipelines.lease_watch import MOST_BETWEEN, Lease, LeaseWatch
from plumbline.flow.pipelines.recover import recover_own
from plumbline.flow.pipelines.runner_heartbeats import runner_statuses, send_heartbeat
from plumbline.flow.pipelines.schedules import with_next
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.server import MAX_INTERRUPTIONS, Schedule
from plumbline.runner import loop
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.long]

SECOND = 1_000_000
LENGTH = 30 * SECOND
STEPS = (0, 120, -120, 0, -40, 40, 86_400, 0)
SLOW = """
deploy:
  script: ["echo $CI_JOB_ID >> {count}", "sleep 4"]
  environment: {{name: production}}
"""


def project(world: World, tmp_path: Path, text: str, **settings: Any) -> int:
    number = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text}))
    with world.store.change() as tx:
        node = tx.tree.get(number)
        assert node is not None
        tx.tree.save(msgspec.structs.replace(node, settings=settings))
    return number


@contextmanager
def running(*worlds: World) -> Iterator[None]:
    runners = [world.runner() for world in worlds]
    threads = [threading.Thread(target=runner.run) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for runner in runners:
            runner.stop()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()


def wait(world: World, pipeline: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not world.pipeline(pipeline).finished:
        assert time.monotonic() < until, (world.states(pipeline), world.complaints)
        time.sleep(0.02)


def interrupt(world: World, owner: str = "test/1") -> Any:
    """Take a job, and die."""
    [claim] = claim_jobs(world.server, owner, 1, LENGTH)
    [job] = recover_own(world.server, "test/", "test/new")
    assert job.id == claim.job.id
    return job


class TestLeases:
    def test_one_that_stands_still_is_over_after_its_length_and_not_before(self) -> None:
        ticks = Ticks()
        watch, still = LeaseWatch(LENGTH, ticks.now), [Lease(1, 1, 7)]
        assert not ticks.pass_(29, lambda: watch.over(still))
        assert ticks.pass_(2, lambda: watch.over(still)) == set(still)

    def test_one_that_moves_is_never_over_whatever_it_says(self) -> None:
        ticks, marks = Ticks(), iter([7, 1, 999, -5, 3] * 10)
        watch = LeaseWatch(LENGTH, ticks.now)
        for mark in marks:
            assert not ticks.pass_(20, lambda mark=mark: watch.over([Lease(1, 1, mark)]))  # type: ignore[misc]

    def test_another_claim_begins_anew(self) -> None:
        ticks = Ticks()
        watch = LeaseWatch(LENGTH, ticks.now)
        assert not ticks.pass_(25, lambda: watch.over([Lease(1, 1, 7)]))
        assert not ticks.pass_(25, lambda: watch.over([Lease(1, 2, 7)]))

    def test_what_is_ours_is_never_over_and_counts_from_when_it_is_not_any_more(self) -> None:
        ticks = Ticks()
        watch, still = LeaseWatch(LENGTH, ticks.now), [Lease(1, 1, 7)]
        assert not ticks.pass_(300, lambda: watch.over(still, ours={1}))
        assert not ticks.pass_(29, lambda: watch.over(still))
        assert ticks.pass_(3, lambda: watch.over(still)) == set(still)

    def test_time_in_which_nobody_could_look_counts_little(self) -> None:
        """The database was away, or the machine slept: those who hold something could not say so."""
        ticks = Ticks()
        watch, still = LeaseWatch(LENGTH, ticks.now), [Lease(1, 1, 7)]
        watch.over(still)
        for hours in range(1, LENGTH // MOST_BETWEEN):
            ticks.pass_(0, lambda: None)
            ticks._now += hours * 3600 * SECOND
            assert not watch.over(still)


class TestSteps:
    def test_a_deployment_runs_once_whatever_the_clocks_do(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two servers, 40 s apart, while the clock of the machine is set forth and back."""
        monkeypatch.setattr(loop, "LEASE", 10 * SECOND)
        count = tmp_path / "count"
        number = project(world, tmp_path, SLOW.format(count=count), **{"ci.repeat_interrupted": True})
        with ExitStack() as stack:
            other = World(tmp_path / "data", replica="other")
            stack.callback(other.close)
            made = world.start(number)
            with running(world, other):
                for step in STEPS * 2:
                    world.late, other.late = step * SECOND, (step + 40) * SECOND
                    time.sleep(0.3)
                wait(world, made.id)
        assert len(count.read_text().split()) == 1
        [job] = world.jobs(made.id)
        assert (job.state, job.attempt) == (State.SUCCESS, 1)
        assert len(world.events("deployment.finished")) == 1

    def test_what_a_dead_server_held_is_taken_up_in_time(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loop, "LEASE", 2 * SECOND)
        made = world.start(project(world, tmp_path, "a: {script: [':']}"))
        claim_jobs(world.server, "dead/1", 1, 3600 * SECOND)  # by a clock that is far ahead
        began = time.monotonic()
        with running(world):
            wait(world, made.id, 120)
        assert time.monotonic() - began > 1.9
        assert [job.state for job in world.jobs(made.id)] == [State.FAILED, State.SUCCESS]

    def test_a_runner_that_began_a_long_preparation_keeps_its_job(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of a job that is not running yet, since its repository is slow."""
        monkeypatch.setattr(loop, "LEASE", 5 * SECOND)
        count = tmp_path / "count"
        made = world.start(project(world, tmp_path, f"a: {{script: ['echo $CI_JOB_ID >> {count}']}}"))
        true = loop.order_claimed

        def slow(*arguments: Any) -> Any:
            time.sleep(9)
            return true(*arguments)

        monkeypatch.setattr(loop, "order_claimed", slow)
        with ExitStack() as stack:
            other = World(tmp_path / "data", replica="other")
            stack.callback(other.close)
            with running(world):
                while not world.jobs(made.id)[0].lease_owner:
                    time.sleep(0.01)
                monkeypatch.setattr(loop, "order_claimed", true)
                with running(other):
                    wait(world, made.id)
        assert len(count.read_text().split()) == 1


class TestInterrupted:
    def test_a_deployment_is_not_begun_anew(self, world: World, tmp_path: Path) -> None:
        made = world.start(project(world, tmp_path, "a: {script: [make], environment: {name: x}, resource_group: g}"))
        interrupt(world)
        [job] = world.jobs(made.id)
        assert (job.state, job.reason, job.attempt) == (State.FAILED, FailureReason.RUNNER_SYSTEM, 1)
        assert job.result is not None
        assert "may have done part of its work" in str(job.result.message)
        assert world.pipeline(made.id).state is State.FAILED
        [told] = world.events("deployment.finished")
        assert json.loads(told.body)["subject"]["content"]["outcome"] == "error"
        [ended] = world.events("taskrun.finished")
        assert "may have done part" in json.loads(ended.body)["subject"]["content"]["errors"]
        with world.store.view() as tx:
            assert tx.resources.get(world.pipeline(made.id).project, "g").job == 0
        retry_job(world.actor(), world.server, job.id)  # a person decides
        assert [one.state for one in world.jobs(made.id)] == [State.FAILED, State.PENDING]

    @pytest.mark.parametrize("action", ["prepare", "stop", "verify", "access"])
    def test_nor_is_whatever_else_has_an_environment(self, world: World, tmp_path: Path, action: str) -> None:
        made = world.start(
            project(world, tmp_path, f"a: {{script: [make], environment: {{name: x, action: {action}}}}}")
        )
        interrupt(world)
        assert world.pipeline(made.id).state is State.FAILED

    @pytest.mark.parametrize(
        ("retry", "attempts"),
        [
            ("{max: 1, when: runner_system_failure}", 2),
            ("{max: 2, when: [script_failure, runner_system_failure]}", 3),
            ("2", 3),
            ("{max: 2, when: script_failure}", 1),
            ("0", 1),
        ],
    )
    def test_it_is_where_retry_says_so_and_so_often(
        self, world: World, tmp_path: Path, retry: str, attempts: int
    ) -> None:
        text = f"a: {{script: [make], environment: {{name: x}}, retry: {retry}}}"
        made = world.start(project(world, tmp_path, text))
        for _ in range(attempts):
            interrupt(world)
        assert [job.state for job in world.jobs(made.id)] == [State.FAILED] * attempts
        assert world.pipeline(made.id).state is State.FAILED

    def test_it_is_where_the_node_says_so(self, world: World, tmp_path: Path) -> None:
        text = "a: {script: [make], environment: {name: x}}"
        made = world.start(project(world, tmp_path, text, **{"ci.repeat_interrupted": True}))
        for _ in range(MAX_INTERRUPTIONS + 1):
            interrupt(world)
        assert world.pipeline(made.id).state is State.FAILED
        assert len(world.jobs(made.id)) == MAX_INTERRUPTIONS + 1

    def test_others_are_and_retry_adds_only_its_own(self, world: World, tmp_path: Path) -> None:
        made = world.start(project(world, tmp_path, "a: {script: [make], retry: 1}"))
        for _ in range(MAX_INTERRUPTIONS + 2):
            interrupt(world)
        assert world.pipeline(made.id).state is State.FAILED
        assert [job.attempt for job in world.jobs(made.id)] == list(range(1, MAX_INTERRUPTIONS + 3))

    @pytest.mark.parametrize(("environment", "after"), [(", environment: {name: x}", []), ("", [State.PENDING])])
    def test_what_runs_too_long_when_the_server_ends_ends_at_once(
        self, world: World, tmp_path: Path, environment: str, after: list[State]
    ) -> None:
        begun = tmp_path / "begun"
        text = f"a: {{script: ['touch {begun}', 'sleep 60'], resource_group: g{environment}}}"
        made = world.start(project(world, tmp_path, text))
        runner = world.runner()
        thread = threading.Thread(target=runner.run)
        thread.start()
        while not begun.exists():
            time.sleep(0.02)
        runner.stop()
        runner.stop(cancel=True)
        thread.join(20)
        assert not thread.is_alive()
        jobs = world.jobs(made.id)
        assert [job.state for job in jobs] == [State.FAILED, *after]
        assert jobs[0].reason is FailureReason.RUNNER_SYSTEM
        with world.store.view() as tx:
            assert tx.resources.get(world.pipeline(made.id).project, "g").job == 0

    def test_whoever_lost_it_says_nothing_more(self, world: World, tmp_path: Path) -> None:
        made = world.start(project(world, tmp_path, "a: {script: [make], environment: {name: x}}"))
        job = interrupt(world)
        assert not finish_job(world.server, job.id, job.lease_owner, job.fence, JobResult(state=State.SUCCESS))
        assert world.pipeline(made.id).state is State.FAILED

    def test_a_server_elsewhere_with_the_same_name_may_live(self, world: World, tmp_path: Path) -> None:
        """Of a machine that was copied: only what ran on this one, since it started, is known to be dead."""
        made = world.start(project(world, tmp_path, "a: {script: [make]}"))
        name = world.settings.replica
        claim_jobs(world.server, f"{name}/00000000-1111", 1, LENGTH)
        with running(world):
            time.sleep(0.5)
        assert world.states(made.id) == {"a": "running"}


class TestAhead:
    """The clock was ahead once."""

    def test_a_schedule_is_due_at_its_next_time(self, world: World, tmp_path: Path) -> None:
        number = project(world, tmp_path, "a: {script: [':'], rules: [{when: always}]}")
        now = world.server.clock()
        with world.store.change() as tx:
            kept = tx.schedules.add(with_next(Schedule(project=number, cron="0 * * * *"), now))
        ahead(world, 365 * 86_400)
        assert len(run_schedules(world.server)) == 1
        ahead(world, -365 * 86_400)
        assert put_back_schedules(world.server) == 1
        with world.store.view() as tx:
            after = tx.schedules.get(kept.id)
        assert after is not None
        assert after.next == with_next(kept, world.server.clock()).next
        assert (put_back_schedules(world.server), run_schedules(world.server)) == (0, [])
        ahead(world, 3601)
        assert len(run_schedules(world.server)) == 1

    def test_one_that_just_started_is_not_started_again(self, world: World, tmp_path: Path) -> None:
        number = project(world, tmp_path, "a: {script: [':'], rules: [{when: always}]}")
        with world.store.change() as tx:
            tx.schedules.add(with_next(Schedule(project=number, cron="0 * * * *"), world.server.clock()))
        ahead(world, 3600)
        assert len(run_schedules(world.server)) == 1
        for _ in range(4):
            ahead(world, -120)
            assert (put_back_schedules(world.server), run_schedules(world.server)) == (0, [])

    def test_a_delayed_job_waits_for_its_delay_and_no_longer(self, world: World, tmp_path: Path) -> None:
        number = project(world, tmp_path, "a: {script: [':'], when: delayed, start_in: 30 minutes}")
        ahead(world, 365 * 86_400)
        made = world.start(number)
        ahead(world, -365 * 86_400)
        assert start_delayed(world.server) == 0
        ahead(world, 29 * 60)
        assert start_delayed(world.server) == 0
        ahead(world, 2 * 60)
        assert start_delayed(world.server) == 1
        assert world.states(made.id) == {"a": "pending"}

    def test_a_sign_of_life_from_the_future_is_an_old_one(self, world: World) -> None:
        tools = world.runner()._tools
        ahead(world, 86_400)
        send_heartbeat(tools, 1)
        assert [one.alive for one in runner_statuses(world.server)] == [True]
        ahead(world, -86_400)
        assert [one.alive for one in runner_statuses(world.server)] == [False]
        send_heartbeat(tools, 1)
        ahead(world, -40)  # clocks of two servers differ a little
        assert [one.alive for one in runner_statuses(world.server)] == [True]


def test_a_server_goes_by_the_clock_that_it_is_opened_with(tmp_path: Path) -> None:
    moment = 1_000_000_000_000_000  # in 2001
    with OpenServer(ServerSettings(data=str(tmp_path), isolation="none"), lambda: moment) as opened:
        send_heartbeat(opened.runner_tools(), opened.server.clock())
        opened.keep_house()
        clocks = (opened.server.clock, opened.tools.units.clock, opened.tools.people.units.clock)
        assert [clock() for clock in clocks] == [moment] * 3
        told = list(opened.tools.ledger.ledger.read())
    assert len(told) >= 2  # the runner, and the checkpoint
    assert {entry.received for entry in told} == {moment}
    times = {json.loads(entry.body)["context"]["timestamp"] for entry in told}
    assert {datetime.fromisoformat(time).timestamp() for time in times} == {moment / 1_000_000}
