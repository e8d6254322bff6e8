"""Why a job runs, does not run, or waits: the rule, the line, the values it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.jobs.selection import unknown_job
from plumbline.model.pipeline import Job, JobDecision, Plan
from plumbline.model.run import JobRecord, RunRecord

if TYPE_CHECKING:
    from collections.abc import Sequence


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides about one job of the file."""

    job: str  # the name in the file
    decision: JobDecision
    workflow: JobDecision | None = None  # when workflow:rules took part
    instances: tuple[Job, ...] = ()  # none when it is not in the pipeline
    waits_for: dict[str, tuple[str, ...]] = {}  # instance -> jobs that must end first; () starts at once
    by_needs: bool = False  # it waits for its needs; else for all jobs of earlier stages
    records: tuple[JobRecord, ...] = ()  # its attempts in the newest run


def explain(plan: Plan, name: str, record: RunRecord | None = None) -> Explanation:
    """Explain a job by its name in the file or its full name. Raises PlumblineError ``unknown-job``."""
    instances = tuple(job for job in plan.jobs if name in (job.name, job.group))
    group = instances[0].group if instances else name
    decision = next((d for d in plan.decisions if d.job == group), None)
    if decision is None:
        raise unknown_job(name, [decision.job for decision in plan.decisions])
    attempts = tuple(r for r in record.jobs if name in (r.name, r.group)) if record is not None else ()
    return Explanation(
        job=group,
        decision=decision,
        workflow=plan.workflow.decision,
        instances=instances,
        waits_for={job.name: _before(plan.jobs, job) for job in instances},
        by_needs=bool(instances) and instances[0].needs is not None,
        records=attempts,
    )


def _before(jobs: Sequence[Job], job: Job) -> tuple[str, ...]:
    if job.needs is not None:
        return tuple(need.job for need in job.needs if not need.pipeline and not need.project)
    return tuple(other.name for other in jobs if other.stage_index < job.stage_index)
