"""The git command line: started without the caller's git environment, its failures told in its own words.

No repository that is read here makes git run a program of its own: hooks and file system monitors are off.

``title`` is what people call a repository; where it is another name than its folder, nobody is told the folder.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCK = 1 << 20
MEMORY = 2 << 30  # bytes for one git that reads what others pushed
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
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
_OFF = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "log.showSignature": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
}
# Of no settings but those of one repository, which is then one of ours.
PLAIN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull}


@cache
def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _STRIPPED}
    given = environment.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    for place, (name, value) in enumerate(_OFF.items(), first):
        environment |= {f"GIT_CONFIG_KEY_{place}": name, f"GIT_CONFIG_VALUE_{place}": value}
    environment.update(
        GIT_CONFIG_COUNT=str(first + len(_OFF)),
        GIT_OPTIONAL_LOCKS="0",  # never write the user's index
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_NO_REPLACE_OBJECTS="1",  # nothing of this machine alone lies over what was committed: no replaced objects,
        GIT_GRAFT_FILE=os.devnull,  # and no other parents
        GIT_PAGER="cat",
        LC_ALL="C",
    )
    return environment


def start(
    arguments: list[str],
    folder: str,
    *,
    stdin: int = subprocess.DEVNULL,
    index: str = "",
    title: str = "",
    more: Mapping[str, str] | None = None,
    apart: bool = False,
) -> subprocess.Popen[bytes]:
    """Start ``git`` in a folder, with another index file if one is given, and ``more`` in its environment. ``apart``:
    in a process group of its own, so that it can be ended with what it starts. Raises
    PlumblineError ``git-missing``, or ``not-a-repository`` where there is no folder (``repository-unreadable`` where it
    has a title)."""
    environment = {**_environment(), **more} if more else _environment()
    if index:
        environment = {**environment, "GIT_INDEX_FILE": index}
    if title not in ("", folder):  # where it is damaged, one around it is not meant
        environment = {**environment, "GIT_CEILING_DIRECTORIES": os.path.dirname(os.path.realpath(folder))}
    try:
        return subprocess.Popen(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
            process_group=0 if apart else None,
        )
    except OSError as error:
        if os.path.isdir(folder):
            raise PlumblineError(
                "git-missing",
                t("the git command cannot be started: {reason}", reason=error.strerror or str(error)),
                t("install git and see that it is on the PATH"),
            ) from error
        if title not in ("", folder):
            raise _unreadable(title, t("its folder is gone")) from error
        raise PlumblineError(
            "not-a-repository",
            t("there is no folder {path}", path=folder),
            t("give the folder of a git repository"),
            kind=ErrorKind.CONFIGURATION,
        ) from error


def finish(process: subprocess.Popen[bytes], folder: str, *, fine: tuple[int, ...] = (0,), title: str = "") -> bytes:
    """Wait for a started git and return its output; an exit status that is not ``fine`` raises PlumblineError."""
    output, errors = process.communicate()
    if process.returncode not in fine:
        raise failure(words_of(process, errors), folder, title)
    return output


def words_of(process: subprocess.Popen[bytes], errors: bytes) -> str:
    """What an ended git said; of one that was killed, by which signal as well, since it had no time to say so."""
    said = errors.decode(errors="replace").strip()
    if process.returncode >= 0:
        return said
    try:
        name = signal.Signals(-process.returncode).name
    except ValueError:
        name = str(-process.returncode)
    killed = str(t("git was ended by the signal {name}", name=name))
    return f"{said}; {killed}" if said else killed


def git(
    arguments: list[str],
    folder: str,
    *,
    fine: tuple[int, ...] = (0,),
    index: str = "",
    title: str = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Run git to its end. Raises as :func:`start` and :func:`finish` do."""
    return finish(start(arguments, folder, index=index, title=title, more=more), folder, fine=fine, title=title)


def git_within(
    arguments: list[str], folder: str, most: int, *, title: str = "", more: Mapping[str, str] | None = None
) -> bytes:
    """As :func:`git`, for what has as many lines as whoever pushed wants: a tree of a few objects may name billions of
    files. Raises PlumblineError ``repository-too-large`` besides, beyond ``most`` bytes."""
    process = start(arguments, folder, title=title, more=more)
    limit_memory(process)
    assert process.stdout is not None
    output = bytearray()
    while block := process.stdout.read(_BLOCK):
        output += block
        if len(output) > most:
            process.kill()
            process.communicate()
            raise too_large(title or folder)
    _, errors = process.communicate()
    if process.returncode:
        raise failure(words_of(process, errors), folder, title)
    return bytes(output)


def limit_memory(process: subprocess.Popen[bytes]) -> None:
    """For a git that compares trees: it holds the names of all files that differ before it writes one. Where it asks
    for more, it fails."""
    if hasattr(resource, "prlimit"):  # on Linux
        with suppress(OSError):  # it has ended
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def too_large(title: str) -> PlumblineError:
    return PlumblineError(
        "repository-too-large",
        t("{path} has more files than can be worked with here, or larger ones", path=title),
        t("Whoever pushed this commit has to make it smaller; the setting ci.limit_workspace says how large a working "
          "copy may be."),
        kind=ErrorKind.CONFIGURATION,
    )  # fmt: skip


def failure(words: str, folder: str, title: str = "") -> PlumblineError:
    """What git's own words mean for the user."""
    if "out of memory" in words.lower():
        return too_large(title or folder)
    if title not in ("", folder):
        return _hidden(words, folder, title)
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
    return _unreadable(folder, words or "?")


def _hidden(words: str, folder: str, title: str) -> PlumblineError:
    """Of a repository that is there for certain, so that whatever is wrong is wrong with its folder."""
    for place in (folder, os.path.realpath(folder)):
        words = words.replace(f"{place}/", "").replace(place, title)
    if "dubious ownership" in words:
        return PlumblineError(
            "repository-not-trusted",
            t("git refuses the repository {path}, because another user owns it: {words}", path=title, words=words),
            t("its folder must belong to the user who runs this program"),
        )
    return _unreadable(title, words or "?")


def _unreadable(title: str, words: Text | str) -> PlumblineError:
    return PlumblineError(
        "repository-unreadable",
        t("git cannot read the repository {path}: {words}", path=title, words=words),
        t("`git fsck` in its folder tells more"),
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
