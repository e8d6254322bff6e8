"""Programs are run to their end, and nothing of them stays."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.processes import MARKER, Ending, kill_marked, run_program
from plumbline.adapters.processes.running import Stopped
from plumbline.adapters.processes.table import adopted, marker_of

pytestmark = pytest.mark.slow

linux_only = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc on this system")


class Run:
    """Runs bash scripts and remembers what they wrote."""

    def __init__(self) -> None:
        self.marker = f"processes-under-test-{uuid4().hex}"
        self.cancel = PipeCancellation()
        self.output = b""
        self.seconds = 0.0

    def __call__(self, script: str, **options) -> Ending:
        begun = time.monotonic()
        environ = {"PATH": os.environ["PATH"], MARKER: self.marker}
        try:
            return run_program(
                ["/bin/bash", "-c", script],
                environ,
                write=self.write,
                cancel=self.cancel,
                marker=self.marker,
                **{"grace": 0.3, **options},
            )
        finally:
            self.seconds = time.monotonic() - begun

    def write(self, data: bytes) -> None:
        self.output += data

    def left(self) -> list[int]:
        return [
            int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and marker_of(int(p.name)) == self.marker
        ]


@pytest.fixture
def run():
    run = Run()
    yield run
    assert run.left() == []
    run.cancel.close()


@pytest.mark.parametrize(("script", "code"), [("true", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_exit_status(run: Run, script: str, code: int) -> None:
    assert run(script) == Ending(code)


def test_output_is_merged_in_order_and_may_be_any_bytes(run: Run) -> None:
    run(r"echo out; echo err >&2; printf '\377\376\0x'")
    assert run.output == b"out\nerr\n\xff\xfe\0x"


def test_large_output_arrives_whole(run: Run) -> None:
    assert run("head -c 3000000 /dev/zero").exit_code == 0
    assert len(run.output) == 3_000_000


def test_standard_input_is_empty_and_signals_are_as_usual(run: Run) -> None:
    assert run("cat; yes | head -1").exit_code == 0
    assert run.output == b"y\n"
    assert run("set -o pipefail; yes | head -1 >/dev/null").exit_code == 141  # SIGPIPE is not ignored


def test_a_missing_program_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        run_program(["/no/such/shell"], {}, write=print, cancel=PipeCancellation(), marker="m")


def test_timeout_asks_first(run: Run) -> None:
    assert run("trap 'echo bye; exit 3' TERM; sleep 9 & wait", timeout=1.0, grace=5) == Ending(3, Stopped.TIMEOUT)
    assert run.output == b"bye\n"


def test_timeout_kills_what_ignores_the_question(run: Run) -> None:
    assert run("trap '' TERM; while :; do sleep 0.05; done", timeout=0.2) == Ending(137, Stopped.TIMEOUT)
    assert run.seconds < 10


def test_graceful_and_forced_cancellation(run: Run) -> None:
    threading.Timer(0.15, run.cancel.cancel, (1,)).start()
    assert run("trap 'exit 9' TERM; sleep 9 & wait").stopped is Stopped.CANCELED
    assert run("true").exit_code in (0, 143)  # it has been cancelled already
    threading.Timer(0.15, run.cancel.cancel, (2,)).start()
    assert run("trap '' TERM; sleep 60; sleep 60", stop_at=2, grace=20) == Ending(137, Stopped.KILLED)
    assert run.seconds < 10


def test_the_second_level_overtakes_the_first(run: Run) -> None:
    threading.Timer(0.8, run.cancel.cancel, (1,)).start()
    threading.Timer(1.2, run.cancel.cancel, (2,)).start()
    assert run("trap '' TERM; while :; do sleep 0.05; done", grace=20) == Ending(137, Stopped.KILLED)
    assert run.seconds < 15


def test_a_program_that_closes_its_output_is_waited_for(run: Run) -> None:
    assert run("exec >&- 2>&-; sleep 0.3; exit 5") == Ending(5)
    assert run.seconds >= 0.3


def test_a_background_process_that_holds_the_output_does_not_hold_the_job(run: Run) -> None:
    assert run("sleep 60 & echo done") == Ending(0)
    assert run.output == b"done\n"
    assert run.seconds < 10


def test_what_comes_shortly_after_the_end_is_still_heard(run: Run) -> None:
    run("(sleep 0.05; echo late) & exit 0")
    assert run.output == b"late\n"


def test_a_background_process_that_never_stops_talking_is_cut_off(run: Run) -> None:
    assert run("(while :; do echo x; sleep 0.02; done) & exit 0") == Ending(0)
    assert run.seconds < 10


@linux_only
@pytest.mark.parametrize(
    "script",
    [
        "setsid sleep 60 >/dev/null 2>&1 & sleep 0.05",
        "(setsid bash -c '(sleep 60 & sleep 60) & exit' >/dev/null 2>&1 &) ; sleep 0.1",
        "set -m; sleep 60 >/dev/null 2>&1 & disown; exit 4",
        "(trap '' TERM HUP; setsid -f sleep 60 </dev/null >/dev/null 2>&1); sleep 0.05",
        "python3 -c 'import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
        "os.closerange(0, 3); time.sleep(60)'; sleep 0.1",
    ],
)
def test_daemons_go_too(run: Run, script: str) -> None:
    before = set(adopted())  # what other tests started
    run(script)
    assert run.left() == []
    assert set(adopted()) <= before  # nor does a zombie stay


@linux_only
def test_two_programs_at_once_do_not_touch_each_other() -> None:
    first, second = Run(), Run()
    thread = threading.Thread(target=first, args=("setsid bash -c 'sleep 0.5; echo alive' & wait",))
    thread.start()
    time.sleep(0.1)
    second("setsid sleep 60 >/dev/null 2>&1 & exit 0")
    assert second.left() == []
    thread.join()
    assert first.output == b"alive\n"


def test_a_failing_writer_kills_the_program(run: Run) -> None:
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        run_program(
            ["/bin/bash", "-c", "echo x; sleep 60"],
            {"PATH": os.environ["PATH"], MARKER: run.marker},
            write=full,
            cancel=run.cancel,
            marker=run.marker,
        )


@linux_only
def test_kill_marked_finds_what_a_dead_owner_left(tmp_path: Path) -> None:
    prefix = f"proj-{uuid4().hex}-12-"
    environ = {"PATH": os.environ["PATH"]}
    pids = [os.posix_spawnp("sleep", ["sleep", "60"], {**environ, MARKER: prefix + n}) for n in ("3-a", "4-b")]
    (tmp_path / "copy").mkdir()
    command = ["sh", "-c", f"cd {tmp_path}/copy && exec env -i sleep 60"]
    pids.append(os.posix_spawnp("sh", command, environ))  # without its environment, but still in its working copy
    other = os.posix_spawnp("sleep", ["sleep", "60"], {**environ, MARKER: prefix[:-2] + "-1-a"})
    time.sleep(0.1)
    assert kill_marked(prefix, str(tmp_path)) == 3
    assert all(os.waitpid(pid, 0)[1] == signal.SIGKILL for pid in pids)
    assert os.waitpid(other, os.WNOHANG) == (0, 0)
    os.kill(other, signal.SIGKILL)
    os.waitpid(other, 0)
    with pytest.raises(ValueError, match="empty"):
        kill_marked("", "/nowhere")


def test_a_trivial_program_costs_little_beside_its_start(run: Run) -> None:
    run("true")
    begun = time.thread_time()
    for _ in range(20):
        run("true")
    assert (time.thread_time() - begun) / 20 < 0.002  # measured: 0.2 ms, most of it the start itself
