"""What starts pipelines of a project by the clock: listed, written, paused, removed, started now.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.access import Permission, allows, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.pipelines.events import schedule_subject
from plumbline.flow.pipelines.look_up import check_project, project_for
from plumbline.flow.pipelines.prepare_pipeline import prepare_pipeline
from plumbline.flow.pipelines.run_pipeline import start_prepared
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.pipelines.transitions import SECOND
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.ready import ready
from plumbline.pipeline import next_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.evidence import Content
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.person import Person
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Schedule, StoredPipeline
    from plumbline.model.tree import Node


_SAID = ("title", "cron", "time_zone", "ref", "active")


class ScheduleSeen(NamedTuple):
    """``owner``: what they are called; empty: nobody, or somebody who is gone. ``runs``: whether the owner may still
    start pipelines; the schedule starts none otherwise."""

    schedule: Schedule
    owner: str
    runs: bool


def list_schedules(actor: Actor, server: Server, project: int) -> Sequence[ScheduleSeen]:
    with server.units.view(actor) as unit:
        ancestors = project_for(unit, use_cases.LIST_SCHEDULES, project)
        return [_seen(unit.tx, ancestors, schedule) for schedule in unit.tx.schedules.of(project)]


def put_schedule(actor: Actor, server: Server, schedule: Schedule) -> Schedule:
    """Add it, or replace what the one with its id says. Its pipelines may do what the person may who wrote it last.

    Raises PlumblineError ``not-a-project``, ``cron-wrong`` or ``time-zone-unknown``.
    """
    with server.units.change(actor) as unit:
        if not schedule.id:
            node = project_for(unit, use_cases.WRITE_SCHEDULE, schedule.project)[0]
            return _written(unit, node, schedule, None)
        before, node = _schedule_for(unit, use_cases.WRITE_SCHEDULE, schedule.id)
        said = {name: getattr(schedule, name) for name in _SAID}
        return _written(unit, node, msgspec.structs.replace(before, **said), before)


def switch_schedule(actor: Actor, server: Server, schedule: int, *, active: bool) -> Schedule:
    """Pause it, or let it go on; it is the actor's from then on."""
    with server.units.change(actor) as unit:
        before, node = _schedule_for(unit, use_cases.WRITE_SCHEDULE, schedule)
        return _written(unit, node, msgspec.structs.replace(before, active=active), before)


def remove_schedule(actor: Actor, server: Server, schedule: int) -> None:
    with server.units.change(actor) as unit:
        found, node = _schedule_for(unit, use_cases.REMOVE_SCHEDULE, schedule)
        unit.tx.schedules.remove(found.id)
        content = events.ScheduleRemoved(by=actor.name)
        unit.record(schedule_subject(node.id, found.id), content, node.path)


def play_schedule(actor: Actor, server: Server, schedule: int) -> StoredPipeline:
    """Start it now, out of its time. PlumblineErrors as :func:`plumbline.flow.pipelines.run_pipeline.run_pipeline`."""
    with server.units.view(actor) as unit:
        found, _ = _schedule_for(unit, use_cases.PLAY_SCHEDULE, schedule)
    wanted = schedule_wanted(found, actor.person)
    variables = schedule_variables(server, found)
    prepared = prepare_pipeline(server, wanted, variables=variables, by=actor.person.id)
    return start_prepared(actor, server, prepared, lambda unit: _schedule_for(unit, use_cases.PLAY_SCHEDULE, schedule))


def schedule_wanted(schedule: Schedule, person: Person | None) -> Wanted:
    """What it starts, on behalf of a person: its owner, or who starts it now."""
    wanted = Wanted(project=schedule.project, event=Event.SCHEDULE, ref=schedule.ref, schedule=schedule.id)
    if person is None:
        return wanted
    who = {"user": person.name, "user_name": person.title or person.name, "user_email": person.email}
    return msgspec.structs.replace(wanted, **who)


def with_next(schedule: Schedule, now: int) -> Schedule:
    """The schedule with the time it is due next. PlumblineError ``cron-wrong``, also for what is never due, or
    ``time-zone-unknown``."""
    following = next_time(schedule.cron, schedule.time_zone, now / SECOND)
    if not following:
        raise PlumblineError(
            "cron-wrong",
            t("The schedule '{cron}' is never due.", cron=schedule.cron),
            t("See that the month has the day, such as: 0 2 28 2 *"),
            kind=ErrorKind.CONFIGURATION,
        )
    return msgspec.structs.replace(schedule, next=int(following * SECOND))


def schedule_place(project: int) -> str:
    """What the sealed variables of a project's schedules are bound to."""
    return f"schedule/{project}"


def seal_schedule_variables(server: Server, variables: tuple[Variable, ...], project: int) -> bytes:
    given = tuple(msgspec.structs.replace(v, source=VariableSource.PIPELINE) for v in variables)
    return server.vault.seal(msgspec.msgpack.encode(given), schedule_place(project)) if given else b""


def schedule_variables(server: Server, schedule: Schedule) -> tuple[Variable, ...]:
    if not schedule.variables:
        return ()
    plain = server.vault.open(schedule.variables, schedule_place(schedule.project))
    return msgspec.msgpack.decode(plain, type=ready(tuple[Variable, ...]))


def _schedule_for(unit: UnitOfWork, use_case: UseCase, schedule: int) -> tuple[Schedule, Node]:
    """The schedule with its project, where the actor may do that."""
    found = unit.tx.schedules.get(schedule)
    missing = t("There is no schedule {schedule}.", schedule=schedule)
    ancestors = unit.require(use_case, found.project if found else None, missing)
    assert found is not None
    return found, ancestors[0]


def _written(unit: UnitOfWork, node: Node, schedule: Schedule, before: Schedule | None) -> Schedule:
    check_project(node)
    due = with_next(msgspec.structs.replace(schedule, owner=unit.actor.person.id), unit.now)
    if due.id:
        unit.tx.schedules.save(due)
    else:
        due = unit.tx.schedules.add(due)
    said: dict[str, Any] = {
        "by": unit.actor.name,
        "cron": due.cron,
        "time_zone": due.time_zone,
        "active": due.active,
        "title": due.title or UNSET,
        "ref": due.ref or UNSET,
    }
    content: Content = events.ScheduleCreated(**said)
    if before is not None:
        fields = tuple(name for name in _SAID if getattr(before, name) != getattr(due, name))
        content = events.ScheduleChanged(**said, fields=fields)
    unit.record(schedule_subject(node.id, due.id), content, node.path)
    return due


def _seen(tx: Transaction, ancestors: Sequence[Node], schedule: Schedule) -> ScheduleSeen:
    owner = actor_of(tx, schedule.owner)
    if owner is None:
        return ScheduleSeen(schedule, "", runs=not schedule.owner)
    name = owner.person.title or owner.name
    return ScheduleSeen(schedule, name, runs=allows(owner, Permission.PIPELINE_RUN, ancestors))
