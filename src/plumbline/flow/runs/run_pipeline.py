"""Run a pipeline to its end: start every job the moment it may, on as many threads as were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.selection import Selection, left_out_sources, select
from plumbline.flow.runs.conductor import Conductor
from plumbline.flow.runs.not_honoured import shortlist
from plumbline.flow.runs.reporter import Reporter
from plumbline.flow.runs.reuse_artifacts import LOOK_BACK, borrow
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.jobs.control import Control
    from plumbline.flow.jobs.tools import Tools
    from plumbline.model.pipeline import Plan
    from plumbline.model.run import RunEvent, RunRecord


def run_pipeline(
    tools: Tools,
    plan: Plan,
    selection: Selection,
    listen: Callable[[RunEvent], None],
    control: Control,
    *,
    follow_logs: bool = False,
    on_start: Callable[[Conductor], None] | None = None,
) -> RunRecord:
    """Run the selected jobs of a plan; blocks until nothing can happen without a person.

    ``listen`` is called in this thread for every event, except for ``taskrun.log`` events (only with
    ``follow_logs``), which come from the threads that run the jobs. The record is saved in the run store.
    Raises PlumblineError when the selection names what is not there, when a job wants a container and no engine
    answers, or when the run store cannot be written.
    """
    selected = select(plan, selection)
    _require_containers(tools, selected)
    wanted = left_out_sources(plan, selected)
    earlier = tools.runs.newest(LOOK_BACK) if wanted else ()
    reporter = Reporter(tools, selected, listen)
    conductor = Conductor(tools, selection, control, reporter, follow_logs=follow_logs)
    conductor.borrowed = borrow(wanted, earlier, reporter.notice)
    if on_start is not None:
        on_start(conductor)
    return conductor.run(selected)


def _require_containers(tools: Tools, plan: Plan) -> None:
    """Raises PlumblineError, with the names of the jobs that want a container, where no engine answers."""
    wanting = list(dict.fromkeys(job.group for job in plan.jobs if job.wants_container))
    if tools.asked.shell or not wanting:
        return
    try:
        tools.require_containers()
    except PlumblineError as error:
        message = t("{message} Jobs with an image or services: {jobs}", message=error.message, jobs=shortlist(wanting))
        raise PlumblineError(error.code, message, error.hint, kind=error.kind) from error
