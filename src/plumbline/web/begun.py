"""Who or what began it: a pipeline, or one attempt at a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.server import Pressed

if TYPE_CHECKING:
    from plumbline.flow.pipelines.whence import JobWhence, Whence
    from plumbline.kernel import Text
    from plumbline.model.server import StoredJob, StoredPipeline


def begun(pipeline: StoredPipeline, whence: Whence) -> Text:
    """What started it, and the person where one did."""
    event, person, request = pipeline.event, whence.starter, pipeline.change.merge_request
    if event is Event.SCHEDULE:
        return _by_schedule(whence)
    if event in (Event.PARENT, Event.PIPELINE):
        return _by_trigger(pipeline, whence)
    if request is not None:
        if person:
            return t("Merge request !{number} of {person}", number=request.iid, person=person)
        return t("Merge request !{number}", number=request.iid)
    if not person:
        return _NOBODY[event]
    if event is Event.PUSH:
        return t("Pushed by {person}", person=person)
    if event is Event.API:
        return t("Started over the API by {person}", person=person)
    return t("Started by {person}", person=person)


def acted(job: StoredJob, whence: JobWhence) -> Text | None:
    """Who pressed what so that this attempt ran, or stopped it; None: nobody did."""
    if job.canceled_by and job.state in (State.CANCELED, State.CANCELING):
        return t("Canceled by {person}", person=whence.canceler) if whence.canceler else None
    if not whence.person or job.state is State.SKIPPED:
        return None
    if job.pressed is Pressed.PLAY:
        return t("Played by {person}", person=whence.person)
    if job.pressed is Pressed.RETRY:
        return t("Retried by {person}", person=whence.person)
    return t("On behalf of {person}", person=whence.person)


def _by_schedule(whence: Whence) -> Text:
    title, person = whence.schedule, whence.starter
    if title and person:
        return t("Schedule {title}, on behalf of {person}", title=title, person=person)
    if title:
        return t("Schedule {title}", title=title)
    return t("A schedule, on behalf of {person}", person=person) if person else t("A schedule")


def _by_trigger(pipeline: StoredPipeline, whence: Whence) -> Text:
    parent = whence.parent
    if parent is None:
        return t("Triggered by a pipeline that you may not see") if pipeline.upstream else t("Triggered by a pipeline")
    if parent.project == pipeline.project:
        return t("Triggered by #{number}", number=parent.iid)
    return t("Triggered by #{number} of {project}", number=parent.iid, project=parent.change.project.path)


_NOBODY: dict[Event, Text] = {
    Event.PUSH: t("A push"),
    Event.MERGE_REQUEST: t("A merge request"),
    Event.WEB: t("Started by hand"),
    Event.API: t("Started over the API"),
    Event.TRIGGER: t("A trigger"),
}
