"""Whether a failed attempt is followed by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.model.job import FailureReason, State

if TYPE_CHECKING:
    from plumbline.model.job import JobResult
    from plumbline.model.pipeline import Job
    from plumbline.model.run import JobRecord


def may_retry(job: Job, record: JobRecord, result: JobResult) -> bool:
    """``retry:max`` not yet used up, and the failure is one of ``retry:when`` or its exit code of ``exit_codes``.

    With only ``exit_codes`` given, nothing but those codes is retried (docs: ci/yaml/#retryexit_codes).
    """
    if result.state is not State.FAILED or record.attempt > job.retry.max:
        return False
    reason = (result.reason or FailureReason.UNKNOWN).value
    return "always" in job.retry.when or reason in job.retry.when or result.exit_code in job.retry.exit_codes
