"""Every job that a thread was given comes back with a verdict, and its slot with it."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.flow.jobs import workers as module
from plumbline.flow.jobs.control import Done, Message
from plumbline.flow.jobs.workers import Workers
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import FailureReason, JobOrder, JobResult, State

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = JobResult(state=State.SUCCESS)


class Log:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


class Run:
    """Workers, and an executor that does as it is told."""

    def __init__(self, count: int = 1) -> None:
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.workers = Workers(count, self.inbox)
        self.log, self.cancel = Log(), PipeCancellation()
        self.act: Callable[[], JobResult] = lambda: GOOD

    def run(self, order: JobOrder, log: Log, cancel: PipeCancellation) -> JobResult:
        return self.act()

    def start(self, job: int, act: Callable[[], JobResult]) -> None:
        executor = Run()
        executor.act = act
        order = JobOrder(id=job, name="j", stage="test")
        self.workers.start(executor, order, self.log, self.cancel)  # type: ignore[arg-type]

    def done(self, *, looking: bool = False) -> Done:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if looking:
                self.workers.look()
            if not self.inbox.empty():
                message = self.inbox.get()
                assert isinstance(message, Done)
                self.workers.finished()
                return message
            time.sleep(0.002)
        raise AssertionError("no word of the job")


@pytest.fixture
def run():
    run = Run()
    yield run
    run.workers.close()
    run.cancel.close()
    left = [thread for thread in threading.enumerate() if thread.name.startswith("job-")]
    for thread in left:
        thread.join(10)
    assert not [thread for thread in left if thread.is_alive()]


def raising(error: BaseException) -> Callable[[], JobResult]:
    def act() -> JobResult:
        secret = "s3cr3t-of-a-variable"  # a local of the frame that fails
        raise error from ValueError(secret)

    return act


FAULTS = [
    PlumblineError("x", t("a refusal")),
    OSError(28, "No space left on device"),
    KeyError("s3cr3t-of-a-variable"),
    ValueError("s3cr3t-of-a-variable"),
    RecursionError(),
    MemoryError(),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_whatever_an_executor_raises_is_a_failure_of_the_runner(
    run: Run, fault: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    run.start(1, raising(fault))
    done = run.done()
    assert (done.job_id, done.result.state) == (1, State.FAILED)
    assert done.result.reason is FailureReason.RUNNER_SYSTEM
    assert done.result.message
    for text in (str(done.result.message), run.log.data.decode(), caplog.text):
        assert "s3cr3t" not in text
    if not isinstance(fault, PlumblineError | OSError):
        assert "act" in caplog.text  # where it was
    run.start(2, lambda: GOOD)
    assert run.done() == Done(2, GOOD)


def test_a_log_that_fails_as_well(run: Run) -> None:
    def broken(_data: bytes) -> None:
        raise ValueError("closed")

    run.log.write = broken  # type: ignore[method-assign]
    run.start(1, raising(KeyError("x")))
    assert run.done().result.reason is FailureReason.RUNNER_SYSTEM


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_is_gone_is_noticed_and_replaced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    end = run.workers._end

    def dies(task, result, **_) -> None:
        monkeypatch.setattr(run.workers, "_end", end)
        raise SystemExit  # ends the thread without a word

    monkeypatch.setattr(run.workers, "_end", dies)
    run.start(1, lambda: GOOD)
    done = run.done(looking=True)
    assert done.abandoned
    assert done.result.reason is FailureReason.RUNNER_SYSTEM
    assert run.workers.free == 1
    run.start(2, lambda: GOOD)
    assert run.done() == Done(2, GOOD)


def test_a_thread_that_does_not_end_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    go_on = threading.Event()

    def hangs() -> JobResult:
        go_on.wait(30)
        return GOOD

    run.start(1, hangs)
    run.workers.look()
    assert run.inbox.empty()
    run.cancel.cancel(2)
    done = run.done(looking=True)
    assert (done.abandoned, done.result.state) == (True, State.FAILED)
    run.cancel.close()
    run.cancel = PipeCancellation()
    run.start(2, lambda: GOOD)
    assert run.done(looking=True) == Done(2, GOOD)
    go_on.set()  # what the first one says now is too late
    time.sleep(0.05)
    assert run.inbox.empty()


def test_a_job_that_goes_on_for_ever_is_ended(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "_OVERTIME", -3600.0)  # its timeout is over already
    go_on = threading.Event()
    run.start(1, lambda: (go_on.wait(30), GOOD)[1])
    assert run.done(looking=True).abandoned
    assert run.cancel.level == 2
    go_on.set()


def test_closing_waits_for_jobs_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    run, go_on = Run(2), threading.Event()
    run.start(1, lambda: (time.sleep(0.1), GOOD)[1])
    run.start(2, lambda: (go_on.wait(30), GOOD)[1])
    run.cancel.cancel(2)
    begun = time.monotonic()
    run.workers.close()
    assert time.monotonic() - begun < 20
    assert {run.inbox.get().job_id for _ in range(2)} == {1, 2}
    go_on.set()
    run.cancel.close()


def test_where_no_thread_can_be_had_the_slot_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    with pytest.raises(RuntimeError):
        run.start(1, lambda: GOOD)
    assert run.workers.free == 1
    monkeypatch.undo()
    run.start(2, lambda: GOOD)
    assert run.done() == Done(2, GOOD)
