"""The files of a pipeline and its jobs, when the repository is there and when it vanished between two clicks."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git

from plumbline.flow.pipelines.cancel_retry_play import cancel_job, retry_job
from plumbline.flow.pipelines.configuration import read_configuration
from plumbline.flow.pipelines.read import view_pipeline
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.kernel import PlumblineError
from plumbline.model.job import State
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.world import World

    from plumbline.model.server import StoredPipeline

pytestmark = pytest.mark.slow

FILES = {
    ".gitlab-ci.yml": "include: ci/more.yml\na: {scrip: [make]}\nb: {script: [make]}\n",
    "ci/more.yml": "c: {script: [make]}\n",
    "secret.txt": "not of the configuration\n",
}


@pytest.fixture
def made(world: World, tmp_path: Path) -> StoredPipeline:
    number = world.add_project(make_repository(tmp_path / "repo", FILES))
    return run_pipeline(world.actor(), world.server, number)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(PlumblineError) as caught:
        act()
    return caught.value.code


def test_files_are_as_the_commit_has_them(world: World, made: StoredPipeline, tmp_path: Path) -> None:
    (tmp_path / "repo" / ".gitlab-ci.yml").write_text("other: {script: [x]}\n")
    run_git(tmp_path / "repo", "commit", "-qam", "Change")
    found = read_configuration(world.actor(), world.server, made.id, ".gitlab-ci.yml")
    assert (found.text, set(found.names)) == (FILES[".gitlab-ci.yml"], {".gitlab-ci.yml", "ci/more.yml"})
    assert read_configuration(world.actor(), world.server, made.id, "ci/more.yml").text == FILES["ci/more.yml"]
    assert refusal(lambda: read_configuration(world.actor(), world.server, made.id, "secret.txt")) == "not-found"


def test_files_outlive_the_remote_that_was_copied(world: World, made: StoredPipeline, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "repo")
    assert read_configuration(world.actor(), world.server, made.id, "ci/more.yml").text == FILES["ci/more.yml"]


def test_a_project_of_another_repository_reads_its_old_pipelines_and_runs_them_no_more(
    world: World, tmp_path: Path
) -> None:
    number = world.add_project(make_repository(tmp_path / "one", {".gitlab-ci.yml": "b: {script: [make]}\n"}))
    made = run_pipeline(world.actor(), world.server, number)
    [job] = world.jobs(made.id)
    cancel_job(world.actor(), world.server, job.id)
    with world.store.change() as tx:
        tx.bindings.remove(number)
    assert refusal(lambda: retry_job(world.actor(), world.server, job.id)) == "no-repository"
    other = make_repository(tmp_path / "two", {".gitlab-ci.yml": "z: {script: [make]}\n", "more": "x"})
    with world.store.change() as tx:
        tx.bindings.put(Binding(project=number, kind="git", url=str(other)))
    shutil.rmtree(Path(world.data, "mirrors"), ignore_errors=True)
    world.projects.fetch(number)
    assert refusal(lambda: retry_job(world.actor(), world.server, job.id)) == "commit-gone"
    assert refusal(lambda: read_configuration(world.actor(), world.server, made.id, ".gitlab-ci.yml"))
    seen = view_pipeline(world.actor(), world.server, made.id)
    assert [(one.name, one.state, one.attempt) for one in seen.jobs] == [("b", State.CANCELED, 1)]
