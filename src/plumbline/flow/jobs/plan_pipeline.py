"""Plan the pipeline of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.pipeline import PlanRequest, make_plan

if TYPE_CHECKING:
    from plumbline.flow.jobs.tools import PipelineTools
    from plumbline.model.pipeline import Plan


def plan_pipeline(
    tools: PipelineTools, *, left_out: bool = False, parsed: dict[tuple[str, bytes], Any] | None = None
) -> Plan:
    """The plan, or the problems that keep it from being one. ``left_out``: with the jobs that are not in it;
    ``parsed``: what was read already, for several plans of one repository."""
    asked = tools.asked
    request = PlanRequest(
        change=tools.change,
        config_path=asked.config_path,
        variables=asked.variables,
        inputs=asked.inputs,
        now=tools.clock(),
        left_out=left_out,
        parsed={} if parsed is None else parsed,
    )
    return make_plan(request, tools.repository)
