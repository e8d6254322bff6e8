"""Who gets a resource group next (docs: ci/resource_groups/#process-modes).

1. One job has it at a time, from its start to its end.
2. ``unordered``: whoever asks while it is free.
3. ``oldest_first``: nobody before the oldest pipeline that has a job coming; also where that job cannot start yet.
4. ``newest_first``: the same with the newest pipeline.
5. ``newest_ready_first``: the newest pipeline of those whose job could start now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.job import State
from plumbline.model.server import ProcessMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_READY = frozenset({State.PENDING, State.WAITING_FOR_RESOURCE})
_COMING = _READY | {State.CREATED, State.PREPARING, State.SCHEDULED}  # what waits for a person is left out


class Contender(Protocol):
    """A job of a resource group."""

    @property
    def id(self) -> int: ...

    @property
    def pipeline(self) -> int: ...

    @property
    def state(self) -> State: ...


def may_take(mode: ProcessMode, holder: int, job: Contender, group: Callable[[], Iterable[Contender]] = tuple) -> bool:
    """Whether a job that could start may have its resource group. ``holder``: the job that has it, 0: nobody;
    ``group``: all jobs of it that have not ended, asked for where the mode needs them."""
    if holder not in (0, job.id):
        return False
    if mode is ProcessMode.UNORDERED:
        return True
    wanted = _READY if mode is ProcessMode.NEWEST_READY_FIRST else _COMING
    pipelines = {other.pipeline for other in group() if other.state in wanted} | {job.pipeline}
    return job.pipeline == (min if mode is ProcessMode.OLDEST_FIRST else max)(pipelines)
