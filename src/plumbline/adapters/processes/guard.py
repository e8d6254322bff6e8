"""Nothing survives: the process that the user started guards the one that does the work, and is guarded by it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from plumbline.adapters.processes.running import refuse_new_programs, wait_if_closing
from plumbline.adapters.processes.table import become_subreaper, kill, kill_descendants

if TYPE_CHECKING:
    from collections.abc import Callable

ORPHANED = 3  # exit status when one of the two was killed
# The sender was the terminal: it told the whole foreground group, the worker among it. But a terminal that is closed
# tells only the leader of the session for sure, which may be the guardian.
_SI_KERNEL = 0x80
_FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT")
)


def guarded(main: Callable[[], int], on_orphaned: Callable[[], None]) -> int:
    """Run ``main`` in a child process and return its status; see that nothing of it outlives either of the two.

    Forks, so call it before any thread is started, and early: the guardian should stay small. The guardian P adopts
    orphans, forwards signals to the worker M, waits, and ends what M left. When M dies of a signal, P kills every
    descendant and runs ``on_orphaned``; when P dies, M notices at once, does the same and exits with status 3.
    Only both killed in the same instant leave something, for ``kill_marked`` at the next start.

    SIGINT from the terminal reaches M without P. From elsewhere it is forwarded, so a SIGINT to the whole group
    reaches M twice within milliseconds; so may SIGHUP.

    Returns only in P: M's status; 3 when M was killed (SIGKILL, a crash); for M ended by SIGINT, SIGTERM or SIGHUP,
    128 and the signal's number. ``main`` may also raise SystemExit.
    """
    become_subreaper()
    sys.stdout.flush()
    sys.stderr.flush()
    watched = {*_FORWARDED, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(writing)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os._exit(_work(main, on_orphaned, reading))
    os.close(reading)
    try:
        status = os.waitstatus_to_exitcode(_await(worker, watched))
        kill_descendants(os.getpid())
        if status >= 0:
            return status
        on_orphaned()
        return 128 - status if -status in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) else ORPHANED
    finally:
        os.close(writing)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _await(worker: int, watched: set[signal.Signals]) -> int:
    """The worker's wait status. Meanwhile adopted orphans that end are reaped, signals forwarded."""
    if not hasattr(signal, "sigwaitinfo"):
        return _await_simply(worker)
    while True:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == worker:
                return status
            if not pid:
                break
        told = signal.sigwaitinfo(watched)
        told_all = told.si_code == _SI_KERNEL and told.si_signo != signal.SIGHUP
        if told.si_signo != signal.SIGCHLD and not told_all:
            kill(worker, told.si_signo)


def _await_simply(worker: int) -> int:
    """For systems without sigwaitinfo (macOS): SIGINT is never forwarded."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in _FORWARDED[1:]:
        signal.signal(number, lambda number, _: kill(worker, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
    return os.waitpid(worker, 0)[1]


def _work(main: Callable[[], int], on_orphaned: Callable[[], None], reading: int) -> int:
    become_subreaper()
    threading.Thread(target=_watch_guardian, args=(reading, on_orphaned), name="guard", daemon=True).start()
    try:
        status = main()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1 if leaving.code else 0
        if status == 1 and not isinstance(leaving.code, int):
            print(leaving.code, file=sys.stderr)
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BaseException:  # noqa: BLE001 (a bug is shown, and the guardian still cleans up)
        traceback.print_exc()
        status = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    wait_if_closing()
    return status


def _watch_guardian(reading: int, on_orphaned: Callable[[], None]) -> None:
    """Nothing is ever written to this pipe: it becomes readable when the guardian is gone."""
    os.read(reading, 1)
    refuse_new_programs()
    kill_descendants(os.getpid())
    try:
        on_orphaned()
    finally:
        os._exit(ORPHANED)
