"""A real repository, and ``plumb`` as a real process in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Plumb:
    """A repository with one commit, and a data folder of its own."""

    folder: Path
    data: Path

    def environment(self, **extra: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PLUMBLINE"))}
        return {**kept, "HOME": str(self.data), "PLUMBLINE_DATA": str(self.data), **extra}

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "plumbline", *arguments],
            cwd=self.folder,
            env=self.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **extra)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.invalid", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def plumb(tmp_path: Path) -> Callable[[str], Plumb]:
    """Give the text of a ``.gitlab-ci.yml``, get a repository with it."""

    def make(configuration: str) -> Plumb:
        made = Plumb(tmp_path / "project", tmp_path / "data")
        made.folder.mkdir()
        made.data.mkdir()
        (made.folder / ".gitlab-ci.yml").write_text(configuration)
        made.git("init", "--quiet", "--initial-branch=main")
        made.git("add", ".")
        made.git("commit", "--quiet", "-m", "First")
        return made

    return make
