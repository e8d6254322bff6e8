"""Whatever is killed, nothing that it started stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from plumbline.adapters.processes.table import children, marker_of

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc on this system"),
    pytest.mark.slow,
]

PROGRAM = """
import os, signal, sys, threading, time
from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.processes import guarded, run_program

folder, marker, script = sys.argv[1:4]
cancel = PipeCancellation()

def job():
    run_program(["/bin/bash", "-c", script], {"PATH": os.environ["PATH"], "PLUMBLINE_JOB": marker},
                write=lambda data: None, cancel=cancel, marker=marker, grace=0.3)

def interrupted(number, frame):
    open(folder + "/interrupted", "a").write(f"{number} ")
    cancel.cancel(1)

def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    threads = [threading.Thread(target=job) for _ in range(2)]
    for thread in threads: thread.start()
    open(folder + "/worker", "w").write(str(os.getpid()))
    for thread in threads: thread.join()
    return 5

def sweep():
    open(folder + "/swept", "a").write("swept ")

sys.exit(guarded(main, sweep))
"""
DAEMON = "setsid -f bash -c \"trap '' TERM HUP; sleep 60\" >/dev/null 2>&1; setsid sleep 61 & trap '' TERM; sleep 62"


class Guarded:
    """A guarded program with two jobs that do not want to die."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder, self.marker = folder, f"guard-{uuid4().hex}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), self.marker, script], start_new_session=True
        )
        self.worker = 0

    def wait_until_busy(self, processes: int) -> None:
        until = time.monotonic() + 60
        while len(self.jobs()) < processes or not self.said("worker"):
            assert time.monotonic() < until
            time.sleep(0.01)
        self.worker = int(self.said("worker"))

    def jobs(self) -> list[int]:
        return [
            int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and marker_of(int(p.name)) == self.marker
        ]

    def said(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def assert_nothing_left(self, within: float) -> None:
        until = time.monotonic() + within
        while left := self.jobs():
            assert time.monotonic() < until, left
            time.sleep(0.01)


@pytest.fixture
def busy(tmp_path: Path):
    program = Guarded(tmp_path, DAEMON)
    program.wait_until_busy(6)
    yield program
    program.process.kill()
    program.process.wait()
    program.assert_nothing_left(30)


def test_the_status_of_the_worker_is_handed_on(tmp_path: Path) -> None:
    program = Guarded(tmp_path, "true")
    assert program.process.wait(10) == 5
    assert program.said("swept") == ""


def test_kill_9_of_the_guardian(busy: Guarded) -> None:
    busy.process.send_signal(signal.SIGKILL)
    assert busy.process.wait(60) == -signal.SIGKILL
    busy.assert_nothing_left(30)
    until = time.monotonic() + 30
    while not busy.said("swept") and time.monotonic() < until:
        time.sleep(0.01)
    assert busy.said("swept") == "swept "


def test_kill_9_of_the_worker(busy: Guarded) -> None:
    os.kill(busy.worker, signal.SIGKILL)
    assert busy.process.wait(60) == 3
    assert busy.jobs() == []
    assert busy.said("swept") == "swept "


def test_an_interrupt_to_the_whole_group(busy: Guarded) -> None:
    os.killpg(busy.process.pid, signal.SIGINT)
    assert busy.process.wait(60) == 5
    assert busy.jobs() == []
    assert "2 " in busy.said("interrupted")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_guardian_alone_is_forwarded(busy: Guarded, number: signal.Signals) -> None:
    busy.process.send_signal(number)
    assert busy.process.wait(60) == 5
    assert busy.said("interrupted") == f"{number.value} "
    assert busy.jobs() == []


def test_both_are_stopped_by_a_signal_that_the_worker_does_not_handle(busy: Guarded) -> None:
    os.kill(busy.worker, signal.SIGQUIT)
    assert busy.process.wait(60) == 3
    assert busy.jobs() == []


@pytest.mark.parametrize(
    ("body", "status", "stderr"),
    [
        ("raise SystemExit(7)", 7, ""),
        ("raise SystemExit('no')", 1, "no"),
        ("raise SystemExit", 0, ""),
        ("raise KeyboardInterrupt", 130, ""),
        ("raise ValueError('bug')", 1, "ValueError: bug"),
        ("print('x' * 9999, end='')", 0, ""),
    ],
)
def test_ways_to_leave(body: str, status: int, stderr: str) -> None:
    program = f"""
import sys
from plumbline.adapters.processes import guarded
def main():
    {body}
    return 0
sys.exit(guarded(main, lambda: None))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert stderr in done.stderr
    assert done.stdout in ("", "x" * 9999)


def test_the_guardian_reaps_what_it_adopts(busy: Guarded) -> None:
    assert children(busy.process.pid) == [busy.worker]
