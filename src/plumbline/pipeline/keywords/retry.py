"""``retry``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Retry
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import HIGHEST_EXIT_CODE, LOWEST_EXIT_CODE, Reading

_MOST = 2
_REASONS = (
    "always",
    "unknown_failure",
    "script_failure",
    "api_failure",
    "stuck_or_timeout_failure",
    "stuck_pending_with_matching_runners",
    "stuck_pending_no_matching_runners",
    "no_updates_running",
    "no_updates_canceling",
    "runner_system_failure",
    "runner_configuration_error",
    "runner_external_dependency_failure",
    "runner_interrupted",
    "runner_unsupported",
    "stale_schedule",
    "job_execution_timeout",
    "server_timeout_running",
    "server_timeout_canceling",
    "archived_failure",
    "unmet_prerequisites",
    "scheduler_failure",
    "data_integrity_failure",
)


def read(reading: Reading) -> Retry:
    """How often, and after which failures; with exit codes alone, after no other failure."""
    if not isinstance(reading.value, dict):
        return Retry(max=reading.integer(0, _MOST))
    keys = reading.map()
    codes = keys["exit_codes"].items(single=True) if "exit_codes" in keys else []
    when: tuple[str, ...] = () if "exit_codes" in keys else ("always",)
    if "when" in keys:
        when = keys["when"].strings(check=lambda reason: reason.one_of(_REASONS))
    return Retry(
        max=keys["max"].integer(0, _MOST) if "max" in keys else 0,
        when=when,
        exit_codes=tuple(code.integer(LOWEST_EXIT_CODE, HIGHEST_EXIT_CODE) for code in codes),
    )


PART = Keyword(
    name="retry",
    places=(Place.DEFAULT, Place.JOB),
    title=t("How often a failed job is tried again"),
    read=read,
    reference="ci/yaml/#retry",
    subkeys=(Subkey("max"), Subkey("when"), Subkey("exit_codes")),
)
