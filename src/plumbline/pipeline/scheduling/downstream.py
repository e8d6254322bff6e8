"""What a trigger job makes of the pipeline it started (docs: ci/yaml/#triggerstrategy).

1. Without ``strategy`` it succeeds as soon as that pipeline is there.
2. With one it runs until that pipeline ended, holds its resource group meanwhile, and ends as that one did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.job import FINISHED, FailureReason, JobResult, State

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job

_WAITS = frozenset({State.RUNNING, State.CANCELING})


def waits_for_downstream(job: Job) -> bool:
    """Whether a trigger job goes on until the pipeline it started has ended."""
    return job.trigger is not None and bool(job.trigger.strategy)


def mirrored(trigger: State, downstream: State) -> JobResult | None:
    """How a trigger job in one state ends by a downstream pipeline in another; None: not now, or not any more."""
    if trigger not in _WAITS or downstream not in FINISHED:
        return None
    if downstream is State.FAILED:
        message = t("the downstream pipeline failed")
        return JobResult(state=State.FAILED, reason=FailureReason.UNKNOWN, message=message)
    return JobResult(state=State.CANCELED if downstream is State.CANCELED else State.SUCCESS)
