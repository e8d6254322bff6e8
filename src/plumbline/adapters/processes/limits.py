"""What one job may take of the machine's processes, memory and processors, held by the best means that there is.

A group of its own (:mod:`plumbline.adapters.processes.cgroups`) holds all processes of a job together; where none can
be had, each process is held by itself (``setrlimit``), and the number of them inside a sandbox alone.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from functools import cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING
from weakref import finalize

from plumbline.adapters.processes import cgroups
from plumbline.adapters.processes.table import kill
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.kernel import Text
    from plumbline.model.job_setup import JobLimits

_PERIOD = 100_000  # microseconds over which processors are shared out
_PATIENCE = 2.0  # seconds for killed processes to leave their group
_ADJUSTMENT = 500  # jobs are ended before the server where memory runs out
_serial = count(1)


class Cage:
    """What holds the processes of one job. Made by :class:`Cages`; used for one job after the other.

    ``prefix`` stands before the arguments of a program and costs one exec. Shells drop variables whose names are none
    of a shell, so where these matter :meth:`lines` stand at the beginning of the program instead. ``inside`` is a line
    for the shell of a sandbox whose user is known to that sandbox alone.
    """

    def __init__(self, name: str, limits: JobLimits, homes: dict[str, str]) -> None:
        self.limits = limits
        self.memory = memory_limit(limits)
        wanted = {"pids": limits.processes, "memory": self.memory, "cpu": limits.cpus, "cpuacct": limits.cpu_seconds}
        self._held = {each for each, limit in wanted.items() if limit and each in homes}
        if limits.cpu_seconds and "cpu" in homes and cgroups.is_unified("cpu"):
            self._held.add("cpuacct")  # part of cpu in version 2
        ending = next((each for each in (cgroups.UNIFIED, cgroups.FREEZER) if each in homes), None)
        names = {*self._held, *([ending] if ending is not None else ())}
        self._groups = {each: f"{homes.get(each) or homes['cpu']}/{name}" for each in names}
        self._folders = sorted(set(self._groups.values()))
        self._ending = self._groups.get(ending) if ending is not None else None
        self._counters: dict[str, int] = {}  # open files that are asked at the beginning and the end of every job
        self._at_begin: dict[str, int] = {}
        self.inside = f"ulimit -u {limits.processes} 2>/dev/null || ulimit -p {limits.processes} 2>/dev/null || :\n"
        self.inside = self.inside if limits.processes and "pids" not in self._held else ""
        # What a job exported as a function must not stand for what is called here.
        entering = f'unset -f echo ulimit 2>/dev/null\n{self.lines(bash=False)}exec "$@"'
        self.prefix = ["/bin/sh", "-c", entering, "plumbline"]

    def open(self) -> None:
        """Make the groups. Raises OSError."""
        for folder in self._folders:
            os.makedirs(folder, exist_ok=True)
        for path, text in self._settings():
            with suppress(FileNotFoundError):  # no accounting of swap
                cgroups.write(path, text)
        for each in self._held & {"pids", "memory"}:
            with suppress(OSError):
                self._counters[each] = os.open(self._counter(each), os.O_RDONLY | os.O_CLOEXEC)
        self.begin()

    def begin(self) -> None:
        """A job begins: what happened before is not its doing."""
        self._at_begin = {each: self._count(each) for each in self._held}

    def _settings(self) -> Iterator[tuple[str, str]]:
        if "pids" in self._held:
            yield f"{self._groups['pids']}/pids.max", str(self.limits.processes)
        if "memory" in self._held:
            yield from memory_settings(self._groups["memory"], self.memory)
        if "cpu" in self._held and cgroups.is_unified("cpu"):
            yield f"{self._groups['cpu']}/cpu.max", f"{self.limits.cpus * _PERIOD} {_PERIOD}"
        elif "cpu" in self._held:
            yield f"{self._groups['cpu']}/cpu.cfs_period_us", str(_PERIOD)
            yield f"{self._groups['cpu']}/cpu.cfs_quota_us", str(self.limits.cpus * _PERIOD)

    def lines(self, *, bash: bool) -> str:
        """By these a shell enters the groups. ``bash``: it is bash, not a shell of POSIX, whose blocks are smaller."""
        entering = [f"echo 0 >{_quoted(each)}/cgroup.procs" for each in self._folders]
        wishes = [f"echo {_ADJUSTMENT} >/proc/self/oom_score_adj", "ulimit -c 0"]  # the job begins without them too
        if self.memory and "memory" not in self._held:
            wishes.append(f"ulimit -d {self.memory // 1024}")
        if self.limits.workspace:
            wishes.append(f"ulimit -f {-(-self.limits.workspace // (1024 if bash else 512))}")
        if self.limits.cpu_seconds and "cpuacct" not in self._held:
            wishes.append(f"ulimit -Ht {self.limits.cpu_seconds + 2}; ulimit -St {self.limits.cpu_seconds}")
        all_of_it = " && ".join((*entering, f"{{ {'; '.join(wishes)}; :; }}"))
        failed = "{ echo 'plumbline: the job could not be put into its group' >&2; exit 125; }"
        return f"{{ {all_of_it}; }} 2>/dev/null || {failed}\n"

    def lacking(self, *, sandboxed: bool) -> Text | None:
        """What cannot be held, for the log; None: all can. ``sandboxed``: the job's user is known to it alone."""
        limits = self.limits
        lost = []
        if limits.processes and "pids" not in self._held and (not sandboxed or os.geteuid() == 0):
            lost.append(t("the number of processes"))
        if self.memory and "memory" not in self._held:
            lost.append(t("memory of all processes together"))
        if limits.cpus and "cpu" not in self._held:
            lost.append(t("processors"))
        if limits.cpu_seconds and "cpuacct" not in self._held:
            lost.append(t("processor time of all processes together"))
        if not lost:
            return None
        joined = "; ".join(str(each) for each in lost)
        return t("Not limited, since this user may make no control groups here: {what}", what=joined)

    def cpu_used(self) -> float:
        """Seconds of processor time that the job has used up; 0 where nobody counts."""
        now = self._count("cpuacct") if "cpuacct" in self._held else 0
        return (now - self._at_begin.get("cpuacct", now)) / 1_000_000

    def exceeded(self) -> Text | None:
        """Which limit the job ran into since it began, as far as its groups tell."""
        if "memory" in self._held and self._count("memory") > self._at_begin["memory"]:
            return t("it ran into the limit of memory ({size} MB)", size=self.memory // 1_000_000)
        if "pids" in self._held and self._count("pids") > self._at_begin["pids"]:
            return t("it ran into the limit of processes ({count})", count=self.limits.processes)
        return None

    def _counter(self, name: str) -> str:
        """The file that counts how often a limit was run into."""
        memory = "memory.events" if cgroups.is_unified("memory") else "memory.oom_control"
        return f"{self._groups[name]}/{memory if name == 'memory' else 'pids.events'}"

    def _count(self, name: str) -> int:
        """How often a limit was run into; of ``cpuacct``: microseconds."""
        if name in self._counters:
            return _number(cgroups.read_again(self._counters[name]), "max" if name == "pids" else "oom_kill")
        if name == "cpuacct" and cgroups.is_unified(name):
            return _number(cgroups.read(f"{self._groups[name]}/cpu.stat"), "usage_usec")
        return int(cgroups.read(f"{self._groups[name]}/cpuacct.usage") or 0) // 1000 if name == "cpuacct" else 0

    def kill(self) -> None:
        """End everything in the groups, also what is born meanwhile."""
        if self._ending is not None:
            kill_group_of(self._ending)
        elif self._folders:
            kill_group_of(self._folders[0])

    def holds_any(self) -> bool:
        """Whether something is in the group by which all are ended."""
        folder = self._ending or next(iter(self._folders), "")
        return bool(folder and cgroups.read(f"{folder}/cgroup.procs"))

    def processes(self) -> list[int]:
        """Those in the groups; none where there are no groups."""
        found = {int(pid) for folder in self._folders for pid in cgroups.read(f"{folder}/cgroup.procs").split()}
        return sorted(found)

    def is_empty(self) -> bool:
        return not any(cgroups.read(f"{folder}/cgroup.procs") for folder in self._folders)

    def end(self) -> bool:
        """The job has ended: end what is left of it. Whether nothing is, so that another may come in."""
        until = time.monotonic() + _PATIENCE
        while not self.is_empty():
            self.kill()
            if time.monotonic() > until:
                return False
            time.sleep(0.002)
        return True

    def close(self) -> None:
        """Remove the groups."""
        while self._counters:
            os.close(self._counters.popitem()[1])
        for folder in self._folders:
            remove_group(folder)


class Cages:
    """Cages for the jobs of one executor, each used for one job at a time. ``prefix``: how their names begin, so that
    those of an owner that was killed are found again."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._free: dict[JobLimits, list[Cage]] = {}
        self._lock = Lock()
        self._closed = False
        finalize(self, _close_all, self._free)

    def take(self, limits: JobLimits) -> Cage:
        with self._lock:
            free = self._free.get(limits)
            cage = free.pop() if free else None
        if cage is not None:
            cage.begin()
            return cage
        name = f"{self._prefix}{os.getpid()}-{next(_serial)}"
        cage = Cage(name, limits, _homes())
        try:
            cage.open()
        except OSError:  # the system says no after all
            cage.close()
            cage = Cage(name, limits, {})
        return cage

    def give_back(self, cage: Cage) -> None:
        if not cage.end():
            cage.close()
            return
        with self._lock:
            if not self._closed:
                self._free.setdefault(cage.limits, []).append(cage)
                return
        cage.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            _close_all(self._free)


def _close_all(free: dict[JobLimits, list[Cage]]) -> None:
    while free:
        for cage in free.popitem()[1]:
            cage.close()


@cache
def _homes() -> dict[str, str]:
    """Where groups are made; all jobs together may not take what the server itself needs."""
    homes = cgroups.homes()
    if "memory" in homes:
        for path, text in memory_settings(homes["memory"], share_of_memory()):
            with suppress(OSError):
                cgroups.write(path, text)
    return homes


@cache
def share_of_memory() -> int:
    """Bytes: three quarters of what there is."""
    return cgroups.room() * 3 // 4


def memory_limit(limits: JobLimits) -> int:
    """Bytes that one job may have."""
    return min(limits.memory, share_of_memory()) if limits.memory else share_of_memory()


def memory_settings(group: str, size: int) -> Iterator[tuple[str, str]]:
    """The files of a group that limit its memory, swap included."""
    if cgroups.is_unified("memory"):
        yield f"{group}/memory.max", str(size)
        yield f"{group}/memory.swap.max", "0"
    else:
        yield f"{group}/memory.limit_in_bytes", str(size)
        yield f"{group}/memory.memsw.limit_in_bytes", str(size)


def kill_group_of(folder: str) -> None:
    """End every process of a group and of those below it."""
    try:
        cgroups.write(f"{folder}/cgroup.kill", "1")
    except OSError:
        _kill_frozen(folder)


def _kill_frozen(folder: str) -> None:
    """What forks faster than it is killed has to be stopped first, where that can be done."""
    stop, go = (("freezer.state", "FROZEN"), ("freezer.state", "THAWED"))
    if os.path.exists(f"{folder}/cgroup.freeze"):
        stop, go = (("cgroup.freeze", "1"), ("cgroup.freeze", "0"))
    with suppress(OSError):
        cgroups.write(f"{folder}/{stop[0]}", stop[1])
    for inside, _, _ in os.walk(folder):
        for pid in cgroups.read(f"{inside}/cgroup.procs").split():
            kill(int(pid), signal.SIGKILL)
    with suppress(OSError):
        cgroups.write(f"{folder}/{go[0]}", go[1])


def remove_group(folder: str) -> None:
    """Remove a group with those that a job made below it."""
    for inside, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            os.rmdir(inside)


def remove_groups(prefix: str) -> None:
    """End what is in groups whose names begin with ``prefix``, and remove them. For what an owner left that was killed
    itself. Nothing empty is taken."""
    if not prefix:
        raise ValueError("an empty prefix")
    left = {
        f"{home}/{name}" for home in set(cgroups.homes().values()) for name in _names(home) if name.startswith(prefix)
    }
    until = time.monotonic() + _PATIENCE
    while left and time.monotonic() < until:
        for folder in left:
            kill_group_of(folder)
            remove_group(folder)
        left = {folder for folder in left if os.path.isdir(folder)}
        if left:
            time.sleep(0.005)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _number(said: str, name: str) -> int:
    for line in said.splitlines():
        first, _, value = line.partition(" ")
        if first == name:
            return int(value)
    return 0


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\"'\"'") + "'"
