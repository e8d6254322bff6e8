"""Shell jobs in a bubblewrap sandbox: what is on its list, the working copy, and nothing else of this machine."""

from __future__ import annotations

import os
import shutil
from functools import cache
from typing import TYPE_CHECKING

from plumbline.adapters.executors._calls import refused_calls
from plumbline.adapters.executors._machine import machine, running
from plumbline.adapters.executors._part import ExecutorKind, Isolation, Setup
from plumbline.adapters.executors._people import HOST, group, hosts, passwd, person, shadow, switch
from plumbline.adapters.executors._view import OWN_BIN, Bind, cover, furnish, open_caches, shown
from plumbline.adapters.folders import remove_tree, write_all
from plumbline.adapters.jobs.environment import CERTIFICATES, sandbox_environment
from plumbline.adapters.jobs.places import Start, program, shell
from plumbline.adapters.jobs.script import quote
from plumbline.adapters.processes import MARKER
from plumbline.kernel import t
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.model.ports.jobs import Workspace

BUILDS, OTHER_BUILDS = "/builds", "/workspace"  # the other where the machine's own /builds has to be shown
_TEMPORARY = {"/tmp": ".tmp", "/var/tmp": ".var-tmp"}  # noqa: S108 (of the sandbox) -> beside the working copy
_PATIENCE = 5.0  # seconds for the probe
_MOST = 8900  # arguments that bubblewrap takes; a variable makes three of them, a file five
# Root could undo the rest. What package managers, tar, su and sandboxes inside need stays.
_KEPT_BY_ROOT = "chown dac_override fowner fsetid setuid setgid kill net_bind_service sys_chroot setfcap"
_BASE = [
    *("--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108
    *("--dir", "/var", "--dir", "/var/cache", "--dir", "/var/lib", "--dir", "/var/log"),
    *("--perms", "0755", "--tmpfs", "/run", "--perms", "1777", "--dir", "/run/lock"),
    *("--perms", "1777", "--dir", "/run/postgresql"),
    *("--symlink", "/run", "/var/run", "--symlink", "/run/lock", "/var/lock"),
    *("--symlink", "/proc/self/mounts", "/etc/mtab"),
]  # fmt: skip
# What of /proc is of the whole machine and can be written by whoever is root there, without any capability; bubblewrap
# covers what a folder's own mode says can be written, and that of /proc/sys says no.
_MACHINE_WIDE = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "asound", "scsi", "mtrr", "latency_stats")


@cache
def bubblewrap() -> Isolation:
    """Try bubblewrap once: it may be absent or too old, and user namespaces may be forbidden."""
    name = "bubblewrap"
    path = shutil.which("bwrap")
    if path is None:
        return Isolation(name, works=False, reason=t("the program bwrap is not installed"))
    import subprocess  # here, because few runs need it

    try:
        shows = [*machine(()).arguments, *_BASE, *_machine_wide(), *_namespaces(network=True), "--clearenv"]
        argv = [path, *shows, "--", shell(), "-c", "test -r /proc/self/stat"]
        tried = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Isolation(name, works=False, reason=t("bwrap does not start: {reason}", reason=str(error)))
    if tried.returncode == 0:
        return Isolation(name, works=True)
    said = tried.stderr.decode(errors="replace").strip() or str(tried.returncode)
    return Isolation(name, works=False, reason=t("bwrap does not work here: {reason}", reason=said))


