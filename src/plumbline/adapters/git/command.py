"""The git command line: started without the caller's git environment, its failures told in its own words."""

from __future__ import annotations

import os
import subprocess
from functools import cache

from plumbline.kernel import ErrorKind, PlumblineError, t

_STRIPPED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)


@cache
def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _STRIPPED}
    environment.update(
        GIT_OPTIONAL_LOCKS="0",  # never write the user's index
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_PAGER="cat",
        LC_ALL="C",
    )
    return environment


def start(
    arguments: list[str], folder: str, *, stdin: int = subprocess.DEVNULL, index: str = ""
) -> subprocess.Popen[bytes]:
    """Start ``git`` in a folder, with another index file if one is given. Raises PlumblineError ``git-missing`` or
    ``not-a-repository``."""
    environment = _environment()
    if index:
        environment = {**environment, "GIT_INDEX_FILE": index}
    try:
        return subprocess.Popen(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
        )
    except OSError as error:
        if os.path.isdir(folder):
            raise PlumblineError(
                "git-missing",
                t("the git command cannot be started: {reason}", reason=error.strerror or str(error)),
                t("install git and see that it is on the PATH"),
            ) from error
        raise PlumblineError(
            "not-a-repository",
            t("there is no folder {path}", path=folder),
            t("give the folder of a git repository"),
            kind=ErrorKind.CONFIGURATION,
        ) from error


def finish(process: subprocess.Popen[bytes], folder: str, *, fine: tuple[int, ...] = (0,)) -> bytes:
    """Wait for a started git and return its output; an exit status that is not ``fine`` raises PlumblineError."""
    output, errors = process.communicate()
    if process.returncode not in fine:
        raise failure(errors.decode(errors="replace").strip(), folder)
    return output


def git(arguments: list[str], folder: str, *, fine: tuple[int, ...] = (0,), index: str = "") -> bytes:
    """Run git to its end. Raises as :func:`start` and :func:`finish` do."""
    return finish(start(arguments, folder, index=index), folder, fine=fine)


def failure(words: str, folder: str) -> PlumblineError:
    """What git's own words mean for the user."""
    if "dubious ownership" in words:
        return PlumblineError(
            "repository-not-trusted",
            t("git refuses the repository {path}, because another user owns it: {words}", path=folder, words=words),
            t("if you trust it: git config --global --add safe.directory {path}", path=folder),
        )
    if "not a git repository" in words and (damaged := _git_folder(folder)):
        return PlumblineError(
            "repository-unreadable",
            t("{path} cannot be read as a git repository: {words}", path=damaged, words=words),
            t("check its permissions and its file HEAD; `git fsck` may tell more"),
        )
    if "not a git repository" in words or "must be run in a work tree" in words:
        return PlumblineError(
            "not-a-repository",
            t("{path} is not inside a git repository", path=folder),
            t("run `git init` there, or give the folder of a git repository"),
            kind=ErrorKind.CONFIGURATION,
        )
    return PlumblineError(
        "repository-unreadable",
        t("git cannot read the repository {path}: {words}", path=folder, words=words or "?"),
        t("`git fsck` in that folder tells more"),
    )


def _git_folder(folder: str) -> str:
    """What should be a repository around a folder, though git says it is none; empty where nothing is."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return os.path.join(folder, ".git")
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
