"""A fault of our own, wherever it is, ends the job that met it and nothing else."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.world import World

from plumbline.adapters.jobs import LocalExecutor
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import State
from plumbline.runner import loop

pytestmark = pytest.mark.slow

TWO = "one: {script: ['true'], stage: build}\ntwo: {script: ['true'], stage: test, when: always}\n"


def end_of(world: World, pipeline: int) -> dict[str, str]:
    """Run it until it has ended; the newest states."""
    runner = world.runner()
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not world.pipeline(pipeline).finished and time.monotonic() < until:
        assert thread.is_alive()
        time.sleep(0.02)
    runner.stop()
    thread.join(60)
    assert not thread.is_alive()
    return world.states(pipeline)


def first_time_only(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, fault: BaseException) -> None:
    real = getattr(place, name)
    raised: list[int] = []

    def faulty(*given: Any, **named: Any) -> Any:
        if not raised:
            raised.append(1)
            raise fault
        return real(*given, **named)

    monkeypatch.setattr(place, name, faulty)


@pytest.mark.parametrize("fault", [KeyError("x"), MemoryError(), RuntimeError("can't start new thread")], ids=repr)
@pytest.mark.parametrize("where", ["order", "executor", "thread"])
def test_a_fault_is_a_failure_of_the_runner_and_the_next_job_runs(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, fault: Exception
) -> None:
    project = world.add_project(make_repository(tmp_path / "r", {".gitlab-ci.yml": TWO}))
    pipeline = world.start(project).id
    place, name = {
        "order": (loop, "order_claimed"),
        "executor": (LocalExecutor, "run"),
        "thread": (loop.Workers, "start"),
    }[where]
    first_time_only(monkeypatch, place, name, fault)
    assert end_of(world, pipeline) == {"one": "failed", "two": "success"}
    [one] = [job for job in world.jobs(pipeline) if job.name == "one"]
    assert one.result is not None
    assert one.result.reason == "runner_system_failure"
    assert "a fault of Plumbline itself" in str(one.result.message)


def test_a_result_that_cannot_be_stored_keeps_no_other_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = world.add_project(make_repository(tmp_path / "r", {".gitlab-ci.yml": TWO}))
    pipeline = world.start(project).id
    first_time_only(monkeypatch, loop, "finish_job", KeyError("x"))
    real = loop.next_jobs

    def faulty(server: Any, owner: str, ended: Any, *rest: Any) -> Any:
        if any(one.job.name == "one" for one in ended):
            raise KeyError("x")
        return real(server, owner, ended, *rest)

    monkeypatch.setattr(loop, "next_jobs", faulty)
    assert end_of(world, pipeline) == {"one": "failed", "two": "success"}


def test_a_store_that_fails_for_a_while_loses_no_result(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = world.add_project(make_repository(tmp_path / "r", {".gitlab-ci.yml": TWO}))
    pipeline = world.start(project).id
    real, broken = loop.next_jobs, [KeyError("x"), PlumblineError("x", t("the store is away"))]

    def faulty(server: Any, owner: str, ended: Any, *rest: Any) -> Any:
        if ended and broken:
            raise broken.pop(0)
        return real(server, owner, ended, *rest)

    monkeypatch.setattr(loop, "next_jobs", faulty)
    first_time_only(monkeypatch, loop, "finish_job", PlumblineError("x", t("the store is away")))
    assert end_of(world, pipeline) == {"one": "success", "two": "success"}


def test_what_cannot_be_put_away_does_not_end_the_runner(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = world.add_project(make_repository(tmp_path / "r", {".gitlab-ci.yml": TWO}))
    pipeline = world.start(project).id
    first_time_only(monkeypatch, LocalExecutor, "close", KeyError("x"))
    assert set(end_of(world, pipeline).values()) == {State.SUCCESS.value}
