"""What a person may say to a run while it goes on; safe to call from a signal handler or another thread."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.reported import NO_REPORTS, ReadReports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.model.job import JobResult
    from plumbline.model.pipeline import Job


class Done(NamedTuple):
    """``abandoned``: its thread may still use the job's log and cancellation, which stay open. ``reports``: what the
    report files of the job say."""

    job_id: int
    result: JobResult
    abandoned: bool = False
    reports: ReadReports = NO_REPORTS


class Cancel(NamedTuple):
    level: int


class Play(NamedTuple):
    job: str


class Wake(NamedTuple):
    """There may be something to do."""


Message = Done | Cancel | Play | Wake


class Control:
    """The inbox of a run.

    ``ask`` is called when nothing else can happen and manual jobs wait: it is given them and answers with the names
    to play (none: leave them).
    """

    def __init__(self, ask: Callable[[Sequence[Job]], Sequence[str]] | None = None) -> None:
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.ask = ask

    def cancel(self, level: int = 1) -> None:
        """1: stop the scripts, after_script still runs; 2: stop at once."""
        self.inbox.put(Cancel(level))

    def play(self, job: str) -> None:
        """Start a manual job of the root pipeline."""
        self.inbox.put(Play(job))
