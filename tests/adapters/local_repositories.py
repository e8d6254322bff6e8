"""Real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from plumbline.adapters.git import GitRepository, Sources, files_at, open_repository, read_change
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import JobOrder
from plumbline.model.pipeline import Variable

_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2024-03-01T12:00:00+02:00",
    "GIT_COMMITTER_DATE": "2024-03-01T12:00:00+02:00",
}


def run_git(folder: Path | str, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=_ENVIRONMENT, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


def make_repository(folder: Path, files: dict[str, str] | None = None, message: str = "First") -> Path:
    """A repository on branch ``main`` with one commit (none without files)."""
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "-q", "-b", "main")
    if files is not None:
        commit(folder, files, message)
    return folder


def commit(folder: Path, files: dict[str, str], message: str = "Next") -> str:
    put(folder, files)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return run_git(folder, "rev-parse", "HEAD")


def put(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def opened(folder: Path, *, committed: bool = False, sources: Sources | None = None) -> GitRepository:
    home = open_repository(str(folder), sources)
    return files_at(home, read_change(home, Event.PUSH), committed=committed)


def an_order(number: int = 1, **variables: str) -> JobOrder:
    values = tuple(Variable(name, value) for name, value in variables.items())
    return JobOrder(id=number, name=f"job {number}", stage="test", variables=values)


def a_change() -> Change:
    return Change(project=Project(path="group/name"))
