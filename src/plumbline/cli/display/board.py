"""The state of every job as the events of a run tell it; what both displays draw from."""

from __future__ import annotations

from dataclasses import dataclass, field

from plumbline.model.job import FINISHED, State
from plumbline.model.run import RunEvent, RunEventKind

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
    job_id: int = 0  # of the newest attempt


def name_of(event: RunEvent) -> str:
    """The job's name; inside a child pipeline the number of that pipeline stands before it."""
    return event.job if event.pipeline <= 1 else f"{event.pipeline}: {event.job}"


@dataclass(slots=True)
class Board:
    """Rows by job name (with the number of the pipeline before it, inside a child pipeline)."""

    rows: dict[str, Row] = field(default_factory=dict)
    began: float = 0.0

    def tell(self, event: RunEvent) -> Row | None:
        """Take an event in; the row when the job's state changed in a way that is worth a line."""
        if not self.began:
            self.began = event.time
        if not event.job:
            return None
        row = self._row(event)
        state = State.RUNNING if event.kind is RunEventKind.TASK_STARTED else event.state
        if state is None or event.kind in (RunEventKind.TASK_LOG, RunEventKind.TASK_SECTION):
            return None
        row.job_id = event.job_id or row.job_id
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
        name = name_of(event)
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
