"""What the clock starts: delayed jobs, and schedules.

A clock that was ahead leaves times behind that are too late. They are put back to what they would have been, and told.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

import msgspec

from plumbline.access import Permission, may
from plumbline.flow.pipelines.create_pipeline import RefusedWithin, start_pipeline
from plumbline.flow.pipelines.events import delivery_accepted, delivery_refused
from plumbline.flow.pipelines.fetching import Visit, Waits
from plumbline.flow.pipelines.prepare_pipeline import NoPipeline
from plumbline.flow.pipelines.run_pipeline import nothing_to_run
from plumbline.flow.pipelines.schedules import schedule_variables, schedule_wanted, with_next
from plumbline.flow.pipelines.transitions import SECOND, PipelineTransition
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import State
from plumbline.model.server import Delivery, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Schedule, StoredPipeline

T = TypeVar("T")
FAULT = "fault"
AHEAD = 300 * SECOND  # a time so far in the future was not written by the clock as it is now
_SURELY_AHEAD = 3600 * SECOND  # the same, where a mistake would start something twice
_LONGEST = 2000  # characters of why a schedule started nothing
_log = logging.getLogger(__name__)


def start_delayed(server: Server) -> int:
    """Start the delayed jobs whose time has come; how many."""
    with server.store.view() as tx:
        now = server.clock()
        due, ahead = tx.jobs.due(now), tx.jobs.put_off_after(now + AHEAD)
    if ahead:
        _put_back_delayed(server, now)
    for job in due:
        with server.store.change() as tx:
            pipeline = tx.pipelines.get(job.pipeline)
            if pipeline is not None:
                transition = PipelineTransition(server, tx, pipeline)
                if (
                    transition.newest[job.name].state is State.SCHEDULED
                    and transition.newest[job.name].due <= server.clock()
                ):
                    transition.ring(job.name)
                transition.close()
    if due:
        server.wake()
    return len(due)


def _put_back_delayed(server: Server, now: int) -> None:
    """They were put off while the clock was ahead: their delay begins now."""
    with server.store.change() as tx:
        for job in tx.jobs.put_off_after(now + AHEAD):
            tx.jobs.change(job, msgspec.structs.replace(job, queued=now, due=now + job.due - job.queued))
            _log.warning("the clock was ahead when a job was delayed", extra={"fields": {"job": job.id}})


def put_back_schedules(server: Server) -> int:
    """Schedules that would start too late, since the clock was ahead when they last did or were written, are due at
    their next time again; how many. One that started a moment ago by a clock that was a little ahead is left alone:
    it would start twice."""
    now = server.clock()
    with server.store.view() as tx:
        late = [(one, wanted) for one in tx.schedules.active() if (wanted := _too_late(one, now))]
    if late:
        with server.store.change() as tx:
            for schedule, wanted in late:
                tx.schedules.put_back(schedule, wanted)
                _log.warning("the clock was ahead when a schedule was due", extra={"fields": {"schedule": schedule.id}})
    return len(late)


def _too_late(schedule: Schedule, now: int) -> int:
    """When it is due, where that is earlier than it says; else 0."""
    if schedule.next <= now or now < schedule.last <= now + _SURELY_AHEAD:
        return 0
    try:
        following = with_next(schedule, now).next
    except PlumblineError:
        return 0
    return following if following < schedule.next else 0


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
    name = f"schedule:{schedule.id}:{schedule.next}"
    told = Delivery(project=schedule.project, forge="api", name=name, received=now)

    def within(tx: Transaction, made: StoredPipeline | NoPipeline) -> bool:
        _need_right_to_run(tx, schedule)
        if not isinstance(made, NoPipeline):
            return tx.schedules.fired(schedule, now, following, pipeline=made.id)
        if not tx.schedules.fired(schedule, now, following, message=nothing_to_run().message.render("en")):
            return False
        tx.record(delivery_accepted(server.source, told, now, pipeline="", because=Outcome.NOTHING.value))
        return True

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
        message = error.message.render("en")[:_LONGEST]
        with server.store.change() as tx:
            if tx.schedules.fired(schedule, now, following, message=message):
                tx.record(delivery_refused(server.source, told, server.clock(), error.code, uid=server.new_uid()))
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
