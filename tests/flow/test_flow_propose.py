"""A pipeline is proposed from the server's copy, for whoever may see the repository; nothing is kept or changed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from plumbline.flow.pipelines.propose_pipeline import propose_pipeline
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role
from plumbline.starters import pipeline_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.world import World


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    (folder / "go.mod").write_text("module a\ngo 1.23\n")
    (folder / "a_test.go").write_text("package a\n")
    (folder / "pyproject.toml").symlink_to("/etc/passwd")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "First")
    return folder


def test_who_may_see_the_repository_is_proposed_a_pipeline(world: World, repository: Path) -> None:
    project = world.add_project(repository)
    world.server.projects.fetch(project)
    before = len(world.events())
    found = propose_pipeline(world.actor("vera", Role.VIEWER), world.server, project)
    assert (found.ref, found.sha, found.configured) == ("trunk", git(repository, "rev-parse", "HEAD"), False)
    assert [seen.name for seen in found.proposal.seen] == ["go"]
    assert "golang:1.23" in pipeline_text(found.proposal)
    assert len(world.events()) == before


def test_before_the_first_fetch_it_says_so_and_whoever_runs_pipelines_may_fetch(world: World, repository: Path) -> None:
    project = world.add_project(repository)
    viewer, developer = world.actor("vera", Role.VIEWER), world.actor("dev", Role.DEVELOPER)
    with pytest.raises(PlumblineError) as refused:
        propose_pipeline(viewer, world.server, project)
    assert refused.value.code == "no-mirror"
    with pytest.raises(PlumblineError) as refused:
        propose_pipeline(viewer, world.server, project, fetch=True)
    assert refused.value.code == "not-allowed"
    assert propose_pipeline(developer, world.server, project, fetch=True).proposal.seen
    assert propose_pipeline(viewer, world.server, project).proposal.seen


def test_it_knows_that_there_is_a_configuration_already(world: World, repository: Path) -> None:
    (repository / ".gitlab-ci.yml").write_text("a: {script: make}\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "Configured")
    project = world.add_project(repository)
    found = propose_pipeline(world.actor("dev", Role.DEVELOPER), world.server, project, fetch=True)
    assert found.configured
    assert found.proposal.seen


def test_an_empty_repository_has_no_branch_to_look_at(world: World, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    project = world.add_project(empty)
    with pytest.raises(PlumblineError) as refused:
        propose_pipeline(world.actor("dev", Role.DEVELOPER), world.server, project, fetch=True)
    assert refused.value.code == "unknown-ref"
