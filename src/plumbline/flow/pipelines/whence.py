"""Where pipelines and jobs come from and what they led to: who pressed what, the trigger job above, pipelines below.

What stands in a project that the actor may not see is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.chains import above

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.person import Person
    from plumbline.model.server import StoredJob, StoredPipeline


class Whence(NamedTuple):
    """Of one pipeline. ``starter``: what the person is called who asked for it, here or at the forge; empty: nobody
    said. ``schedule``: its title; None: no schedule asked for it, or it is gone. ``parent`` and ``trigger``: the
    pipeline and its job that started it; None: none did, or the actor may not see them. ``children``: what its own
    trigger jobs started, oldest first."""

    starter: str = ""
    canceler: str = ""
    schedule: str | None = None
    parent: StoredPipeline | None = None
    trigger: StoredJob | None = None
    children: Sequence[StoredPipeline] = ()


class JobWhence(NamedTuple):
    """Of one attempt at a job. ``person``: what whoever it runs on behalf of is called, where that is not who started
    the pipeline. ``child``: the pipeline that it started; None: none, or the actor may not see it."""

    person: str = ""
    canceler: str = ""
    child: StoredPipeline | None = None


NOWHERE, JOB_NOWHERE = Whence(), JobWhence()


def whence(actor: Actor, server: Server, pipelines: Collection[StoredPipeline]) -> Mapping[int, Whence]:
    """Of these pipelines, by id; of those that the actor may not see, nothing."""
    if not pipelines:
        return {}
    with server.units.view(actor) as unit:
        unit.require(use_cases.LIST_PIPELINES)
        return whence_within(unit, pipelines)


def whence_within(unit: UnitOfWork, pipelines: Iterable[StoredPipeline]) -> dict[int, Whence]:
    """The same inside of a unit that asked already."""
    seen = _Seen(unit)
    shown = {one.id: one for one in pipelines if seen.sees(one)}
    below: dict[int, list[StoredPipeline]] = {}
    for child in unit.tx.pipelines.begun_by(shown) if shown else ():
        trigger = unit.tx.jobs.get(child.upstream)
        if trigger is not None and seen.sees(child):
            below.setdefault(trigger.pipeline, []).append(child)
    return {number: seen.whence(one, below.get(number, ())) for number, one in shown.items()}


def whence_of_jobs(actor: Actor, server: Server, jobs: Collection[StoredJob]) -> Mapping[int, JobWhence]:
    """Of these attempts at jobs, by id; of those that the actor may not see, nothing."""
    if not jobs:
        return {}
    with server.units.view(actor) as unit:
        unit.require(use_cases.LIST_PIPELINES)
        seen = _Seen(unit)
        found = (unit.tx.pipelines.get(number) for number in {job.pipeline for job in jobs})
        shown = {one.id for one in found if one is not None and seen.sees(one)}
        children = unit.tx.pipelines.begun_by(shown) if shown else ()
        below = {child.upstream: child for child in children if seen.sees(child)}
        return {
            job.id: JobWhence(seen.called(job.by), seen.called(job.canceled_by), below.get(job.id))
            for job in jobs
            if job.pipeline in shown
        }


class _Seen:
    """What the actor may see, asked once for each project and person."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._projects: dict[int, bool] = {}
        self._people: dict[int, str] = {}

    def sees(self, pipeline: StoredPipeline) -> bool:
        project = pipeline.project
        if project not in self._projects:
            self._projects[project] = self._unit.may(use_cases.VIEW_PIPELINE, project)
        return self._projects[project]

    def whence(self, pipeline: StoredPipeline, children: Sequence[StoredPipeline]) -> Whence:
        parent, trigger = above(self._unit.tx, pipeline)
        if parent is not None and not self.sees(parent):
            parent = trigger = None
        schedule = self._unit.tx.schedules.get(pipeline.schedule) if pipeline.schedule else None
        change = pipeline.change
        return Whence(
            starter=self.called(pipeline.by) or change.user_name or change.user_login,
            canceler=self.called(pipeline.canceled_by),
            schedule=schedule.title if schedule is not None else None,
            parent=parent,
            trigger=trigger,
            children=children,
        )

    def called(self, person: int) -> str:
        if person not in self._people:
            self._people[person] = _name_of(self._unit.tx.people.get(person)) if person else ""
        return self._people[person]


def _name_of(person: Person | None) -> str:
    return (person.title or person.name) if person is not None else ""
