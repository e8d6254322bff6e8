"""Repositories: whether what runs and what is deployed comes from one on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import by_repository, last, split, whole_runs
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact


def recorded(question: Question) -> Fact:
    """The definition is read from the commit: project and commit name both."""
    return share(question, *split((bool(one.project and one.commit), last(one.cited)) for one in whole_runs(question)))


def known_revision(question: Question) -> Fact:
    evidence = question.evidence
    found = [(one.commit in evidence.commits, last(one.cited)) for one in whole_runs(question)]
    for deployment in evidence.deployments:
        if question.inside(deployment.finished):
            found.append((deployment.commit in evidence.commits, last(deployment.cited)))
    return share(question, *split(found))


def loaded_definitions(question: Question) -> Fact:
    """A deployment's definition is that of its run."""
    evidence = question.evidence
    from_repository = {one.id for one in evidence.runs if one.project and one.commit}
    found = [(one.id in from_repository, last(one.cited)) for one in whole_runs(question)]
    for deployment in evidence.deployments:
        if question.inside(deployment.finished):
            found.append((deployment.run in from_repository, last(deployment.cited)))
    return share(question, *split(found))


def with_pipeline(question: Question) -> Fact:
    return share(question, *split(by_repository(question, {one.commit for one in question.evidence.runs})))


_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_COMMITS = ("commit.observed",)
PART = (
    Definition(
        name="build-runs-whose-script-and-source-revision-are-recorded",
        how=t("Runs with a recorded repository and commit, of all that ended; the definition is read from the commit."),
        needs=("pipelinerun.finished",),
        answer=recorded,
    ),
    Definition(
        name="pipeline-runs-that-check-out-from-a-registered-repository",
        how=t("Runs with a recorded repository and commit, of all that ended."),
        needs=("pipelinerun.finished",),
        answer=recorded,
    ),
    Definition(
        name="pipeline-and-deployment-definitions-loaded-from-a-repository",
        how=t(
            "Runs with a recorded repository and commit, and deployments made by such a run, of all runs and "
            "deployments that ended."
        ),
        needs=("pipelinerun.finished", "deployment.finished"),
        answer=loaded_definitions,
    ),
    Definition(
        name="pipeline-runs-and-deployments-whose-revision-is-in-the",
        how=t("Runs and deployments whose commit a repository told of, of all that ended."),
        needs=("pipelinerun.finished", "deployment.finished"),
        also=(_COMMITS,),
        answer=known_revision,
    ),
    Definition(
        name="repositories-of-the-product-with-a-pipeline",
        how=t("Repositories that commits were told of, and of which a commit got a run, of all of them."),
        needs=_COMMITS,
        also=(_RUNS,),
        answer=with_pipeline,
    ),
    Definition(
        name="repositories-of-the-product-with-a-pipeline-on-the-common",
        how=t(
            "Repositories that commits were told of, and of which a commit got a run on record here, of all of them."
        ),
        needs=_COMMITS,
        also=(_RUNS,),
        answer=with_pipeline,
    ),
)
