"""What people do with the artifacts of a job: keep them for ever, let them expire after all, download them.

All raise PlumblineError ``not-found``, ``not-allowed`` or ``artifacts-gone``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import own_platform
from plumbline.flow.pipelines.events import subject_of
from plumbline.flow.pipelines.look_up import job_for
from plumbline.flow.pipelines.read import JobSeen, job_seen
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Left, Server


def keep_artifacts(actor: Actor, server: Server, job: int, *, keep: bool = True) -> JobSeen:
    """Keep what a job left for ever, or by its time again. PlumblineError ``no-artifacts``."""
    with server.units.change(actor) as unit:
        pipeline, found = job_for(unit, use_cases.KEEP_ARTIFACTS, job)
        kept = unit.tx.keeping.get(job)
        if kept is None:
            raise PlumblineError("no-artifacts", t("Job {job} left no artifacts.", job=job), kind=ErrorKind.REFUSED)
        if kept.gone:
            raise _gone(job)
        if bool(kept.kept_by) is not keep:
            unit.tx.keeping.keep(job, actor.person.id if keep else 0)
            draft = write_event(
                own_platform.ArtifactsKept(by=actor.name, for_ever=keep),
                id=server.new_uid(),
                source=server.source,
                subject=subject_of(pipeline, found),
                time=unit.now,
                project=pipeline.change.project.path,
            )
            unit.tx.record(draft)
        return job_seen(unit.tx, pipeline, found)


def artifact_file(actor: Actor, server: Server, job: int, name: str) -> Left:
    """The file that a job left under a name: its archive, or a report."""
    with server.units.view(actor) as unit:
        _, found = job_for(unit, use_cases.DOWNLOAD_ARTIFACTS, job)
        kept = unit.tx.keeping.get(job)
    files = found.result.kept if found.result else ()
    file = next((one for one in files if one.name == name), None)
    if file is None:
        raise not_found(t("Job {job} left no {name}.", job=job, name=name))
    if kept is not None and kept.gone:
        raise _gone(job)
    left = server.left_of(found, file)
    if left is None:
        raise not_found(t("The file {name} of job {job} is not there.", name=name, job=job))
    return left


def _gone(job: int) -> PlumblineError:
    return PlumblineError("artifacts-gone", t("The artifacts of job {job} are gone.", job=job), kind=ErrorKind.REFUSED)
