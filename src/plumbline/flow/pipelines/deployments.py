"""What deployments mean: what runs in an environment now, what goes there, and what that goes back from or mends.

1. An older commit is a rollback: one that the commit which is there has in its history, or one that was there before
   and was left since. Any other commit is a deployment. So is the commit that is there already.
2. "There" is what succeeded last, and what failed since: nobody knows how far that came.
3. A rollback mends the deployment that it leaves. A deployment that succeeds mends the one that failed just before.
4. A stopped environment has nothing, so nothing can be gone back from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from plumbline.flow.pipelines.lineage import Descent
from plumbline.model.deployment import EnvironmentDeployment
from plumbline.model.job import FailureReason, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.evidence.vocabulary import Intent, Outcome
    from plumbline.model.pipeline import Job
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

_FAILED = ("failure", "error")
_OUTCOMES: dict[State, Outcome] = {State.SUCCESS: "success", State.FAILED: "failure", State.CANCELED: "cancel"}


class Meaning(NamedTuple):
    """``doubts``: what git has to be asked before the intent is known; then there is none."""

    intent: Intent | None
    leaves: str = ""
    doubts: tuple[Descent, ...] = ()


def deploys(job: Job) -> bool:
    """``environment:action`` says otherwise of a job that prepares, verifies, reaches or stops an environment."""
    return job.environment is not None and job.environment.action == "start"


def meaning_of(
    tx: Transaction, pipeline: StoredPipeline, planned: Job, holds: Callable[[Descent], bool | None]
) -> Meaning:
    """What a deployment of this pipeline's commit would be, as the environment is now."""
    assert planned.environment is not None
    project, environment, commit = pipeline.project, planned.environment.name, pipeline.sha
    state = tx.deployments.state(project, environment)
    there = [one for one in (state.last, state.serving) if one is not None and one.commit]
    if not there or not commit or commit == there[0].commit:
        return Meaning("deploy")
    if tx.deployments.had(project, environment, commit):
        return Meaning("rollback", there[0].subject)
    asked = {Descent(project, commit, one.commit) for one in there if one.commit != commit}
    answers = {descent: holds(descent) for descent in asked}
    if any(answers.values()):
        return Meaning("rollback", there[0].subject)
    unknown = tuple(sorted(descent for descent, answer in answers.items() if answer is None))
    return Meaning(None, doubts=unknown) if unknown else Meaning("deploy")


def begin_deployment(
    tx: Transaction, pipeline: StoredPipeline, planned: Job, job: StoredJob, subject: str, meaning: Meaning
) -> EnvironmentDeployment:
    assert planned.environment is not None
    begun = EnvironmentDeployment(
        job=job.id,
        project=pipeline.project,
        environment=planned.environment.name,
        subject=subject,
        commit=pipeline.sha,
        intent=meaning.intent or "deploy",
        leaves=meaning.leaves,
        started=job.started,
    )
    tx.deployments.add(begun)
    return begun


def end_deployment(tx: Transaction, job: StoredJob, at: int) -> tuple[EnvironmentDeployment, str] | None:
    """The deployment as it ended, and the subject of the one that it mends (empty: none). None for one that began
    before the server kept a record of them."""
    begun = tx.deployments.get(job.id)
    if begun is None:
        return None
    failed = tx.deployments.state(begun.project, begun.environment).last
    ended = replace(begun, outcome=outcome_of(job), finished=at)
    tx.deployments.save(ended)
    if ended.leaves:
        return ended, ended.leaves
    mends = ended.outcome == "success" and failed is not None and failed.outcome in _FAILED
    return ended, failed.subject if mends and failed is not None else ""


def outcome_of(job: StoredJob) -> Outcome:
    """How an attempt at a job ended, in the words of CDEvents: what its runner did to it is an error."""
    return "error" if job.reason is FailureReason.RUNNER_SYSTEM else _OUTCOMES[job.state]
