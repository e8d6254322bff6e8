"""A run on a terminal: finished jobs scroll by, running ones move at the bottom."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live as RichLive
from rich.text import Text as RichText

from plumbline.cli.display.board import Board, Row
from plumbline.cli.display.log_lines import clean
from plumbline.cli.display.plain import job_line, notice
from plumbline.cli.display.table import cells, cut, pad
from plumbline.cli.display.words import Paint, duration, state_word
from plumbline.kernel import language, t
from plumbline.kernel.text import in_language
from plumbline.model.job import FINISHED, State
from plumbline.model.run import RunEvent, RunEventKind

if TYPE_CHECKING:
    from collections.abc import Callable

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_MOST_ROWS = 12
_NAME = 32  # cells of a job's name
_PAUSE = 0.1  # seconds between two writes; a terminal is slow


class Live:
    """``total``: how many jobs the plan has."""

    def __init__(self, paint: Paint, total: int, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, no_color=not paint.enabled)
        self._paint = paint
        self._total = total
        self._board = Board()
        self._above: list[str] = []  # finished lines that were not written yet
        self._announced = ""
        self._written = 0.0
        self._language = language()
        self._newest_lines: Callable[[], dict[int, str]] = dict
        self._live = RichLive(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
        )

    def look_at(self, newest_lines: Callable[[], dict[int, str]]) -> None:
        """Where to find the newest line of each running job, by job id."""
        self._newest_lines = newest_lines

    def __enter__(self) -> Live:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._live.stop()

    def tell(self, event: RunEvent) -> None:
        """Take an event in; the drawing itself happens a few times a second."""
        if event.kind is RunEventKind.NOTICE and event.message is not None:
            self._above.append(notice(event, self._paint))
        row = self._board.tell(event)
        if row is not None and (row.state in FINISHED or row.state in (State.MANUAL, State.SCHEDULED)):
            self._above.append(job_line(row, event, self._paint))
        if self._above and time.monotonic() - self._written > _PAUSE:
            self._flush()

    def announce(self, text: str) -> None:
        """Show a sentence below the running jobs from now on."""
        self._announced = text

    def ask(self, question: Callable[[], list[str]]) -> list[str]:
        """Stand aside while a person is asked something."""
        self._flush()
        self._live.stop()
        try:
            return question()
        finally:
            self._live.start()

    def _flush(self) -> None:
        lines, self._above = self._above, []
        if lines:
            self._console.print(RichText.from_ansi("\n".join(lines)), soft_wrap=True)
        self._written = time.monotonic()

    def _draw(self) -> Group:
        with in_language(self._language):  # this is a thread of its own, which knows nothing of the reader's language
            return self._drawn(self._console.width)

    def _drawn(self, width: int) -> Group:
        waiting = [RichText.from_ansi(line) for line in list(self._above)]
        running = self._board.running
        lines = self._newest_lines()
        shown = running[:_MOST_ROWS]
        room = min(_NAME, max((cells(row.name) for row in shown), default=0))
        rows = [RichText.from_ansi(self._running(row, clean(lines.get(row.job_id, "")), room, width)) for row in shown]
        foot = [self._foot(len(running)), *([self._paint(self._announced, "yellow")] if self._announced else [])]
        return Group(*waiting, *rows, *map(RichText.from_ansi, foot))

    def _running(self, row: Row, line: str, room: int, width: int) -> str:
        now = time.time()
        frame = _FRAMES[int(now * 8) % len(_FRAMES)]
        name = pad(cut(row.name, room), room)
        left = f"{frame} {name} {duration(max(0.0, now - row.started)):>7}  "
        return self._paint(left, "blue") + self._paint(cut(line, max(0, width - cells(left) - 1)), "dim")

    def _foot(self, running: int) -> str:
        counts = self._board.count()
        done = sum(number for state, number in counts.items() if state in FINISHED)
        parts = [f"{done}/{max(self._total, len(self._board.rows))}"]
        if running:
            parts.append(f"{running} {state_word(State.RUNNING)}")
        allowed = sum(1 for row in self._board.rows.values() if row.state is State.FAILED and row.allowed)
        counts[State.FAILED] = counts.get(State.FAILED, 0) - allowed
        for state in (State.SUCCESS, State.FAILED, State.SKIPPED, State.CANCELED, State.MANUAL, State.PENDING):
            if counts.get(state):
                parts.append(f"{counts[state]} {state_word(state)}")
        if allowed:
            parts.append(f"{allowed} {state_word(State.FAILED, allowed=True)}")
        if self._board.began:
            parts.append(str(t("elapsed {time}", time=duration(max(0.0, time.time() - self._board.began)))))
        return self._paint(" · ".join(parts), "bold")
