"""Run one job alone: what it would have been handed by others comes from earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.pipeline_run import Producer
from plumbline.kernel import t
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
    lent = {source: _newest(source, earlier) for sources in wanted.values() for source in sources}
    for source, lender in lent.items():
        for said in _told(source, lender):
            notice(said)
    for job, sources in wanted.items():
        for position, source in enumerate(sources):
            lender = lent[source]
            if lender is not None and _left(lender[1], "archive"):
                record = lender[1]
                found.setdefault(job, []).append(Producer(position, source, record.group, record.id, True, ()))
    return found


def _told(source: str, lender: tuple[RunRecord, JobRecord] | None) -> Iterator[Text]:
    if lender is None:
        yield t("'{job}' has not succeeded in a run yet, so nothing of it is there; --needs runs it.", job=source)
        return
    run, record = lender
    if _left(record, "archive"):
        yield t("Artifacts of '{job}' are from run {run}; --needs makes them anew.", job=source, run=run.id)
    if _left(record, "dotenv"):
        yield t("Variables that '{job}' handed on are not kept; --needs makes them anew.", job=source)


def _left(record: JobRecord, kind: str) -> bool:
    return any(kept.kind == kind for kept in record.kept)


def _newest(name: str, earlier: Sequence[RunRecord]) -> tuple[RunRecord, JobRecord] | None:
    for run in earlier:
        for record in reversed(run.jobs):
            if record.name == name and record.pipeline == 1 and record.state is State.SUCCESS:
                return run, record
    return None
