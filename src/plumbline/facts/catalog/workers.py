"""Where jobs run and what they are made of: registered images, pools of runners, shared templates."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.access import job_settings
from plumbline.evidence.origin import OWN
from plumbline.facts.catalog._help import last, split
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
    """Only this server tells what a configuration was made of."""
    newest: dict[str, Seen] = {}
    for one in question.evidence.of("pipelinerun.queued"):
        if one.word == OWN and not one.custom.get("parent") and one.custom.get("project"):
            newest[str(one.custom["project"])] = one
    found: list[tuple[bool, Cited]] = [(bool(one.custom.get("templates")), one.cited) for one in newest.values()]
    return share(question, *split(found))


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
)
