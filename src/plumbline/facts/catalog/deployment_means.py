"""Deployments: by what means they are made, and how much of it is done by hand."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import concluded, effective, knowing_intents, last, pressed, split, tiers
from plumbline.facts.catalog._kinds import LOWER_TIERS
from plumbline.facts.definition import Definition, count, lacking, sample, share
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Deployment, Run, Task


_MOMENT = SECOND  # between the beginning of a job and what it tells of it


def with_run(question: Question) -> Fact:
    found = concluded(question, production=False)
    return share(question, *split((bool(one.run), last(one.cited)) for one in found))


def by_platform(question: Question) -> Fact:
    return _by_run(question, concluded(question, production=False))


def tests_by_platform(question: Question) -> Fact:
    return _by_run(question, [one for one in concluded(question, production=False) if one.tier == "testing"])


def _by_run(question: Question, found: list[Deployment]) -> Fact:
    """The run has to be on record."""
    runs = {one.id for one in question.evidence.runs}
    return share(question, *split((one.run in runs, last(one.cited)) for one in found))


def production_with_run(question: Question) -> Fact:
    return share(question, *split((bool(one.run), last(one.cited)) for one in concluded(question)))


def connected(question: Question) -> Fact:
    """From a commit on record by a run of that commit to the deployment."""
    evidence = question.evidence
    commits = {one.id: one.commit for one in evidence.runs}
    found = [
        (commits.get(one.run, "") in evidence.commits and one.commit in ("", commits[one.run]), last(one.cited))
        for one in concluded(question)
    ]
    return share(question, *split(found))


def same_definition(question: Question) -> Fact:
    """A run's definition is read from its project's commit."""
    evidence = question.evidence
    definitions = {one.id: (one.project, one.commit) for one in evidence.runs if one.project and one.commit}
    lower: dict[tuple[str, str], int] = {}
    for one in evidence.deployments:
        if one.outcome == "success" and one.tier in LOWER_TIERS and one.finished and one.run in definitions:
            known = definitions[one.run]
            lower[known] = min(lower.get(known, one.finished), one.finished)

    def same(production: Deployment) -> bool:
        own = definitions.get(production.run)
        end = production.finished or 0
        return own is not None and lower.get(own, end + 1) <= end

    return share(question, *split((same(one), last(one.cited)) for one in concluded(question)))


def _run_of(question: Question, *, production: bool) -> list[tuple[Deployment, Run]]:
    """With the run that made each, where its jobs are known."""
    runs = question.evidence.runs_by_id
    pairs = ((one, runs.get(one.run)) for one in concluded(question, production=production))
    return [(one, run) for one, run in pairs if run is not None and run.tasks]


def with_manual_steps(question: Question) -> Fact:
    found = _run_of(question, production=False)
    return share(question, *split((bool(pressed(run, one.finished)), last(one.cited)) for one, run in found))


def manual_steps(question: Question) -> Fact:
    """Any deployment of which the steps are unknown leaves the question open."""
    found = _run_of(question, production=False)
    if not found or len(found) < len(concluded(question, production=False)):
        return lacking(question, Lack.TOO_FEW)
    ends: dict[str, list[Deployment]] = defaultdict(list)
    for one, run in found:
        ends[run.id].append(one)
    tasks = {task.id: last(task.cited) for _, run in found for task in run.tasks if _is_step(task, ends[run.id])}
    return count(question, list(tasks.values()), [last(one.cited) for one, _ in found])


def _is_step(task: Task, made: list[Deployment]) -> bool:
    """Whether a job that waited for a person was work inside what its run deployed: begun after the first deployment
    began, and before the last had ended. The press that begins a deployment is its approval."""
    if not task.manual or task.started is None:
        return False
    begins = [one.started or one.finished or 0 for one in made]
    deploys = any(task.started <= begin + _MOMENT and begin <= (task.finished or begin) for begin in begins
                  if begin >= task.started - _MOMENT)  # fmt: skip
    return not deploys and min(begins) < task.started <= max(one.finished or 0 for one in made)


def confirmations(question: Question) -> Fact:
    """Jobs that waited for a person, and approvals of the deployment, its run or its commit before its end."""
    decided = [one for one in question.evidence.of("approval.decided") if one.content.get("decision") == "approved"]
    values: list[tuple[float, Cited]] = []
    for one, run in _run_of(question, production=True):
        names = {one.id, run.id, one.commit, one.digest} - {""}
        approved = sum(said.content.get("about") in names and said.time <= (one.finished or 0) for said in decided)
        values.append((float(len(pressed(run, one.finished)) + approved), last(one.cited)))
    return sample(question, values)


def flows(question: Question) -> Fact:
    found = effective(question, production=False)
    if not found:
        return lacking(question, Lack.TOO_FEW)
    staged = _in_part(question)
    kinds = {
        ("staged" if one.id in staged else "urgent" if one.intent == "hotfix" else one.intent): last(one.cited)
        for one in found
        if one.id in staged or one.intent in ("deploy", "hotfix")
    }
    return count(question, list(kinds.values()), [last(one.cited) for one in found])


def staged(question: Question) -> Fact:
    staged = _in_part(question)
    return share(question, *split((one.id in staged, last(one.cited)) for one in concluded(question)))


def _in_part(question: Question) -> set[str]:
    """Deployments with a step that reached only a part of the traffic or users."""
    steps = question.evidence.of("rollout.progressed")
    return {str(one.content.get("deployment")) for one in steps if float(one.content.get("share", 1.0)) < 1.0}


def reachable_tiers(question: Question) -> Fact:
    """The newest deployment of each tier that succeeded was made by a run on record."""
    evidence = question.evidence
    runs = {one.id for one in evidence.runs}
    known = set(tiers(evidence).values()) - {"", "other"}
    newest = {
        one.tier: one
        for one in sorted(evidence.deployments, key=lambda one: one.finished or 0)
        if one.outcome == "success" and question.inside(one.finished)
    }
    events = evidence.of("environment.created", "environment.modified")
    told = {str(one.custom.get("tier", "")): one.cited for one in events}
    found = [(tier in newest and newest[tier].run in runs, tier) for tier in sorted(known)]
    cited = {tier: last(newest[tier].cited) if tier in newest else told.get(tier) for tier in known}
    return share(question, *split((good, one) for good, tier in found if (one := cited[tier]) is not None))


_ENDED = ("deployment.finished",)
_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_TASKS = ("taskrun.finished",)
_COMMITS = ("commit.observed",)
_NAMED_RUN = t("Attempts at deployments that name the run which made them, of all that succeeded or failed.")
PART = (
    Definition(name="deployments-made-by-a-script-or-the-platform", how=_NAMED_RUN, needs=_ENDED, answer=with_run),
    Definition(name="deployments-made-by-platform-or-script", how=_NAMED_RUN, needs=_ENDED, answer=with_run),
    Definition(
        name="deployments-run-by-the-platform",
        how=t("Attempts at deployments made by a run on record, of all that succeeded or failed."),
        needs=_ENDED,
        also=(_RUNS,),
        answer=by_platform,
    ),
    Definition(
        name="test-deployments-run-by-the-platform",
        how=t("Attempts at deployments to test environments made by a run on record, of all that succeeded or failed."),
        needs=_ENDED,
        also=(_RUNS,),
        answer=tests_by_platform,
    ),
    Definition(
        name="production-deployments-that-name-the-procedure-or-definition",
        how=t("Attempts at production deployments that name their run, whose commit has the definition, of all."),
        needs=_ENDED,
        answer=production_with_run,
    ),
    Definition(
        name="production-deployments-that-trace-to-one-connected-run-chain",
        how=t("Attempts at production deployments made by a run of a commit on record, of all that ended."),
        needs=_ENDED,
        also=(_RUNS, _COMMITS),
        answer=connected,
    ),
    Definition(
        name="production-deployments-run-by-the-same-definition-as-the-lower",
        how=t(
            "Attempts at production deployments by a run whose repository and commit, and so whose definition, also "
            "deployed to a test or staging environment before, of all that ended."
        ),
        needs=_ENDED,
        also=(_RUNS,),
        answer=same_definition,
    ),
    Definition(
        name="deployments-with-one-or-more-manual-steps",
        how=t(
            "Deployments made by a run in which a person pressed for a job before its end, of those whose run is on "
            "record."
        ),
        needs=_ENDED,
        also=(_TASKS,),
        answer=with_manual_steps,
    ),
    Definition(
        name="manual-working-steps-inside-a-deployment",
        how=t(
            "Jobs that waited for a person, begun after the first deployment of their run and before the end of the "
            "last; the press that begins a deployment is its approval. One whose run is unknown leaves it open."
        ),
        needs=_ENDED,
        also=(_TASKS,),
        answer=manual_steps,
    ),
    Definition(
        name="manual-confirmations-per-production-delivery-median",
        how=t("By production deployment: jobs of its run that a person pressed for, and approvals, before its end."),
        needs=_ENDED,
        also=(_TASKS,),
        answer=confirmations,
    ),
    Definition(
        name="different-flows-in-use",
        how=t("Of normal, urgent and staged those by which a deployment succeeded, by its intent and its steps."),
        needs=_ENDED,
        answer=knowing_intents(flows, production=False),
    ),
    Definition(
        name="production-deployments-by-a-staged-rollout",
        how=t(
            "Attempts at production deployments with a step that reached only a part of the users, of all that ended."
        ),
        needs=_ENDED,
        also=(("rollout.progressed",),),
        answer=staged,
    ),
    Definition(
        name="environment-tiers-reachable-by-one-action",
        how=t(
            "Tiers of environments whose newest successful deployment was made by a run on record, of all tiers in use."
        ),
        needs=_ENDED,
        also=(_RUNS,),
        answer=reachable_tiers,
    ),
)
