"""A repository whose server accepts and never answers: whoever waits for it holds up nobody else."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.world import World
from tests.waiting import until

from plumbline.adapters.forges import Mirrors, mirrors
from plumbline.flow.pipelines.cancel_retry_play import cancel_pipeline
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.fetching import Visit, Waits
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.schedules import with_next
from plumbline.kernel import PlumblineError
from plumbline.model.server import Binding, Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CONFIGURATION = "a: {script: [make], rules: [{when: always}]}\n"


class Remote:
    """Accepts, and says nothing until it hangs up."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.taken: list[socket.socket] = []
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.taken.append(self._listening.accept()[0])
            except OSError:
                return

    def hang_up(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()
        for one in self.taken:
            one.close()
        self.taken.clear()


@pytest.fixture
def remote() -> Iterator[Remote]:
    made = Remote()
    yield made
    if made._thread.is_alive():
        made.hang_up()


@pytest.fixture
def silent(world: World, remote: Remote) -> int:
    """A project."""
    return world.add_project(Path("/"), "silent", url=f"http://127.0.0.1:{remote.port}/x.git")


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


@pytest.mark.parametrize("scheme", ["http", "git"])
def test_who_says_nothing_is_given_up_however_long_a_fetch_may_take(
    tmp_path: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(mirrors, "SILENCE", 0.5)
    binding = Binding(project=1, kind="git", url=f"{scheme}://127.0.0.1:{remote.port}/x.git")
    with pytest.raises(PlumblineError) as caught:
        Mirrors(str(tmp_path / "mirrors"), hosts=lambda _: ("127.0.0.1:*",)).fetch(binding)
    assert caught.value.code == "repository-vanished"
    assert "no answer within" in str(caught.value.message)
    assert not list((tmp_path / "mirrors").glob("*.git"))


def test_a_fetch_tells_that_it_goes_on(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {".gitlab-ci.yml": CONFIGURATION})
    heard: list[int] = []
    door = Mirrors(str(tmp_path / "mirrors"))
    door.fetch(Binding(project=1, kind="git", url=f"file://{home}"), heard=lambda: heard.append(1))
    assert heard
    assert "refs/heads/main" in door.heads(1)


def test_a_schedule_whose_repository_says_nothing_holds_up_no_other(
    world: World, silent: int, remote: Remote, tmp_path: Path
) -> None:
    well = world.add_project(make_repository(tmp_path / "home", {".gitlab-ci.yml": CONFIGURATION}))
    with world.store.change() as tx:
        for project in (silent, well):
            tx.schedules.add(with_next(Schedule(project=project, cron="0 * * * *"), world.server.clock()))
    world.late += 3600 * 1_000_000
    visits: dict[int, Visit] = {}

    def made() -> list[int]:
        return [one.project for one in run_schedules(world.server, visits)]

    found: list[int] = []
    until(lambda: found.extend(made()) or found)
    assert found == [well]
    assert made() == []
    assert len(visits) == 1
    until(lambda: remote.taken)
    assert not world.events("delivery.refused")
    remote.hang_up()
    until(lambda: made() or not visits)
    assert len(world.events("delivery.refused")) == 1  # of its schedule, whose time is over
    with world.store.view() as tx:
        assert not tx.schedules.due(world.server.clock())


def test_who_asks_for_a_pipeline_is_told_to_come_again(world: World, silent: int, remote: Remote) -> None:
    ada, visit = world.actor(), Visit()
    with pytest.raises(Waits), visit.coming():
        run_pipeline(ada, world.server, silent)
    visit.gives_up = True
    with pytest.raises(PlumblineError) as caught, visit.coming():
        run_pipeline(ada, world.server, silent)
    assert caught.value.code == "repository-slow"
    assert world.projects.fetches() == (0, 1)
    remote.hang_up()
    until(lambda: world.projects.fetches() == (0, 0))


def downstream(world: World, tmp_path: Path) -> int:
    """A pipeline, one of whose jobs starts another of the project that says nothing."""
    text = "t: {trigger: {project: bank/silent}}\na: {script: [echo hello]}\n"
    core = world.add_project(make_repository(tmp_path / "home", {".gitlab-ci.yml": text}))
    return run_pipeline(world.actor(), world.server, core).id


def test_a_trigger_job_whose_repository_says_nothing_holds_up_no_other_job(
    world: World, silent: int, remote: Remote, tmp_path: Path
) -> None:
    assert silent
    pipeline = downstream(world, tmp_path)
    with running(world):
        until(lambda: world.states(pipeline)["a"] == "success")
        until(lambda: remote.taken)
        assert world.states(pipeline)["t"] == "running"
        remote.hang_up()
        until(lambda: world.pipeline(pipeline).finished)
    assert world.states(pipeline) == {"a": "success", "t": "failed"}
    [job] = [one for one in world.jobs(pipeline) if one.name == "t"]
    assert job.result is not None
    assert "cannot be fetched" in str(job.result.message)


def test_a_trigger_job_that_waits_can_be_canceled(world: World, silent: int, remote: Remote, tmp_path: Path) -> None:
    assert silent
    pipeline = downstream(world, tmp_path)
    with running(world):
        until(lambda: remote.taken)
        cancel_pipeline(world.actor(), world.server, pipeline)
        until(lambda: world.pipeline(pipeline).finished)
    assert world.states(pipeline)["t"] == "canceled"
