"""Where this process may make groups of processes: cgroup version 1 and 2, and both at once, as far as they are ours.

Groups of jobs are made in one folder ``plumbline-jobs``: below the group that this process is in, or, in version 2
where others are in it as well, below the nearest one above that is ours. Linux only; elsewhere there is nothing.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from plumbline.adapters.processes.table import descendants

JOBS, MAIN = "plumbline-jobs", "plumbline-main"
UNIFIED = ""  # stands for version 2 itself, which can end a group at once
CONTROLLERS = ("pids", "memory", "cpu", "cpuacct")
FREEZER = "freezer"
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Mounted(NamedTuple):
    """A hierarchy as this process sees it."""

    top: str  # where it is mounted
    own: str  # the folder of the group that this process is in
    unified: bool


@cache
def mounted() -> dict[str, Mounted]:
    """The hierarchies by controller; :data:`UNIFIED` has those of version 2 in its file ``cgroup.controllers``."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return {}
    own = {}
    for line in groups:
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path))
    found: dict[str, Mounted] = {}
    for line in mounts:
        before, _, after = line.partition(" - ")
        kind, _, options = (*after.split(" ", 2), "", "")[:3]
        root, top = (_ESCAPED.sub(lambda code: chr(int(code[1], 8)), each) for each in before.split(" ")[3:5])
        names = {"cgroup2": {UNIFIED}, "cgroup": {*options.split(",")} & {*CONTROLLERS, FREEZER}}.get(kind, set())
        for name in names & own.keys():
            path = own[name]
            if path == root or path.startswith(root.rstrip("/") + "/"):
                below = path[len(root.rstrip("/")) :].strip("/")
                found[name] = Mounted(top, f"{top}/{below}".rstrip("/"), kind == "cgroup2")
    return found


@cache
def homes() -> dict[str, str]:
    """The folders in which groups of jobs may be made, by controller, :data:`UNIFIED` and :data:`FREEZER`.

    The first call makes them, and moves this process and its guardian into a group of their own where version 2 wants
    that: a group whose members are groups has no processes.
    """
    found: dict[str, str] = {}
    hierarchies = mounted()
    for name in (*CONTROLLERS, FREEZER):
        if name in hierarchies and (home := _home(hierarchies[name].own)):
            found[name] = home
    if UNIFIED in hierarchies:
        wanted = [name for name in CONTROLLERS if name not in hierarchies]
        home = _home_of_version_2(hierarchies[UNIFIED], wanted)
        if home:
            found[UNIFIED] = home
            found.update(dict.fromkeys(read(f"{home}/cgroup.subtree_control").split(), home))
    return {name: home for name, home in found.items() if name in (*CONTROLLERS, FREEZER, UNIFIED)}


def is_unified(name: str) -> bool:
    """Whether the files of a controller are those of version 2."""
    return name not in mounted()


def _home(own: str) -> str:
    """The folder of the groups of jobs below a group; empty where it cannot be made."""
    home = f"{own}/{JOBS}"
    with suppress(OSError):
        os.makedirs(home, exist_ok=True)
        if os.access(home, os.W_OK):
            return home
    return ""


def _home_of_version_2(place: Mounted, wanted: list[str]) -> str:
    own = place.own.removesuffix(f"/{MAIN}")
    for parent in _parents(own, place.top):
        if parent == own and wanted and not _hands_on(own, wanted):
            _move_aside(own, wanted)
        if _hands_on(parent, wanted) and os.access(f"{parent}/cgroup.procs", os.W_OK) and (home := _home(parent)):
            _enable(home, wanted)
            return home
    return ""


def _parents(own: str, top: str) -> list[str]:
    parents = [own]
    while parents[-1] != top and parents[-1].startswith(top):
        parents.append(os.path.dirname(parents[-1]))
    return parents


def _hands_on(folder: str, wanted: list[str]) -> bool:
    """Whether groups below get what limits processes and memory, as far as version 2 has it here."""
    there = {"pids", "memory"} & {*wanted}
    return there <= {*read(f"{folder}/cgroup.subtree_control").split()}


def _move_aside(own: str, wanted: list[str]) -> None:
    """Out of a group in which nobody else is, so that it may have groups with limits below it."""
    ours = _ourselves()
    living = {int(pid) for pid in read(f"{own}/cgroup.procs").split()}
    if not living <= ours or not os.access(f"{own}/cgroup.subtree_control", os.W_OK):
        return
    with suppress(OSError):
        os.makedirs(f"{own}/{MAIN}", exist_ok=True)
        for pid in living:
            write(f"{own}/{MAIN}/cgroup.procs", str(pid))
        _enable(own, wanted)


def _ourselves() -> set[int]:
    """This process, its guardian and what they started."""
    first, parent = os.getpid(), os.getppid()
    if read(f"/proc/{parent}/cmdline") == read(f"/proc/{first}/cmdline"):
        first = parent
    return {os.getpid(), first, *descendants(first)}


def _enable(folder: str, wanted: list[str]) -> None:
    for name in wanted:
        with suppress(OSError):  # one that is not there does not keep the others away
            write(f"{folder}/cgroup.subtree_control", f"+{name}")


def room() -> int:
    """Bytes of memory that this process and all it starts may have: of the machine, or of the groups it is in."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    hierarchies = mounted()
    if "memory" in hierarchies:
        stat = dict(line.split(" ", 1) for line in read(f"{hierarchies['memory'].own}/memory.stat").splitlines())
        limits.append(int(stat.get("hierarchical_memory_limit", limits[0])))
    elif UNIFIED in hierarchies:
        for folder in _parents(hierarchies[UNIFIED].own, hierarchies[UNIFIED].top):
            said = read(f"{folder}/memory.max").strip()
            limits += [int(said)] if said.isdigit() else []
    return min(limits)


def read(path: str) -> str:
    """What a file of the system says; nothing where it is not there."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return read_again(handle)
    finally:
        os.close(handle)


def read_again(handle: int) -> str:
    """What an open file of the system says now; nothing where it is gone. Not for lists of processes, which version 1
    keeps for a second for whoever has them open."""
    try:
        said = os.pread(handle, 65536, 0)
        while said and (more := os.pread(handle, 65536, len(said))):
            said += more
    except OSError:
        return ""
    return said.decode(errors="replace")


def write(path: str, text: str) -> None:
    """Tell a file of the system. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)
