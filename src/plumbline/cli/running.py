"""Watching a run: the right display, a person's signals, and questions about manual jobs."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import click

from plumbline.cli.display.screen import is_terminal
from plumbline.flow.jobs.control import Control
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import FrameType

    from plumbline.cli.display.words import Paint
    from plumbline.flow.runs.conductor import Conductor
    from plumbline.model.pipeline import Job
    from plumbline.model.run import RunEvent


class Display(Protocol):
    def tell(self, event: RunEvent) -> None: ...

    def ask(self, question: Callable[[], list[str]]) -> list[str]:
        """Ask a person, if there is one."""
        ...


class Watch:
    """Gives every event to the display that fits. ``control`` is for :func:`run_pipeline`."""

    def __init__(self, paint: Paint, jobs: int, *, as_json: bool, verbose: bool) -> None:
        alone = jobs == 1
        live = not as_json and not verbose and not alone and is_terminal()
        self.follows = verbose or (alone and not as_json)  # of a single job one wants to see what it prints
        self._stack = ExitStack()
        self._display = self._stack.enter_context(
            _display(paint, jobs, live=live, as_json=as_json, follow=self.follows)
        )
        self.asking = False  # a person is being asked something
        self._lost: OSError | None = None  # why nothing can be shown any longer: the reader or the terminal went away
        self.control = Control(ask=self._ask if live and sys.stdin.isatty() else None)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lost is None:
            self._stack.close()
            return
        with suppress(OSError):
            self._stack.close()
        raise self._lost

    def tell(self, event: RunEvent) -> None:
        """Show an event. Once nobody can read our output any more, the run is stopped."""
        if self._lost is not None:
            return
        try:
            self._display.tell(event)
        except OSError as error:
            self._lost = error
            self.control.cancel(2 if isinstance(error, BrokenPipeError) else 1)

    def watch(self, conductor: Conductor) -> None:
        """The run begins: its running jobs can be looked at from now on."""
        look = getattr(self._display, "look_at", None)
        if look is not None:
            look(lambda: {one.record.id: one.log.newest_line() for one in list(conductor.running.values())})

    def announce(self, text: str) -> None:
        """Say something from a signal handler, which may have come amid a write: not through Python's buffers."""
        place = getattr(self._display, "announce", None)
        if place is not None:
            place(text)
            return
        with suppress(OSError):
            os.write(2, f"\n{text}\n".encode())

    def _ask(self, jobs: Sequence[Job]) -> list[str]:
        return self._display.ask(lambda: self._which(jobs))

    def _which(self, jobs: Sequence[Job]) -> list[str]:
        self.asking = True
        try:
            return _which(jobs)
        except KeyboardInterrupt:
            click.echo()
            return []
        finally:
            self.asking = False


def _display(paint: Paint, jobs: int, *, live: bool, as_json: bool, follow: bool) -> AbstractContextManager[Display]:
    if as_json:
        from plumbline.cli.display.events import JsonLines

        return JsonLines(sys.stdout)
    if live:
        from plumbline.cli.display.live import Live

        return Live(paint, jobs)
    from plumbline.cli.display.plain import Plain

    return Plain(sys.stdout, paint, follow=follow, alone=jobs == 1)


def _which(jobs: Sequence[Job]) -> list[str]:
    """Ask which of the waiting manual jobs to play; an empty answer, or the end of input, means none."""
    click.echo(t("Manual jobs wait:"))
    for number, job in enumerate(jobs, 1):
        question = f"  {job.manual_confirmation}" if job.manual_confirmation else ""
        click.echo(f"  {number}. {job.name} ({job.stage}){question}")
    try:
        answer = input(str(t("Play which? (numbers, * for all, Enter for none) ")))
    except EOFError:
        return []
    if answer.strip() == "*":
        return [job.name for job in jobs]
    chosen = {int(word) for word in answer.replace(",", " ").split() if word.isdecimal()}
    return [job.name for number, job in enumerate(jobs, 1) if number in chosen]


_ONE = 0.3  # seconds within which signals are one: a signal to a whole process group may arrive more than once


@dataclass(slots=True)
class Signals:
    """What arrived while a run was going on."""

    first: int = 0
    count: int = 0
    newest: float = -_ONE


@contextmanager
def signals_to(watch: Watch) -> Iterator[Signals]:
    """Inside the block, the first SIGINT or SIGTERM cancels gracefully, the second at once."""
    seen = Signals()
    said = str(t("Stopping; after_script still runs. Press Ctrl-C again to stop at once."))

    def cancel(number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - seen.newest < _ONE:
            return
        seen.first, seen.newest = seen.first or number, now
        seen.count += 1
        watch.control.cancel(1 if seen.count == 1 else 2)
        if watch.asking:
            raise KeyboardInterrupt
        if seen.count == 1:
            watch.announce(said)

    wanted = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.signal(number, cancel) for number in wanted}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
