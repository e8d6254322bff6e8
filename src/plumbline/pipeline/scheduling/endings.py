"""What comes of an attempt at a job that ended. The rules, which hold wherever the job ran:

1. A cancellation wins: what ends while it is being canceled is canceled, however it ended.
2. Only a failure can be allowed: always with ``allow_failure: true``, else by its exit code. Then it is a warning.
3. A failure is followed by another attempt where ``retry`` says so, allowed or not; a cancellation never is.
4. An attempt that ended with its process is nobody's failure: it is followed by another, and not counted by ``retry``,
   but only so often. Where nobody knows how far it came and that matters (``repeats`` is False), it is a failure as
   others are: ``retry:when`` has to say ``runner_system_failure`` or ``always``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.server import MAX_INTERRUPTIONS

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job


class Attempt(NamedTuple):
    """Where an attempt stood when it ended. ``number`` counts from 1, ``interruptions`` are those before it."""

    number: int
    canceling: bool = False
    interruptions: int = 0
    interrupted: bool = False  # it ended with the process that ran it
    repeats: bool = True  # and is begun anew by itself then


class Ending(NamedTuple):
    """``result``: how the attempt ended for everybody; ``warning``: it failed, and may; ``again``: another follows,
    before which so many ``interruptions`` do not count."""

    result: JobResult
    warning: bool
    again: bool
    interruptions: int = 0


def ending_of(job: Job, attempt: Attempt, result: JobResult) -> Ending:
    """What comes of an attempt that ended with this result."""
    if attempt.canceling and result.state is not State.CANCELED:
        result = msgspec.structs.replace(result, state=State.CANCELED)
    warning = result.state is State.FAILED and job.allow_failure.allows(result.exit_code)
    before = attempt.interruptions
    if attempt.interrupted and attempt.repeats and not attempt.canceling and before < MAX_INTERRUPTIONS:
        return Ending(result, warning, again=True, interruptions=before + 1)
    return Ending(result, warning, _may_retry(job, attempt.number - before, result), before)


def _may_retry(job: Job, number: int, result: JobResult) -> bool:
    """``retry:max`` not yet used up, and the failure is one of ``retry:when`` or its exit code of ``exit_codes``.

    With only ``exit_codes`` given, nothing but those codes is retried (docs: ci/yaml/#retryexit_codes).
    """
    if result.state is not State.FAILED or number > job.retry.max:
        return False
    reason = (result.reason or FailureReason.UNKNOWN).value
    return "always" in job.retry.when or reason in job.retry.when or result.exit_code in job.retry.exit_codes