class Bubblewrap:
    """Makes the sandbox of each job; a ``place`` of the local executor. Use it only where :func:`bubblewrap` works.

    The root folder is put together of what :mod:`_machine` lists, tools that are declared, and folders of its own. The
    working copy is at ``/builds/<project path>``, so that absolute paths stay valid from run to run. ``/tmp`` and
    ``/var/tmp`` are on the disk of the working copy, beside it, where nothing that a job does can put a link in their
    place. Users, hosts and variables go in by handles, not by files or arguments that others could read.

    Raises PlumblineError ``tools-refused``.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.title = t("a bubblewrap sandbox on this machine")
        self.view = setup.jobs.view
        needed = (*setup.readable, *(os.path.realpath(os.path.expanduser(path)) for path in self.view.tools))
        builds = OTHER_BUILDS if any(path.startswith(f"{BUILDS}/") for path in needed) else BUILDS
        self.root, self.scratch = f"{builds}/{setup.project}", f"{builds}/.scratch"
        self.home = f"{self.scratch}/home"
        self.shown = shown(self.view, self.home, setup.hidden)
        self.shell = shell()
        own_home = os.path.expanduser("~")
        hidden = [*setup.hidden, own_home] if _is_own(own_home) else setup.hidden
        self.machine = machine(hidden)
        self.who = person(self.shell)
        passwords = passwd(self.who, self.home)
        self.files = {
            "/etc/passwd": (passwords, "0644"),
            "/etc/group": (group(self.who), "0644"),
            "/etc/hosts": (hosts(), "0644"),
            "/etc/hostname": (f"{HOST}\n", "0644"),
        }
        if self.who.uid == 0:
            self.files["/etc/shadow"] = (shadow(passwords), "0640")
        if not any(target == "/etc/nsswitch.conf" for _, target in self.machine.copied):
            self.files["/etc/nsswitch.conf"] = (switch(), "0644")
        own = [*_certificates(self.machine.seen, setup.hidden), *setup.readable]
        self.binds = (*self.shown.binds, *(Bind(path, path) for path in own))
        self.arguments = [*self.machine.arguments, *_BASE, *_machine_wide(), *running(), *self._above()]
        self.refused_calls = refused_calls()

    def _above(self) -> Iterable[str]:
        """Arguments that make what is above the views; bubblewrap by itself would close it to others."""
        elsewhere = (*self.machine.seen, *_TEMPORARY, self.home)
        targets = [self.root, *(bind.target for bind in self.binds)]
        folders: dict[str, None] = {}
        for target in targets:
            if not any(target.startswith(f"{folder}/") for folder in elsewhere):
                above = target.split("/")[1:-1]
                folders.update(("/" + "/".join(above[: count + 1]), None) for count in range(len(above)))
        return [word for folder in folders for word in ("--dir", folder)]

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """What scripts are given below the job's own variables."""
        shows = (*self.machine.seen, *(bind.target for bind in self.binds))
        environ = sandbox_environment(base, shows, (f"{self.home}/{OWN_BIN}", *self.shown.path))
        return {**environ, "HOME": self.home, "USER": self.who.name, "LOGNAME": self.who.name, **self.shown.environ}

    def __call__(self, workspace: Workspace) -> _Sandbox:
        return _Sandbox(self, workspace)


class _Sandbox:
    """One job's sandbox: a new one for every step."""

    wrapped = True
    foreign = False

    def __init__(self, box: Bubblewrap, workspace: Workspace) -> None:
        self.title, self.root, self.scratch = box.title, box.root, box.scratch
        self.bash = box.shell.endswith("bash")
        self._box, self._workspace = box, workspace
        beside = os.path.dirname(workspace.scratch)
        self._temporary = {seen: f"{beside}/{name}" for seen, name in _TEMPORARY.items()}
        for folder in self._temporary.values():
            os.mkdir(folder)
            os.chmod(folder, 0o1777)  # noqa: S103 (below a folder of ours)
        os.makedirs(self._home, 0o700, exist_ok=True)
        open_caches(box.view)

    @property
    def _home(self) -> str:
        return f"{self._workspace.scratch}/home"

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        return self._box.environment(base)

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        box, work = self._box, self._workspace
        if os.path.islink(self._home) or not os.path.isdir(self._home):  # the step before put something in its place
            remove_tree(self._home)
            os.mkdir(self._home, 0o700)
        furnish(box.shown, box.home, self._home)
        for seen, folder in (*self._temporary.items(), (box.home, self._home)):
            cover(box.binds, seen, folder)
        argv = [shutil.which("bwrap") or "bwrap", *_namespaces(network=box.view.network), *box.arguments]
        argv += ("--bind", work.root, self.root, "--bind", work.scratch, self.scratch)
        for seen, folder in self._temporary.items():
            argv += ("--bind", folder, seen)
        for bind in box.binds:
            argv += ("--bind" if bind.writable else "--ro-bind", bind.source, bind.target)
        most = (_MOST - len(argv) - 5 * (len(box.files) + len(box.machine.copied))) // 3
        exports = [f"export {key}={quote(environ.pop(key))}\n" for key in [*environ][most:] if key.isidentifier()]
        handles: list[int] = []
        try:
            argv += self._by_handle(handles, {**environ, "TMPDIR": "/tmp"})  # noqa: S108
        except BaseException:
            for handle in handles:
                os.close(handle)
            raise
        argv += ("--remount-ro", "/", "--chdir", self.root, "--", box.shell)
        argv += program("".join(exports) + script, work.scratch, self.scratch, name)
        # Its own environment is empty: a variable of the job, such as LD_PRELOAD, must not reach it outside.
        return Start(argv, {MARKER: environ.get(MARKER, "")}, tuple(handles))

    def _by_handle(self, handles: list[int], environ: dict[str, str]) -> Iterable[str]:
        """Arguments for files and variables; what they say is behind handles, which are added to ``handles``."""
        arguments: list[str] = []
        for target, (text, mode) in self._box.files.items():
            handles.append(_memory(text.encode("utf-8", "surrogateescape")))
            arguments += ("--perms", mode, "--file", str(handles[-1]), target)
        for source, target in self._box.machine.copied:
            try:
                handles.append(os.open(source, os.O_RDONLY | os.O_CLOEXEC))
            except OSError:  # gone since
                continue
            arguments += ("--perms", "0644", "--file", str(handles[-1]), target)
        if self._box.refused_calls:
            handles.append(_memory(self._box.refused_calls))
            arguments += ("--seccomp", str(handles[-1]))
        words = ["--clearenv", *(word for name, value in environ.items() for word in ("--setenv", name, value))]
        handles.append(_memory("".join(f"{word}\0" for word in words).encode("utf-8", "surrogateescape")))
        return [*arguments, "--args", str(handles[-1])]

    def close(self) -> None:
        return


