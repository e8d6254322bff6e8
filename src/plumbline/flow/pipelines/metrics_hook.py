"""How long jobs waited and ran, and deliveries took, told to whoever counts it, once it is durable."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.job import State
    from plumbline.model.server import Outcome


class Observed(StrEnum):
    QUEUE = "queue"  # a job waited for a runner
    JOB = "job"  # an attempt ran, from its start to its end
    PIPELINE = "pipeline"  # from its making to its end
    DELIVERY = "delivery"  # from its receipt to its outcome


class Observations:
    """Of this process alone. Safe to use from several threads."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Observed, State | Outcome, float], None]] = []

    def listen(self, listener: Callable[[Observed, State | Outcome, float], None]) -> None:
        """It is called with what was observed, the state or outcome reached, and seconds."""
        self._listeners.append(listener)

    def tell(self, what: Observed, state: State | Outcome, microseconds: int) -> None:
        for listener in self._listeners:
            listener(what, state, max(0, microseconds) / 1_000_000)
