"""A fault of our own as the end of a job: told in the log of the server, without the values it met."""

from __future__ import annotations

import logging
import traceback

from plumbline.flow.jobs.order_job import not_started
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.job import FailureReason, JobResult, State

_log = logging.getLogger(__name__)


def fault_result(fault: BaseException, job: int) -> JobResult:
    """The result of a job that met a fault. Its own words may hold secrets, so they are told to nobody."""
    where = "".join(traceback.format_tb(fault.__traceback__))
    _log.error("fault with job %d: %s\n%s", job, type(fault).__name__, where)
    message = t("a fault of Plumbline itself ({what}); its log tells where", what=type(fault).__name__)
    return system_failure(message)


def system_failure(message: Text) -> JobResult:
    """The result of a job that failed by no doing of its own."""
    return JobResult(state=State.FAILED, reason=FailureReason.RUNNER_SYSTEM, message=message)


def result_of(error: Exception, job: int) -> JobResult:
    """How a job ended that could not be started, for whatever reason."""
    return not_started(error) if isinstance(error, PlumblineError) else fault_result(error, job)
