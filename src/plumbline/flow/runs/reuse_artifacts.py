"""Run one job alone: what it would have been handed by others comes from earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.pipeline_run import Producer
from plumbline.kernel import t
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from plumbline.kernel import Text
    from plumbline.model.run import JobRecord, RunRecord

LOOK_BACK = 20  # runs


def borrow(
    wanted: Mapping[str, Sequence[str]], earlier: Sequence[RunRecord], notice: Callable[[Text], None]
) -> dict[str, list[Producer]]:
    """By job: what the newest successful attempt at each job it would have been handed artifacts of left in its run.

    ``earlier``: newest first. ``notice`` tells which run they are from. Dotenv variables are not kept, and not lent.
    """
    found: dict[str, list[Producer]] = {}
    told: set[str] = set()
    for job, sources in wanted.items():
        for position, source in enumerate(sources):
            lender = _newest(source, earlier)
            if lender is None:
                continue
            run, record = lender
            found.setdefault(job, []).append(Producer(position, source, record.group, record.id, True, ()))
            if source not in told:
                told.add(source)
                notice(t("Artifacts of '{job}' are from run {run}; --needs makes them anew.", job=source, run=run.id))
    return found


def _newest(name: str, earlier: Sequence[RunRecord]) -> tuple[RunRecord, JobRecord] | None:
    for run in earlier:
        for record in reversed(run.jobs):
            if record.name == name and record.pipeline == 1 and record.state is State.SUCCESS:
                if any(kept.kind == "archive" for kept in record.kept):
                    return run, record
                return None  # it ran, and left nothing
    return None
