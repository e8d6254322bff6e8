"""A few threads that run jobs; what they have to say goes back through the run's inbox."""

from __future__ import annotations

import logging
import threading
import time
from contextvars import copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING

from plumbline.flow.jobs.control import Done, Message
from plumbline.flow.jobs.faults import fault_result, system_failure
from plumbline.flow.jobs.tools import nothing_read
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import JobResult
from plumbline.model.reported import NO_REPORTS

if TYPE_CHECKING:
    from plumbline.flow.jobs.job_log import FileLog
    from plumbline.flow.jobs.tools import CancelHandle, ReadJobReports
    from plumbline.model.job import JobOrder
    from plumbline.model.ports.jobs import Executor
    from plumbline.model.reported import ReadReports

PATIENCE = 60.0  # seconds after a job was to end at once until its thread is given up
_OVERTIME = 3600.0  # seconds after its timeout in which a job has to clean up and to keep what it made
_CLOSING = 5.0  # seconds for threads without a job to end
_log = logging.getLogger(__name__)


class _Task:
    """A job in the hands of a thread."""

    __slots__ = ("cancel", "executor", "last", "log", "order", "result", "thread", "told")

    def __init__(self, executor: Executor, order: JobOrder, log: FileLog, cancel: CancelHandle) -> None:
        self.executor, self.order, self.log, self.cancel = executor, order, log, cancel
        self.thread: threading.Thread | None = None
        self.last = time.monotonic() + order.timeout + _OVERTIME
        self.result: JobResult | None = None  # as soon as there is one, while its reports are read
        self.told = 0.0  # when it was seen that it is to end at once, by the monotonic clock


class Workers:
    """At most ``count`` threads, each made when the first job needs it.

    Every job that was started comes back as a :class:`Done`: by its thread, or by :meth:`look`, where the thread is
    gone or does not end. Then another thread takes its place.
    """

    def __init__(self, count: int, inbox: SimpleQueue[Message], read: ReadJobReports = nothing_read) -> None:
        """``read``: what the report files say that a job left; whatever goes wrong in it changes no result."""
        self._inbox = inbox
        self._read = read
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._waiting: dict[int, _Task] = {}  # handed over and not yet ended, by the job's id
        self._lock = threading.Lock()
        self._made = 0
        self._count = count
        self._busy = 0

    @property
    def free(self) -> int:
        return self._count - self._busy

    def start(self, executor: Executor, order: JobOrder, log: FileLog, cancel: CancelHandle) -> None:
        """Hand a job to a thread. Only call while ``free``."""
        task = _Task(executor, order, log, cancel)
        self._busy += 1
        try:
            self._have_threads()
        except BaseException:  # the system has no more threads
            self._busy -= 1
            raise
        with self._lock:
            self._waiting[order.id] = task
        self._tasks.put(task)

    def finished(self) -> None:
        """The inbox delivered a :class:`Done`; its thread is free again."""
        self._busy -= 1

    def look(self) -> None:
        """See that no job is lost with its thread. Call it now and then, from the thread that calls :meth:`start`."""
        now = time.monotonic()
        lost: list[_Task] = []
        with self._lock:
            for task in self._waiting.values():
                if now > task.last:
                    task.cancel.cancel(2)
                if task.cancel.level >= 2:
                    task.told = task.told or now
                gone = task.thread is not None and not task.thread.is_alive()
                if gone or (task.told and now - task.told > PATIENCE):
                    lost.append(task)
        for task in lost:
            if task.thread is not None:
                self._threads.discard(task.thread)
            _log.error("the thread of job %d is lost", task.order.id)
            lost_in = system_failure(t("the thread that ran the job is gone, or did not end"))
            self._end(task, task.result or lost_in, abandoned=True)
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        self._have_threads()

    def close(self) -> None:
        """Wait for the jobs that run, but for a thread that does not end."""
        while self._waiting:
            self.look()
            for thread in list(self._threads):
                thread.join(0.05)
                if not self._waiting:
                    break
        for _ in self._threads:
            self._tasks.put(None)
        until = time.monotonic() + _CLOSING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _have_threads(self) -> None:
        while len(self._threads) < self._busy:
            self._made += 1
            work = copy_context()  # a thread begins with none, and so without the reader's language
            thread = threading.Thread(target=work.run, args=(self._work,), name=f"job-{self._made}", daemon=True)
            thread.start()
            self._threads.add(thread)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task.thread = threading.current_thread()
            result = _attempt(task)
            if not self._end(task, result, reports=self._reports(task, result)):
                return  # given up, and another has its place

    def _reports(self, task: _Task, result: JobResult) -> ReadReports:
        """What it left is read between its end and whatever runs next."""
        if not result.kept or task.cancel.level >= 2:
            return NO_REPORTS
        task.result = result
        try:
            return self._read(task.order, result, task.log)
        except Exception:  # noqa: BLE001 - told in full; the job ended as it ended
            _log.exception("the reports of job %d could not be read", task.order.id)
            return NO_REPORTS

    def _end(
        self, task: _Task, result: JobResult, *, reports: ReadReports = NO_REPORTS, abandoned: bool = False
    ) -> bool:
        """Tell once how a job ended; False where it was told already."""
        with self._lock:
            if self._waiting.get(task.order.id) is not task:
                return False
            self._inbox.put(Done(task.order.id, result, abandoned, reports))
            del self._waiting[task.order.id]
            return True


def _attempt(task: _Task) -> JobResult:
    """Whatever happens has a verdict; a fault's own words may hold secrets, and are told to nobody."""
    try:
        return task.executor.run(task.order, task.log, task.cancel)
    except PlumblineError as error:
        result, said = system_failure(error.message), str(error)
    except OSError as error:
        result, said = system_failure(t("{error}", error=error.strerror or repr(error))), str(error)
    except BaseException as error:  # noqa: BLE001 (a thread that ends with its job unsaid is a job that never ends)
        result = fault_result(error, task.order.id)
        said = str(result.message)
    try:
        task.log.write(f"{said}\n".encode(errors="replace"))
    except Exception:  # noqa: BLE001 (the result says it as well)
        _log.exception("a log could not be written")
    return result
