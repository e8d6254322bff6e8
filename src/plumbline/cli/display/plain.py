"""A run as plain lines, one for each change: for pipes, files and dumb terminals."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from plumbline.cli.display.board import Board, Row, name_of
from plumbline.cli.display.log_lines import clean, coloured, is_mark
from plumbline.cli.display.words import Paint, duration, sign, state_word
from plumbline.kernel import t
from plumbline.model.job import State
from plumbline.model.run import RunEvent, RunEventKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


def notice(event: RunEvent, paint: Paint) -> str:
    """The line of a notice: something the user should know that is no job's state."""
    return f"{paint(t('note:'), 'yellow')} {event.message}"


class Plain:
    """``follow``: what jobs print is shown as well, with the job's name before it unless only one job runs."""

    def __init__(self, out: TextIO, paint: Paint, *, follow: bool = False, alone: bool = False) -> None:
        self._out = out
        self._paint = paint
        self._follow = follow
        self._alone = alone
        self._board = Board()
        self._unfinished: dict[str, bytes] = {}
        self._lock = Lock()  # what jobs print comes from the threads that run them

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        for job in list(self._unfinished):
            self._rest(job)

    def tell(self, event: RunEvent) -> None:
        """Write what an event means, if it means anything to a reader."""
        with self._lock:
            self._tell(event)

    def _tell(self, event: RunEvent) -> None:
        if event.kind is RunEventKind.NOTICE and event.message is not None:
            self._line(notice(event, self._paint))
        row = self._board.tell(event)
        if event.kind is RunEventKind.TASK_LOG and self._follow:
            self._log(name_of(event), event.log)
        elif row is not None:
            self._rest(row.name)
            self._line(job_line(row, event, self._paint))

    def ask(self, _question: Callable[[], list[str]]) -> list[str]:
        """Nobody to ask here: manual jobs stay as they are."""
        return []

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()

    def _log(self, job: str, data: bytes) -> None:
        *lines, rest = (self._unfinished.get(job, b"") + data).split(b"\n")
        self._unfinished[job] = rest
        for line in lines:
            self._log_line(job, line)
        self._out.flush()

    def _log_line(self, job: str, line: bytes) -> None:
        text = line.decode(errors="replace")
        if is_mark(text):
            return
        text = coloured(text) if self._paint.enabled else clean(text)
        self._out.write(f"{text}\n" if self._alone else f"{job} | {text}\n")

    def _rest(self, job: str) -> None:
        if rest := self._unfinished.pop(job, b""):
            self._log_line(job, rest)


def job_line(row: Row, event: RunEvent, paint: Paint) -> str:
    """``12:30:01  ✓ unit  success  1.2s``."""
    mark, colour = sign(row.state, allowed=row.allowed)
    clock = time.strftime("%H:%M:%S", time.localtime(event.time))
    parts = [paint(clock, "dim"), f"{paint(mark, colour)} {row.name}"]
    word = f"{state_word(row.state, allowed=row.allowed)}"
    parts.append(paint(word, colour) if row.state is not State.RUNNING else word)
    if row.attempt > 1:
        parts.append(str(t("attempt {number}", number=row.attempt)))
    if event.duration is not None:
        parts.append(duration(event.duration))
    if event.message is not None:
        parts.append(f"({event.message})")
    return "  ".join(parts)