def _memory(content: bytes) -> int:
    """A handle of an anonymous file with this content, at its beginning."""
    handle = os.memfd_create("job", os.MFD_CLOEXEC)
    try:
        write_all(handle, content)
        os.lseek(handle, 0, os.SEEK_SET)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _namespaces(*, network: bool) -> list[str]:
    arguments = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", HOST]
    arguments += ("--die-with-parent", "--new-session")
    if not network:
        arguments.append("--unshare-net")
    if os.geteuid() == 0:
        arguments += ("--cap-drop", "ALL")
        for name in _KEPT_BY_ROOT.split():
            arguments += ("--cap-add", f"CAP_{name.upper()}")
    return arguments


def _machine_wide() -> Iterable[str]:
    """Arguments that keep a job of root from changing settings of the machine: one names a program that the kernel
    starts, as root and outside, whenever a process of a job crashes."""
    if os.geteuid() == 0:
        for path in (f"/proc/{name}" for name in _MACHINE_WIDE):
            if os.path.exists(path):
                yield from ("--ro-bind", path, path)


def _is_own(home: str) -> bool:
    """Whether it is a home of this user alone, and not a folder of the system that stands for one."""
    try:
        uid = os.geteuid()
        return os.path.isabs(home) and os.stat(home).st_uid == uid and (uid != 0 or home.startswith("/opt/"))
    except OSError:
        return False


def _certificates(seen: Iterable[str], hidden: Iterable[str]) -> list[str]:
    """Files and folders of certificates that this process was told of and that lie elsewhere."""
    told = sorted({os.environ[name] for name in CERTIFICATES if os.environ.get(name)})
    found = [path for path in told if os.path.isabs(path) and os.path.exists(path)]
    found = [path for path in found if not any(f"{path}/".startswith(f"{one}/") for one in seen)]
    return [path for path in found if not any(f"{folder}/".startswith(f"{path.rstrip('/')}/") for folder in hidden)]


def _check() -> Check:
    """Whether shell jobs can be kept away from the machine."""
    name = "isolation"
    found = bubblewrap()
    if found.works:
        return Check(name=name, health=Health.OK, message=t("bubblewrap isolates shell jobs."))
    return Check(
        name=name,
        health=Health.WARNING,
        message=t("Shell jobs cannot be isolated from this machine, and a server refuses them: {reason}",
                  reason=found.reason or ""),
        cure=t("Install bubblewrap, and allow user namespaces; or give every job an image."),
    )  # fmt: skip


PART = ExecutorKind(
    name="bwrap",
    title=t("in a bubblewrap sandbox, which shows programs, the job's own working copy and declared tools alone"),
    works=bubblewrap,
    place=Bubblewrap,
    preference=10,
    check=_check,
)
