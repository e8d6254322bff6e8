"""Where the scripts of one job run: on this machine as they are, in a sandbox, or in a container."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

from plumbline.adapters.folders import remove_tree
from plumbline.adapters.processes import Ending
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.jobs.output import Output
    from plumbline.kernel import Text
    from plumbline.model.job import JobOrder
    from plumbline.model.ports.jobs import Cancellation, Workspace

INLINE = 100 * 1024  # bytes of a program that is handed over on the command line; a longer one is put in a file


class Start(NamedTuple):
    """A program to start: its arguments, its environment, and open handles that it is given by the same numbers, which
    are closed here when it has started. ``judge`` is asked how it ended, and raises PlumblineError where that says
    nothing of the script."""

    argv: list[str]
    environ: dict[str, str]
    handles: tuple[int, ...] = ()
    judge: Callable[[Ending], None] | None = None


class Place(Protocol):
    """One job's place. ``root`` and ``scratch`` are the working copy and the private folder as scripts see them."""

    title: Text
    root: str
    scratch: str
    bash: bool  # scripts are surely run by bash
    wrapped: bool  # what is started is a wrapper that must not get the polite signal itself
    foreign: bool  # another file system, to which this machine's environment means nothing

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """What scripts are given below the job's own variables; ``base``: what jobs on the machine itself are given."""
        ...

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        """How to run a shell program with this environment; ``name`` tells the step."""
        ...

    def close(self) -> None:
        """End and remove what the place itself started."""
        ...


class Containers(Protocol):
    """Makes the places of jobs with an image."""

    def open(self, order: JobOrder, workspace: Workspace, marker: str, output: Output, cancel: Cancellation) -> Place:
        """Pull the image, start the services. Raises PlumblineError, ``image-pull-failed`` among its codes."""
        ...


class Host:
    """The machine itself: no isolation but a working copy and a process group of the job's own."""

    wrapped = False
    foreign = False

    def __init__(self, workspace: Workspace) -> None:
        self.title = t("this machine's shell, without isolation")
        self.root, self.scratch = workspace.root, workspace.scratch
        self._shell = shell()
        self.bash = self._shell.endswith("bash")

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        return dict(base)

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        return Start([self._shell, *program(script, self.scratch, self.scratch, name)], environ)

    def close(self) -> None:
        return


def program(script: str, folder: str, seen_as: str, name: str) -> list[str]:
    """The arguments that hand a program to a shell; in a file of ``folder`` when it is long."""
    if len(script) < INLINE // 4 or len(script.encode("utf-8", "surrogateescape")) < INLINE:
        return ["-c", script]
    return [write_program(script, folder, seen_as, name)]


def write_program(script: str, folder: str, seen_as: str, name: str, mode: int = 0o600) -> str:
    """Put a program in a file of the scratch folder, in place of whatever a job put there; its path as it sees it."""
    path = f"{folder}/{name}.sh"
    if os.path.lexists(path):
        remove_tree(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    os.fchmod(handle, mode)  # whatever the umask
    with os.fdopen(handle, "wb") as stream:
        stream.write(script.encode("utf-8", "surrogateescape"))
    return f"{seen_as}/{name}.sh"


@cache
def shell() -> str:
    """bash where there is one, else sh."""
    return shutil.which("bash") or shutil.which("sh") or "/bin/sh"


class LazyContainers:
    """Asks whether a container engine answers when the first job with an image comes."""

    def __init__(self, make: Callable[[], Containers]) -> None:
        self._make = make
        self._made: Containers | None = None
        self._lock = Lock()

    def open(self, order: JobOrder, workspace: Workspace, marker: str, output: Output, cancel: Cancellation) -> Place:
        """Raises PlumblineError ``no-container-engine`` besides."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return self._made.open(order, workspace, marker, output, cancel)
