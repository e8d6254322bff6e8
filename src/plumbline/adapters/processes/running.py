"""Run one program to its end: its output as it comes, a time limit, a cancellation, and nothing left behind."""

from __future__ import annotations

import errno
import os
import select
import signal
import threading
import time
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.processes.table import (
    LEADERS,
    LEADERS_LOCK,
    become_subreaper,
    descendants,
    kill,
    kill_group,
    kill_left_behind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.processes.limits import Cage
    from plumbline.model.ports.jobs import Cancellation

QUIET = 0.1  # seconds without output after which a process that outlived the program is not listened to any longer
LISTEN = 1.0  # seconds that such a process is listened to at most
_TICK = 0.05  # seconds between looks while stopping
_TICK_BLIND = 0.01  # the same where the system has no pidfd
_LOOK = 0.25  # seconds between looks whether a limit was reached
_CHUNK = 65536
_DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_closing = threading.Event()


class Stopped(Enum):
    """What ended a program before its own end."""

    NOT = "not"
    TIMEOUT = "timeout"
    CANCELED = "canceled"  # cancellation level 1
    KILLED = "killed"  # cancellation level 2
    LIMIT = "limit"  # it took more than it may


class Ending(NamedTuple):
    """How a program ended: its exit status (128 and the signal's number for one killed), and what stopped it."""

    exit_code: int
    stopped: Stopped = Stopped.NOT


def refuse_new_programs() -> None:
    """Start none any longer in this process; a thread that tries waits for the process's own end."""
    _closing.set()


def wait_if_closing() -> None:
    """Return at once, or never when this process is being brought to its end by another thread."""
    if _closing.is_set():
        threading.Event().wait()


def run_program(
    argv: list[str],
    environ: Mapping[str, str],
    *,
    write: Callable[[bytes], None],
    cancel: Cancellation,
    marker: str,
    timeout: float | None = None,
    grace: float = 10.0,
    stop_at: int = 1,
    wrapped: bool = False,
    cage: Cage | None = None,
    halted: Callable[[], bool] | None = None,
    handles: tuple[int, ...] = (),
) -> Ending:
    """Run ``argv`` (with an absolute path first) in its own session, standard input empty, and wait for its end.

    ``write`` gets standard output and standard error as they come. After ``timeout`` seconds, or when the
    cancellation's level reaches ``stop_at``, the program's process group gets SIGTERM and after ``grace`` seconds
    SIGKILL; at level 2 SIGKILL at once. ``wrapped``: the program is a wrapper that SIGTERM would end before what it
    wraps, so its descendants get the signal instead. ``handles`` are open in the program, by the same numbers, and
    closed here. ``cage`` holds the program (by its ``prefix`` or its ``lines``), and all in it are ended with it.
    ``halted`` is asked some times a second: once it says so, the program gets SIGKILL.

    When the program has ended, whatever it left is killed: in its process group, in its session, and what daemonised
    and has ``marker`` in its environment (variable ``PLUMBLINE_JOB``). One that still holds the output open is
    listened to until it is quiet for 0.1 s, 1 s at most. Blocking; call it from as many threads as you like.
    Raises OSError where the program cannot be started, and whatever ``write`` raises, with the program killed.

    Without ``/proc``, pidfd and subreapers (macOS) ends are noticed within 10 ms, and daemons in other process groups
    are not found.
    """
    pid, reading = _start(argv, environ, handles)
    watch = _Watch(pid, reading, write, cancel, stop_at, grace, wrapped, cage, halted)
    try:
        watch.until_end(timeout)
        watch.listen()
        code = watch.finish(marker)
        wait_if_closing()
        return Ending(code, watch.stopped)
    except BaseException:
        watch.finish(marker)
        raise
    finally:
        watch.close()


def _start(argv: list[str], environ: Mapping[str, str], handles: tuple[int, ...]) -> tuple[int, int]:
    """The process, and where its output comes out."""
    try:
        wait_if_closing()
        become_subreaper()
        reading, writing = os.pipe()
        try:
            with LEADERS_LOCK:
                pid = _spawn(argv, environ, writing, handles)
                LEADERS.add(pid)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
    finally:
        for handle in handles:
            os.close(handle)
    return pid, reading


def _spawn(argv: list[str], environ: Mapping[str, str], output: int, handles: tuple[int, ...]) -> int:
    actions = (
        *((os.POSIX_SPAWN_DUP2, handle, handle) for handle in handles),  # which makes it one that stays open
        (os.POSIX_SPAWN_DUP2, _null(), 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, output, 2),
    )
    try:
        return os.posix_spawn(
            argv[0], argv, environ, file_actions=actions, setsid=True, setsigmask=(), setsigdef=_DEFAULT_SIGNALS
        )
    except ValueError as error:  # a NUL, or a character that has no bytes
        raise OSError(errno.EINVAL, str(error)) from None


@cache
def _null() -> int:
    return os.open(os.devnull, os.O_RDWR)


class _Watch:
    """One running program, seen from its thread."""

    def __init__(
        self,
        pid: int,
        reading: int,
        write: Callable[[bytes], None],
        cancel: Cancellation,
        stop_at: int,
        grace: float,
        wrapped: bool,
        cage: Cage | None,
        halted: Callable[[], bool] | None,
    ) -> None:
        self.stopped = Stopped.NOT
        self._pid, self._reading, self._write, self._cancel = pid, reading, write, cancel
        self._stop_at, self._grace, self._wrapped = stop_at, grace, wrapped
        self._cage, self._halted = cage, halted
        self._exit_code: int | None = None
        self._kill_time: float | None = None  # when SIGKILL follows; None: nothing stops it yet
        self._open = True  # the pipe
        self._poll = select.poll()
        self._poll.register(reading, select.POLLIN)
        self._bell = cancel.fileno()
        if self._bell >= 0:
            self._poll.register(self._bell, select.POLLIN)
        self._pidfd = _open_pidfd(pid)
        if self._pidfd >= 0:
            self._poll.register(self._pidfd, select.POLLIN)

    def until_end(self, timeout: float | None) -> None:
        """Carry the output until the program itself has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            for handle, _ in self._poll.poll(self._patience(deadline)):
                if handle == self._reading:
                    self._read()
                elif handle == self._pidfd:
                    return
            if self._pidfd < 0 and os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            self._stop_if_due(deadline)

    def _patience(self, deadline: float | None) -> float | None:
        """Milliseconds until there is something to look at besides the handles."""
        if self._pidfd < 0:
            return _TICK_BLIND * 1000
        if self._kill_time is not None or self._bell < 0:
            return _TICK * 1000
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000 + 1
        return left if self._halted is None else min(_LOOK * 1000, _LOOK * 1000 if left is None else left)

    def _stop_if_due(self, deadline: float | None) -> None:
        level = self._cancel.level
        if level >= 2 and self.stopped is not Stopped.KILLED:
            self._begin_stop(Stopped.KILLED)
        elif self._halted is not None and self.stopped not in (Stopped.KILLED, Stopped.LIMIT) and self._halted():
            self._begin_stop(Stopped.LIMIT)
        elif self._kill_time is None:
            if level >= self._stop_at:
                self._begin_stop(Stopped.CANCELED)
            elif deadline is not None and time.monotonic() >= deadline:
                self._begin_stop(Stopped.TIMEOUT)
            elif level and self._bell >= 0:
                self._ignore_bell()
        if self._kill_time is not None and time.monotonic() >= self._kill_time:
            self._kill_everything()

    def _begin_stop(self, why: Stopped) -> None:
        self.stopped = why
        self._ignore_bell()
        self._kill_time = time.monotonic()
        if why in (Stopped.KILLED, Stopped.LIMIT) or self._grace <= 0:
            return
        self._kill_time += self._grace
        if self._wrapped:
            for pid in descendants(self._pid):
                kill(pid, signal.SIGTERM)
        else:
            kill_group(self._pid, signal.SIGTERM)

    def _ignore_bell(self) -> None:
        if self._bell >= 0:
            self._poll.unregister(self._bell)
            self._bell = -1

    def _kill_everything(self) -> None:
        if self._cage is not None:
            self._cage.kill()
        for pid in descendants(self._pid):
            kill(pid)
        kill_group(self._pid)

    def _read(self) -> bool:
        data = os.read(self._reading, _CHUNK)
        if data:
            self._write(data)
            return True
        self._poll.unregister(self._reading)
        self._open = False
        return False

    def listen(self) -> None:
        """The program has ended: read what is still in the pipe, and what a process that holds it says meanwhile."""
        until = time.monotonic() + LISTEN
        ready = select.poll()
        ready.register(self._reading, select.POLLIN)
        quiet = QUIET * 1000 if self.stopped is Stopped.NOT else 0
        while self._open and ready.poll(quiet):
            self._read()
            if time.monotonic() >= until:
                return

    def finish(self, marker: str) -> int:
        """Kill what is left, reap the program and read the last of its output; its exit status."""
        if self._exit_code is not None:
            return self._exit_code
        kill_group(self._pid)
        if self._cage is not None and self._cage.holds_any():
            self._cage.end()  # what is dead, and not only dying, is known to be ours
        status = os.waitpid(self._pid, 0)[1]
        LEADERS.discard(self._pid)
        code = os.waitstatus_to_exitcode(status)
        self._exit_code = code if code >= 0 else 128 - code
        kill_left_behind(self._pid, marker)
        return self._exit_code

    def close(self) -> None:
        os.close(self._reading)
        if self._pidfd >= 0:
            os.close(self._pidfd)


def _open_pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1
