"""The processes of this machine: who descends from whom, which belong to a job, and how to end them all.

Linux only, through ``/proc``. Elsewhere nothing is found, and only process groups are ended.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import cache
from pathlib import Path

from plumbline.adapters.processes.left_containers import remove_marked_containers

MARKER = "PLUMBLINE_JOB"  # the environment variable by which a process is known to belong to a job
_MARKER = MARKER.encode() + b"="
_PATIENCE = 2.0  # seconds for killed processes to go away
LEADERS: set[int] = set()  # programs that this process started in sessions of their own, and reaps itself
LEADERS_LOCK = threading.Lock()
_PR_SET_CHILD_SUBREAPER = 36


_subreaper: dict[int, bool] = {}  # by process: the trait is not inherited over a fork


def become_subreaper() -> bool:
    """Become the parent of every descendant whose own parent dies; False where the system cannot (not Linux)."""
    pid = os.getpid()
    if pid not in _subreaper:
        _subreaper[pid] = _set_subreaper()
    return _subreaper[pid]


def _set_subreaper() -> bool:
    import ctypes  # here, because it costs milliseconds

    try:
        return int(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False


def children(pid: int) -> list[int]:
    """The living and the not yet reaped children of a process."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return []
    return [child for thread in threads for child in _children_of_thread(f"/proc/{pid}/task/{thread}/children", pid)]


def adopted() -> list[int]:
    """The children of this process's main thread: the orphans that a subreaper gets are among them."""
    pid = os.getpid()
    return _children_of_thread(f"/proc/{pid}/task/{pid}/children", pid)


def descendants(pid: int) -> list[int]:
    """All below a process, nearest first."""
    found: list[int] = []
    waiting = children(pid)
    while waiting:
        found += waiting
        waiting = [grandchild for child in waiting for grandchild in children(child)]
    return found


def _children_of_thread(path: str, pid: int) -> list[int]:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return [] if _kernel_lists_children() or f"task/{pid}/" not in path else _children_by_search(pid)
    try:
        data = os.read(handle, 65536)
        while data and (more := os.read(handle, 65536)):
            data += more
    except OSError:
        return []
    finally:
        os.close(handle)
    return [int(word) for word in data.split()] if data else []


@cache
def _kernel_lists_children() -> bool:
    return Path("/proc/self/task", str(os.getpid()), "children").exists()


def _children_by_search(parent: int) -> list[int]:
    """For kernels that do not list children."""
    return [pid for pid in _all() if _stat(pid)[1] == parent]


def _all() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []


def _stat(pid: int) -> tuple[str, int]:
    """State letter and parent; ``("", 0)`` for one that is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return "", 0
    return text[0].decode(), int(text[1])


def marker_of(pid: int) -> str:
    """The job that a process says it belongs to; empty for none, for a zombie and for another user's process."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return ""
    if environ.startswith(_MARKER):
        start = len(_MARKER)
    elif (at := environ.find(b"\0" + _MARKER)) >= 0:
        start = at + 1 + len(_MARKER)
    else:
        return ""
    return environ[start:].partition(b"\0")[0].decode("utf-8", "replace")


def _folder_of(pid: int) -> str:
    """The current folder of a process; empty where it is not to be known."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115
    except OSError:
        return ""


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal; a process that is gone or not ours is none of our business."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def kill_group(group: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process group."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def reap(pid: int) -> bool:
    """Take the exit status of a child that ended; whether there is nothing more to wait for."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def kill_left_behind(session: int, marker: str) -> None:
    """After the leader of ``session`` was reaped: end what it left, in its session or daemonised out of it."""
    own = os.getsid(0)
    until = time.monotonic() + _PATIENCE
    killed: set[int] = set()
    while orphans := adopted():
        dying = [pid for pid in orphans if pid in killed and not reap(pid)]
        for pid in orphans:
            if pid not in killed and _belongs(pid, session, marker, own):
                dying += (pid, *descendants(pid))
        for pid in dying:
            kill(pid)
        killed.update(dying)
        if not dying or time.monotonic() > until:
            return
        time.sleep(0.0005)


def _belongs(pid: int, session: int, marker: str, own: int) -> bool:
    try:
        its = os.getsid(pid)
    except OSError:
        return False
    if its == session:
        return True
    if its != own and _stat(pid)[0] == "Z":  # a daemon that ended by itself: nobody else reaps it
        with LEADERS_LOCK:
            if pid not in LEADERS:
                reap(pid)
        return False
    return its != own and marker_of(pid) == marker


def kill_descendants(pid: int) -> None:
    """End all below a process, also what is born meanwhile, and reap those that are this process's own children."""
    until = time.monotonic() + _PATIENCE
    while (living := [each for each in descendants(pid) if not _is_dead(each)]) and time.monotonic() < until:
        for each in living:
            kill(each)
        time.sleep(0.002)


def _is_dead(pid: int) -> bool:
    if _stat(pid)[0] in ("Z", "X", ""):
        reap(pid)
        return True
    return False


def kill_marked(prefix: str, folder: str) -> int:
    """End every process, and remove every container, whose job marker begins with ``prefix``; how many there were.

    For what an owner left that was killed itself. A process that threw its environment away is known by its current
    folder, which is below ``folder``. Nothing empty is taken: it would end every run's jobs.
    """
    if not prefix or not folder:
        raise ValueError("an empty prefix or folder")
    killed: set[int] = set()
    until = time.monotonic() + _PATIENCE
    own = os.getpid()
    below = folder + "/"
    while found := [
        pid for pid in _all() if pid != own and (marker_of(pid).startswith(prefix) or _folder_of(pid).startswith(below))
    ]:
        for pid in found:
            kill(pid)
        killed.update(found)
        if time.monotonic() > until:
            break
        time.sleep(0.002)
    return len(killed) + remove_marked_containers(prefix)
