"""A few threads that run jobs; what they have to say goes back through the run's inbox."""

from __future__ import annotations

import threading
from contextvars import copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING

from plumbline.flow.jobs.control import Done, Message
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import FailureReason, JobResult, State

if TYPE_CHECKING:
    from plumbline.flow.jobs.job_log import FileLog
    from plumbline.flow.jobs.tools import CancelHandle
    from plumbline.model.job import JobOrder
    from plumbline.model.ports.jobs import Executor

_Task = tuple["Executor", "JobOrder", "FileLog", "CancelHandle"]


class Workers:
    """At most ``count`` threads, each made when the first job needs it."""

    def __init__(self, count: int, inbox: SimpleQueue[Message]) -> None:
        self._inbox = inbox
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._count = count
        self._busy = 0

    @property
    def free(self) -> int:
        return self._count - self._busy

    def start(self, executor: Executor, order: JobOrder, log: FileLog, cancel: CancelHandle) -> None:
        """Hand a job to a thread. Only call while ``free``."""
        self._busy += 1
        if len(self._threads) < self._busy:
            work = copy_context()  # a thread begins with none, and so without the reader's language
            name = f"job-{len(self._threads) + 1}"
            thread = threading.Thread(target=work.run, args=(self._work,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put((executor, order, log, cancel))

    def finished(self) -> None:
        """The inbox delivered a :class:`Done`; its thread is free again."""
        self._busy -= 1

    def close(self) -> None:
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            executor, order, log, cancel = task
            try:
                result = executor.run(order, log, cancel)
            except PlumblineError as error:
                log.write(f"{error}\n".encode())
                result = _system_failure(error)
            except OSError as error:
                log.write(f"{error}\n".encode(errors="replace"))
                wrapped = PlumblineError("job-system-error", t("{error}", error=error.strerror or repr(error)))
                result = _system_failure(wrapped)
            self._inbox.put(Done(order.id, result))


def _system_failure(error: PlumblineError) -> JobResult:
    return JobResult(state=State.FAILED, reason=FailureReason.RUNNER_SYSTEM, message=error.message)
