"""The state of every job as the events of a run tell it; what both displays draw from."""

from __future__ import annotations

from dataclasses import dataclass, field

from plumbline.model import FINISHED, RunEvent, RunEventKind, State

_LOUD = frozenset({State.RUNNING, State.MANUAL, State.SCHEDULED, State.WAITING_FOR_RESOURCE}) | (
    FINISHED - {State.SKIPPED}
)


@dataclass(slots=True)
class Row:
    """One job, its newest attempt."""

    name: str
    stage: str
    state: State = State.CREATED
    started: float = 0.0
    duration: float = 0.0
    attempt: int = 1
    allowed: bool = False
    last_line: str = ""


@dataclass(slots=True)
class Board:
    """Rows by job name (with the number of the pipeline before it, inside a child pipeline)."""

    rows: dict[str, Row] = field(default_factory=dict)
    began: float = 0.0
    names: dict[int, str] = field(default_factory=dict)  # the job that started a child, by the child's pipeline id

    def tell(self, event: RunEvent) -> Row | None:
        """Take an event in; the row when the job's state changed in a way that is worth a line."""
        if not self.began:
            self.began = event.time
        if not event.job:
            return None
        row = self._row(event)
        if event.kind is RunEventKind.TASK_LOG:
            row.last_line = newest_line(event.log) or row.last_line
            return None
        state = State.RUNNING if event.kind is RunEventKind.TASK_STARTED else event.state
        if state is None or event.kind is RunEventKind.TASK_SECTION:
            return None
        if state is State.RUNNING:
            row.started = event.time
        changed = row.state is not state or event.attempt > row.attempt
        row.state = state
        row.attempt = max(row.attempt, event.attempt)
        row.allowed = event.allowed_failure
        if event.duration is not None:
            row.duration = event.duration
        return row if changed and state in _LOUD else None

    def _row(self, event: RunEvent) -> Row:
        name = event.job if event.pipeline <= 1 else f"{event.pipeline}: {event.job}"
        row = self.rows.get(name)
        if row is None:
            row = self.rows[name] = Row(name, event.stage)
        return row

    def count(self) -> dict[State, int]:
        """How many jobs are in each state."""
        counts: dict[State, int] = {}
        for row in self.rows.values():
            counts[row.state] = counts.get(row.state, 0) + 1
        return counts

    @property
    def running(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state in (State.RUNNING, State.CANCELING)]


def newest_line(log: bytes) -> str:
    """The last line of a piece of log that holds something; empty when none does."""
    for line in reversed(log[-4096:].replace(b"\r", b"\n").split(b"\n")):
        if line.strip():
            return clean(line.decode(errors="replace")).strip()
    return ""


def clean(line: str) -> str:
    """A log line without terminal control sequences, section marks and control characters."""
    if line.isprintable():
        return line
    import re

    line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|section_(?:start|end):\d+:\S*", "", line)
    return "".join(character for character in line if character.isprintable() or character == "\t")
