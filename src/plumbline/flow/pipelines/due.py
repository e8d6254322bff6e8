"""What the clock starts: delayed jobs, and schedules."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from plumbline.access import Permission, may
from plumbline.flow.pipelines.create_pipeline import RefusedWithin, start_pipeline
from plumbline.flow.pipelines.fetching import Visit, Waits
from plumbline.flow.pipelines.receive_webhook import refuse_delivery
from plumbline.flow.pipelines.schedules import schedule_variables, schedule_wanted, with_next
from plumbline.flow.pipelines.transitions import PipelineTransition
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import State
from plumbline.model.server import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Schedule, StoredPipeline

T = TypeVar("T")
FAULT = "fault"
_log = logging.getLogger(__name__)


def start_delayed(server: Server) -> int:
    """Start the delayed jobs whose time has come; how many."""
    with server.store.view() as tx:
        due = tx.jobs.due(server.clock())
    for job in due:
        with server.store.change() as tx:
            pipeline = tx.pipelines.get(job.pipeline)
            if pipeline is not None:
                transition = PipelineTransition(server, tx, pipeline, person="")
                if (
                    transition.newest[job.name].state is State.SCHEDULED
                    and transition.newest[job.name].due <= server.clock()
                ):
                    transition.ring(job.name)
                transition.close()
    if due:
        server.wake()
    return len(due)


def run_schedules(server: Server, visits: dict[int, Visit] | None = None) -> list[StoredPipeline]:
    """Start what is due. A time that passed while nobody was there is made up for once. ``visits``: of the schedules
    that wait for their repository, which hold up no others; they are gone on with at a later call. None: wait here."""
    with server.store.view() as tx:
        due = tx.schedules.due(server.clock())
    if visits is None:
        return [made for schedule in due if (made := _fire(server, schedule)) is not None]
    for gone in visits.keys() - {schedule.id for schedule in due}:
        del visits[gone]
    return [made for schedule in due if (made := _visited(server, schedule, visits)) is not None]


def _visited(server: Server, schedule: Schedule, visits: dict[int, Visit]) -> StoredPipeline | None:
    visit = visits.setdefault(schedule.id, Visit())
    if not visit.may_go_on:
        return None
    try:
        with visit.coming():
            made = _fire(server, schedule)
    except Waits:
        return None
    del visits[schedule.id]
    return made


def _apart(act: Callable[[], T]) -> T:
    """What one repository holds must not stop the clock for all others: a fault is told in full, and is PlumblineError
    ``fault`` from here on."""
    try:
        return act()
    except (PlumblineError, RefusedWithin, Waits):
        raise
    except Exception as error:
        _log.exception("fault", extra={"fields": {"where": "clock"}})
        message = t("A fault in the server: {reason}", reason=f"{type(error).__name__}: {error}"[:300])
        raise PlumblineError(FAULT, message, t("The log of the server has the rest; report it.")) from error


def _fire(server: Server, schedule: Schedule) -> StoredPipeline | None:
    now, following = server.clock(), 0  # 0: never again, where its time zone is gone
    with server.store.view() as tx:
        owner = tx.people.get(schedule.owner) if schedule.owner else None
    wanted = schedule_wanted(schedule, owner)

    def within(tx: Transaction, _made: StoredPipeline | None) -> bool:
        _need_right_to_run(tx, schedule)
        return tx.schedules.fired(schedule, now, following)

    def start() -> StoredPipeline | None:
        with server.store.view() as tx:
            _need_right_to_run(tx, schedule)
        return start_pipeline(
            server,
            wanted,
            variables=schedule_variables(server, schedule),
            by=schedule.owner,
            within=within,
        )

    try:
        following = with_next(schedule, now).next
        return _apart(start)
    except RefusedWithin:
        return None  # another replica did it
    except PlumblineError as error:
        with server.store.change() as tx:
            fired = tx.schedules.fired(schedule, now, following)
        if fired:
            name = f"schedule:{schedule.id}:{schedule.next}"
            refused = Delivery(project=schedule.project, forge="api", name=name, received=now)
            refuse_delivery(server, refused, error.code)
        return None


def _need_right_to_run(tx: Transaction, schedule: Schedule) -> None:
    """Of its owner, who may have lost it since; one without an owner runs by itself."""
    owner = actor_of(tx, schedule.owner)
    decision = may(owner, Permission.PIPELINE_RUN, tx.tree.ancestors(schedule.project)) if owner else None
    if schedule.owner and not decision:
        reason = decision.reason if decision is not None else t("the person is gone")
        raise PlumblineError(
            "not-allowed",
            t("Whoever starts pipelines here may not do so any more: {reason}", reason=reason),
            t("Let somebody save the schedule who may run pipelines of the project."),
            kind=ErrorKind.REFUSED,
        )
