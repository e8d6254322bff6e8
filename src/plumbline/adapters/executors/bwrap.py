"""Shell jobs in a bubblewrap sandbox: the machine read-only, the working copy writable, the user's keys hidden."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.adapters.executors._part import ExecutorKind, Isolation, Setup
from plumbline.adapters.jobs.places import Start, program, shell
from plumbline.kernel import t
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import Workspace

BUILDS = "/builds"
_SCRATCH = f"{BUILDS}/.scratch"
_PATIENCE = 5.0  # seconds for the probe
_HIDDEN = (".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".netrc", ".git-credentials", ".docker", ".kube")
_PRIVATE = frozenset({"proc", "dev", "tmp", "run", "builds", "boot", "lost+found"})
_RUN = ("systemd/resolve", "resolvconf", "NetworkManager", "nscd", "current-system", "opengl-driver", "wrappers")
_KEPT_BY_ROOT = "chown dac_override fowner fsetid setuid setgid kill net_bind_service sys_chroot"


@cache
def bubblewrap() -> Isolation:
    """Try bubblewrap once: it may be absent, and user namespaces may be forbidden."""
    name = "bubblewrap"
    path = shutil.which("bwrap")
    if path is None:
        return Isolation(name, works=False, reason=t("the program bwrap is not installed"))
    import subprocess  # here, because few runs need it

    try:
        argv = [path, *_root_arguments(), *_namespaces(network=True), "--", shell(), "-c", "test -r /proc/self/stat"]
        tried = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Isolation(name, works=False, reason=t("bwrap does not start: {reason}", reason=str(error)))
    if tried.returncode == 0:
        return Isolation(name, works=True)
    said = tried.stderr.decode(errors="replace").strip() or str(tried.returncode)
    return Isolation(name, works=False, reason=t("bwrap does not work here: {reason}", reason=said))


class Bubblewrap:
    """Makes the sandbox of each job; a ``place`` of the local executor. Use it only where :func:`bubblewrap` works.

    The root folder is put together of read-only views of the machine's top folders, with an empty ``/tmp``, ``/run``
    and ``/dev`` of its own and its own process table. The working copy is at ``/builds/<project path>``, so that
    absolute paths stay valid from run to run (where the machine has a ``/builds`` of its own, at its real path).
    ``HOME`` is a private folder; the real one can be read, without what keeps keys and passwords. ``network`` False
    cuts the network off. ``readable`` and ``writable`` are folders shown at their own paths whatever covers them.
    """

    def __init__(
        self,
        project_path: str,
        *,
        network: bool = True,
        readable: Iterable[str] = (),
        writable: Iterable[str] = (),
    ) -> None:
        self._title = t("a bubblewrap sandbox on this machine")
        self._project = project_path
        views = [argument for path in readable for argument in ("--ro-bind-try", path, path)]
        views += [argument for path in writable for argument in ("--bind-try", path, path)]
        wrapper = shutil.which("bwrap") or "bwrap"
        self._arguments = [wrapper, *_root_arguments(), *views, *_namespaces(network=network)]
        self._own_builds = not Path(BUILDS).exists()

    def __call__(self, workspace: Workspace) -> _Sandbox:
        root = f"{BUILDS}/{self._project}" if self._own_builds else workspace.root
        scratch = _SCRATCH if self._own_builds else workspace.scratch
        Path(workspace.scratch, "home").mkdir(0o700, exist_ok=True)
        binds = ("--bind", workspace.root, root, "--bind", workspace.scratch, scratch, "--chdir", root)
        return _Sandbox(self._title, root, scratch, [*self._arguments, *binds, "--"], workspace.scratch)


class _Sandbox:
    """One job's sandbox: a new one for every step."""

    wrapped = True
    foreign = False

    def __init__(self, title: Text, root: str, scratch: str, prefix: list[str], folder: str) -> None:
        self.title, self.root, self.scratch = title, root, scratch
        self._prefix, self._folder = prefix, folder
        self._shell = shell()
        self.bash = self._shell.endswith("bash")

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        argv = [*self._prefix, self._shell, *program(script, self._folder, self.scratch, name)]
        return Start(argv, {**environ, "HOME": f"{self.scratch}/home"})

    def close(self) -> None:
        return


def _namespaces(*, network: bool) -> list[str]:
    arguments = ["--unshare-pid", "--unshare-ipc", "--die-with-parent"]
    if not network:
        arguments.append("--unshare-net")
    if os.geteuid() == 0:  # root could undo the rest; what package managers and tar need stays
        arguments += ("--cap-drop", "ALL")
        for name in _KEPT_BY_ROOT.split():
            arguments += ("--cap-add", f"CAP_{name.upper()}")
    return arguments


def _root_arguments() -> list[str]:
    """Every view costs each job a tenth of a millisecond or more, so there is none where it would show nothing."""
    arguments: list[str] = []
    for entry in sorted(os.scandir("/"), key=lambda entry: entry.name):
        if entry.name in _PRIVATE:
            continue
        if entry.is_symlink():
            arguments += ("--symlink", str(Path(entry.path).readlink()), entry.path)
        elif entry.is_dir():
            arguments += ("--dir", entry.path) if _is_empty(entry.path) else ("--ro-bind", entry.path, entry.path)
    arguments += ("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run")  # noqa: S108
    for name in _RUN:
        arguments += ("--ro-bind-try", f"/run/{name}", f"/run/{name}")
    if Path("/var/tmp").is_dir() and not Path("/var").is_symlink():  # noqa: S108
        arguments += ("--tmpfs", "/var/tmp")  # noqa: S108
    return arguments + _hiding()


def _is_empty(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False


def _hiding() -> list[str]:
    """Cover what keeps keys and passwords in the user's home; only what exists can be covered."""
    arguments: list[str] = []
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home() raises for a user without a home)
    for name in _HIDDEN if home.is_absolute() else ():
        path = home / name
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            continue
        if real.parts[1:2] and real.parts[1] in _PRIVATE:
            continue
        arguments += ("--tmpfs", str(real)) if real.is_dir() else ("--ro-bind", "/dev/null", str(real))
    return arguments


def _check() -> Check:
    """Whether shell jobs can be kept away from the machine."""
    name = "isolation"
    found = bubblewrap()
    if found.works:
        return Check(name=name, health=Health.OK, message=t("bubblewrap isolates shell jobs."))
    return Check(
        name=name,
        health=Health.WARNING,
        message=t("Shell jobs run without isolation from this machine: {reason}", reason=found.reason or ""),
        cure=t("Install bubblewrap, and allow user namespaces; or give every job an image."),
    )


def _place(setup: Setup) -> Bubblewrap:
    return Bubblewrap(setup.project, readable=setup.readable)


PART = ExecutorKind(
    name="bwrap",
    title=t("in a bubblewrap sandbox, which can read the machine but not change it"),
    works=bubblewrap,
    place=_place,
    preference=10,
    check=_check,
)
