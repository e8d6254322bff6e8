"""``needs`` of jobs of other pipelines and projects: whose artifacts a job is handed from there.

Nothing waits for such a job: it has succeeded already, or the job that needs it fails before it starts, as on GitLab.
(docs: ci/yaml/#needspipelinejob, ci/yaml/#needsproject)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t
from plumbline.pipeline import expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.flow.jobs.pipeline_run import Elsewhere, Producer
    from plumbline.kernel import Text
    from plumbline.model.pipeline import Job, Need

MISSING_DEPENDENCY = "missing-dependency"  # of a PlumblineError


def producers_elsewhere(elsewhere: Elsewhere, job: Job, values: Mapping[str, str]) -> list[Producer]:
    """Those whose artifacts the job is handed, in the order of its needs; names and numbers may hold variables.

    Raises PlumblineError ``missing-dependency`` where one is not to be had.
    """
    found: list[Producer] = []
    for need in job.needs or ():
        if need.pipeline and not need.job:
            raise _missing(
                t("the pipeline of {name} is not mirrored here", name=need.pipeline), t("Take this job away.")
            )
        if (need.pipeline or need.project) and need.artifacts:
            found += _producers(elsewhere, need, values)
    return found


def _producers(elsewhere: Elsewhere, need: Need, values: Mapping[str, str]) -> Sequence[Producer]:
    name, path, ref, number = (
        expand(text, values, unknown="") for text in (need.job, need.project, need.ref, need.pipeline)
    )
    if need.pipeline:
        if found := elsewhere.in_pipeline(number, name):
            return found
        raise _missing(
            t("no job '{job}' of the pipeline {number} has succeeded", job=name, number=number or need.pipeline),
            t("Hand the number on with the trigger job: variables: PARENT_PIPELINE_ID: $CI_PIPELINE_ID"),
        )
    try:
        found = elsewhere.in_project(path, ref, name)
    except PlumblineError as error:
        raise PlumblineError(MISSING_DEPENDENCY, error.message, error.hint, kind=error.kind) from error
    if found:
        return found
    raise _missing(
        t("no job '{job}' of {project} has succeeded for {ref}", job=name, project=path, ref=ref),
        t("Run that pipeline first, on a server that has the project."),
    )


def _missing(message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(MISSING_DEPENDENCY, message, hint)
