"""Traces: from a production deployment back to the digest, the tests and the work item."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import approvals, concluded, digests, last, revision, split
from plumbline.facts.catalog._kinds import LOWER_TIERS
from plumbline.facts.catalog._verdicts import Verdicts
from plumbline.facts.definition import Definition, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Fact
    from plumbline.trace import Deployment, Seen


def same_digest(question: Question) -> Fact:
    """Nobody registers which tiers are required, so those that anything was deployed to are."""
    evidence = question.evidence
    lower = [one for one in evidence.deployments if one.tier in LOWER_TIERS and one.outcome == "success"]
    required = {one.tier for one in lower}
    found = concluded(question)
    if not any(one.digest for one in found):
        return lacking(question, Lack.TOO_FEW)

    by_digest: dict[str, list[Deployment]] = defaultdict(list)
    for one in lower:
        by_digest[one.digest].append(one)

    def passed(production: Deployment) -> bool:
        begin = production.started or production.finished or 0
        tiers = {one.tier for one in by_digest[production.digest] if (one.finished or 0) <= begin}
        return bool(production.digest and required) and tiers == required

    return share(question, *split((passed(one), last(one.cited)) for one in found))


def tested_digest(question: Question) -> Fact:
    found = concluded(question)
    if not any(one.digest for one in found):
        return lacking(question, Lack.TOO_FEW)
    suites = _suites(question.evidence)
    return share(question, *split((_tested(suites, one), last(one.cited)) for one in found))


def _suites(evidence: Evidence) -> dict[str, list[Seen]]:
    """Runs of test suites that came to a verdict, by the digest that they tested, in order of time."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for one in evidence.of("testsuiterun.finished"):
        if one.custom.get("digest") and one.content.get("outcome") in ("success", "failure"):
            found[str(one.custom["digest"])].append(one)
    return found


def _tested(suites: dict[str, list[Seen]], deployment: Deployment) -> bool:
    """The newest verdict of each suite on this digest before the start was good."""
    begin = deployment.started or deployment.finished or 0
    told = [one for one in suites.get(deployment.digest, ()) if one.time <= begin]
    newest = {str((one.content.get("testSuite") or {}).get("id", "")): one.content["outcome"] for one in told}
    return bool(newest) and set(newest.values()) == {"success"}


def unbroken(question: Question) -> Fact:
    evidence = question.evidence
    of, runs, linked = digests(evidence), {one.id for one in evidence.runs}, evidence.with_items
    found = [(revision(one, of) in linked and one.run in runs, last(one.cited)) for one in concluded(question)]
    return share(question, *split(found))


def complete(question: Question) -> Fact:
    evidence = question.evidence
    of, runs = digests(evidence), {one.id for one in evidence.runs}
    approved = approvals(evidence)
    gates, suites, linked = Verdicts(evidence), _suites(evidence), evidence.with_items

    def whole(one: Deployment) -> bool:
        sha = revision(one, of)
        end = one.finished or 0
        said = any(approved.get(name, end + 1) <= end for name in (one.id, one.run, sha, one.digest))
        known = one.digest in of and one.run in runs and sha in linked
        return known and said and (_tested(suites, one) or gates.passed_bytes(one.digest))

    return share(question, *split((whole(one), last(one.cited)) for one in concluded(question)))


_ENDED = ("deployment.finished",)
_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_MADE = ("artifact.packaged", "artifact.published")
PART = (
    Definition(
        name="production-deployments-whose-digest-was-deployed-before-in-each",
        how=t(
            "Attempts at production deployments whose digest was deployed before to every tier of test and staging in "
            "use, of all that ended; one without a digest is not proven."
        ),
        needs=_ENDED,
        answer=same_digest,
    ),
    Definition(
        name="production-deployments-with-a-passed-test-verdict-on-the-same",
        how=t(
            "Attempts at production deployments before whose start the newest run of each test suite on their digest "
            "passed, of all that ended; one without a digest is not proven."
        ),
        needs=_ENDED,
        also=(("testsuiterun.finished",),),
        answer=tested_digest,
    ),
    Definition(
        name="production-deployments-with-an-unbroken-chain-from-work-item-to",
        how=t("Attempts at production deployments by a run on record of a commit with a work item, of all that ended."),
        needs=_ENDED,
        also=(_RUNS, ("commit.observed",)),
        answer=unbroken,
    ),
    Definition(
        name="production-deployments-with-the-complete-chain-requirement",
        how=t(
            "Attempts at production deployments with work item, commit, run, digest, passed test or gate and approval "
            "on record, of all that ended."
        ),
        needs=_ENDED,
        also=(_RUNS, _MADE, ("approval.decided",)),
        answer=complete,
    ),
)
