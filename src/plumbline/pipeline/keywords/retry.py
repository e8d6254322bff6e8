"""``retry``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Retry
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import HIGHEST_EXIT_CODE, LOWEST_EXIT_CODE, Reading

_MOST = 2
_UNDOCUMENTED = (  # the server's other reasons, which it takes too
    "missing_dependency_failure",
    "forward_deployment_failure",
    "user_blocked",
    "project_deleted",
    "ci_quota_exceeded",
    "pipeline_loop_detected",
    "no_matching_runner",
    "trace_size_exceeded",
    "builds_disabled",
    "environment_creation_failure",
    "deployment_rejected",
    "failed_outdated_deployment_job",
    "job_execution_server_timeout",
    "protected_environment_failure",
    "insufficient_bridge_permissions",
    "downstream_bridge_project_not_found",
    "invalid_bridge_trigger",
    "upstream_bridge_project_not_found",
    "insufficient_upstream_permissions",
    "bridge_pipeline_is_child_pipeline",
    "downstream_pipeline_creation_failed",
    "secrets_provider_not_found",
    "reached_max_descendant_pipelines_depth",
    "ip_restriction_failure",
    "reached_max_pipeline_hierarchy_size",
    "reached_downstream_pipeline_trigger_rate_limit",
    "duo_workflow_not_allowed",
    "job_router_failure",
    "job_token_expired",
    "id_token_burned_project_path",
    "downstream_project_trigger_resolved_to_empty",
)
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
    *_UNDOCUMENTED,
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
    differs=(t("max in quotes is refused: it is a number"),),
)
