"""Deployments: what they bring, and whether anybody knows where that comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import (
    bump,
    change,
    digests,
    effective,
    elapsed,
    items_of,
    knowing_intents,
    last,
    revision,
    split,
    tickets,
    ties,
)
from plumbline.facts.definition import Definition, sample, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Deployment


def resolved(question: Question) -> Fact:
    of = digests(question.evidence)
    return share(question, *split((bool(revision(one, of)), last(one.cited)) for one in _all_effective(question)))


def unresolved(question: Question) -> Fact:
    of = digests(question.evidence)
    return share(question, *split((not revision(one, of), last(one.cited)) for one in _all_effective(question)))


def not_in_store(question: Question) -> Fact:
    stored = {str(one.custom.get("digest")) for one in question.evidence.of("artifact.published")}
    return share(question, *split((one.digest not in stored, last(one.cited)) for one in _all_effective(question)))


def _all_effective(question: Question) -> list[Deployment]:
    return effective(question, production=False)


def lead_time_change(question: Question) -> Fact:
    return change(question, _lead_times)


def _lead_times(question: Question) -> list[tuple[float, Cited]]:
    evidence = question.evidence
    values: list[tuple[float, Cited]] = []
    for one in evidence.delivered:
        for sha in one.commits if question.inside(one.deployment.finished) else ():
            commit = evidence.commits.get(sha)
            lead = elapsed(commit.authored, one.deployment.finished or 0) if commit else None
            if commit and lead is not None:
                values.append((lead, commit.cited))
    return values


def items_per_deployment(question: Question) -> Fact:
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for one in evidence.delivered:
        if not question.inside(one.deployment.finished):
            continue
        commits = [evidence.commits[sha] for sha in one.commits if sha in evidence.commits]
        if one.baseline:
            bump(excluded, "before_baseline")
        elif not any(commit.told for commit in commits):
            bump(excluded, "message_not_read")
        else:
            items = {item for commit in commits for item in items_of(commit, tied, known)}
            values.append((float(len(items)), last(one.deployment.cited)))
    return sample(question, values, excluded)


_ENDED = ("deployment.finished",)
_COMMITS = ("commit.observed",)
PART = (
    Definition(
        name="deployed-artifacts-that-resolve-to-a-revision",
        how=t("Successful deployments whose commit is recorded, or whose digest names one, of all."),
        needs=_ENDED,
        answer=resolved,
    ),
    Definition(
        name="deployments-whose-source-revision-is-unknown",
        how=t("Successful deployments whose commit is not recorded and whose digest names none, of all."),
        needs=_ENDED,
        answer=unresolved,
    ),
    Definition(
        name="deployments-whose-package-is-not-in-a-registered-artifact-store",
        how=t("Successful deployments whose digest is not told or was not published to a store, of all."),
        needs=_ENDED,
        also=(("artifact.published",),),
        answer=not_in_store,
    ),
    Definition(
        name="commit-to-production-median-against-180-d-earlier",
        how=t(
            "Change of the median time from a commit to the first production deployment that has it, against the "
            "window of the same length that ended 180 days earlier, with at least five commits in each."
        ),
        needs=_ENDED,
        also=(_COMMITS,),
        answer=knowing_intents(lead_time_change, ever=True),
    ),
    Definition(
        name="work-items-per-production-deployment-median",
        how=t("Work items named by the commits that a production deployment brought first; the first one is left out."),
        needs=_ENDED,
        also=(_COMMITS,),
        answer=knowing_intents(items_per_deployment),
    ),
)
