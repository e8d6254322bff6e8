"""Where jobs run and what they are made of: registered images, pools of runners, shared templates."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.access import job_settings
from plumbline.evidence.origin import OWN
from plumbline.facts.catalog._help import last, split
from plumbline.facts.catalog._kinds import AUTOMATIC, SCHEDULE
from plumbline.facts.definition import Definition, open_share, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen, Task

_VERSIONED = re.compile(r".*(?:@sha256:[0-9a-f]{64}|:(?!latest$)[\w][\w.-]*)")


def in_images(question: Question) -> Fact:
    """What a job names no image for runs in the default one of its project, where one is set."""
    ran = [one for one in question.evidence.tasks if one.started and question.inside(one.finished)]
    return open_share(question, [(_registered(question.evidence, one), last(one.cited)) for one in ran])


def _registered(evidence: Evidence, task: Task) -> bool | None:
    nodes = evidence.nodes
    default = nodes.setting(task.project, job_settings.CONTAINER_DEFAULT_IMAGE.key)
    image = str(default or "") if task.bare else task.image
    if not image:
        return False if task.bare else None
    allowed = nodes.names(task.project, job_settings.CONTAINER_IMAGES.key)
    known = any(fnmatchcase(image, name) for name in allowed) or image == default
    return known and _VERSIONED.fullmatch(image) is not None


def in_pools(question: Question) -> Fact:
    """The labels of a runner say what its pool is for."""
    evidence = question.evidence
    released = {str(one.content.get("commit", "")) for one in evidence.of("release.released")} - {""}
    runs = {one.id for one in evidence.runs if one.commit in released}
    pooled = {one.subject for one in evidence.of("runner.registered") if one.content.get("tags")}
    found = [
        (one.runner in pooled, last(one.cited))
        for one in evidence.tasks
        if one.run in runs and one.started and question.inside(one.finished)
    ]
    return share(question, *split(found))


def with_templates(question: Question) -> Fact:
    found = [(bool(one.custom.get("templates")), one.cited) for one in _newest(question.evidence)]
    return share(question, *split(found))


def labelled(question: Question) -> Fact:
    """A pipeline that has no name of its own is called by its project."""
    found = [
        (one.content.get("pipelineName", "") not in ("", one.custom["project"]), one.cited)
        for one in _newest(question.evidence)
    ]
    return share(question, *split(found))


def _newest(evidence: Evidence) -> list[Seen]:
    """The newest pipeline of each project, as far as this server told of it: only it tells what one was made of."""
    found: dict[str, Seen] = {}
    for one in evidence.of("pipelinerun.queued"):
        if one.word == OWN and not one.custom.get("parent") and one.custom.get("project"):
            found[str(one.custom["project"])] = one
    return list(found.values())


def handed_over(question: Question) -> Fact:
    """A schedule is no event of another system, and nobody's hand either."""
    evidence = question.evidence
    found: list[tuple[bool, Cited]] = []
    for run in evidence.runs:
        if not run.child and run.trigger not in ("", SCHEDULE) and question.inside(run.created or run.started):
            found.append((run.trigger in _EVENTS, run.cited[0]))
    for task in evidence.tasks:
        if task.manual and question.inside(task.started):
            found.append((False, last(task.cited)))
    return share(question, *split(found))


_EVENTS = AUTOMATIC - {SCHEDULE} | {"pipeline", "trigger"}
_TASKS = ("taskrun.finished",)
PART = (
    Definition(
        name="jobs-that-ran-in-a-registered-versioned-image-or-template",
        how=t(
            "Jobs that ran in an image of a fixed version which the setting 'ci.container_images' allows or "
            "'ci.container_default_image' names, of all that ran; where variables name the image, nobody can tell."
        ),
        needs=_TASKS,
        also=(("node.created",),),
        answer=in_images,
    ),
    Definition(
        name="release-builds-inside-a-registered-pool-with-a-stated-purpose",
        how=t("Jobs of runs of a released commit that ran on a registered runner with labels, of all that ran."),
        needs=_TASKS,
        also=(("release.released",), ("runner.registered",)),
        answer=in_pools,
    ),
    Definition(
        name="pipeline-definitions-that-use-a-shared-module-or-template",
        how=t(
            "Projects whose newest pipeline on this server included templates, components or files of other projects, "
            "of all with pipelines here."
        ),
        needs=("pipelinerun.queued",),
        answer=with_templates,
    ),
    Definition(
        name="pipelines-labelled-with-a-build-type",
        how=t(
            "Projects whose newest pipeline on this server has a name of its own (workflow:name), of all with "
            "pipelines here."
        ),
        needs=("pipelinerun.queued",),
        answer=labelled,
    ),
    Definition(
        name="hand-over-steps-started-by-an-event-of-another-system",
        how=t(
            "Runs begun by a push, a merge request, a trigger or another pipeline, of these, of the runs that a person "
            "or a program asked for, and of the jobs that somebody started by hand; schedules are left out."
        ),
        needs=("pipelinerun.queued",),
        also=(_TASKS,),
        answer=handed_over,
    ),
)
