"""The repositories of the demo: made, bound to their projects, pushed to; all with the real git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.cli.demo.client import Client

BRANCH = "main"
_TIMEOUT = 120.0  # seconds for one git command


class Repository:
    """A bare repository that others push to, and a working copy of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.bare = folder / "repositories" / f"{name}.git"
        self.work = folder / name

    def create(self) -> None:
        git(self.bare.parent, "init", "--quiet", "--bare", f"--initial-branch={BRANCH}", str(self.bare))

    def start_from(self, files: Path) -> None:
        """A working copy with these files and no commit yet."""
        shutil.copytree(files, self.work, ignore=shutil.ignore_patterns("__pycache__"))
        git(self.work, "init", "--quiet", f"--initial-branch={BRANCH}")
        git(self.work, "remote", "add", "origin", str(self.bare))
        self._introduce()

    def start_empty(self) -> None:
        """A working copy with nothing in it."""
        git(self.work, "init", "--quiet", f"--initial-branch={BRANCH}")
        git(self.work, "remote", "add", "origin", str(self.bare))
        self._introduce()

    def write(self, name: str, line: str, message: str) -> str:
        """Add a line to a file, and commit it; the id of the commit."""
        with (self.work / name).open("a", encoding="utf-8") as file:
            file.write(line)
        return self.commit(message)

    def clone_of(self, checkout: Path) -> None:
        """A working copy of what another repository has committed; of a shallow one, without its history."""
        git(self.work.parent, "clone", "--quiet", "--no-hardlinks", "--no-tags", str(checkout), str(self.work))
        git(self.work, "remote", "set-url", "origin", str(self.bare))
        self._introduce()
        shallow = git(self.work, "rev-parse", "--is-shallow-repository") == "true"
        git(self.work, "checkout", "--quiet", *(["--orphan"] if shallow else ["-B"]), f"demo-{BRANCH}")
        if shallow:
            self.commit("Plumbline, without its history")

    def _introduce(self) -> None:
        """Who commits here; whoever tries it by hand later needs no settings of their own."""
        git(self.work, "config", "user.name", "Developer")
        git(self.work, "config", "user.email", "developer@bank.example")

    def commit(self, message: str) -> str:
        """Everything as it is; the id of the commit."""
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        return git(self.work, "rev-parse", "HEAD")

    def push(self, person: str) -> None:
        """The hook of the bare repository tells the server of it."""
        git(self.work, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}", REMOTE_USER=person)

    def bind(self, admin: Client, project: int) -> None:
        """Make it the repository of a project, and let it tell the server what is pushed."""
        from plumbline.wiring.server import install_hook

        wanted = {"kind": "git", "url": str(self.bare), "default_branch": BRANCH}
        bound = admin.ask("PUT", f"/api/v1/projects/{project}/repository", wanted)
        secret = self.bare.with_suffix(".secret")
        secret.touch(0o600)
        secret.write_text(bound["secret"])
        plumb = [sys.executable, "-m", "plumbline"]
        install_hook(str(self.bare), [*plumb, "notify", admin.url + bound["hook"], "--secret-file", str(secret)])


def git(folder: Path, *arguments: str, **more: str) -> str:
    """What git printed. Hooks and settings of whoever started us have no say. Raises PlumblineError ``demo-git``."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    if arguments[0] != "clone":  # of somebody's checkout: their settings say whom git trusts
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **more}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=_TIMEOUT,
            check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or error
        raise PlumblineError(
            "demo-git",
            t("git {arguments} failed: {said}", arguments=" ".join(arguments), said=str(said).strip()),
            t("Install git 2.28 or newer, and look at what it says."),
        ) from error
    return done.stdout.strip()
