"""Reviews: who looked at a change before it was merged, at which revision of it, and what was known then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import brought, direct, human, merges, reviews_told, split
from plumbline.facts.catalog._kinds import SCRIPTS
from plumbline.facts.definition import Definition, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Merge, Review

_DECISIONS = ("approved", "requestChanges", "rejected")  # a comment is none


def _by_others(merge: Merge) -> Iterator[Review]:
    """Of people other than every author, made before the merge."""
    for review in merge.reviews:
        if human(review.reviewer) and review.reviewer not in merge.authors and review.time <= merge.merged:
            yield review


def approvals(merge: Merge) -> list[Review]:
    """Of the final revision: a person's newest decision counts."""
    final = merge.commits[0] if merge.commits else merge.merged_as
    newest = {
        one.reviewer: one
        for one in sorted(_by_others(merge), key=lambda one: one.time)
        if one.decision in (*_DECISIONS, "withdrawn")
    }
    return [one for one in newest.values() if one.decision == "approved" and one.revision == final]


def _reviewed(merge: Merge) -> bool:
    named = [name for name in merge.reviewers if human(name) and name not in merge.authors]
    return bool(named) or any(one.decision in _DECISIONS for one in _by_others(merge))


def final_approved(question: Question) -> Fact:
    found = [(bool(approvals(one)), one.cited) for one in merges(question)]
    found += [(False, one.cited) for one in direct(question)]
    return share(question, *split(found))


def human_review(question: Question) -> Fact:
    if not reviews_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    return share(question, *split((_reviewed(one), one.cited) for one in merges(question)))


def script_review(question: Question) -> Fact:
    if not reviews_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    found: list[tuple[bool, Cited]] = []
    for one in merges(question):
        kinds = {kind for commit in brought(question.evidence, one) for kind in commit.kinds}
        if kinds & SCRIPTS:
            found.append((_reviewed(one), one.cited))
    return share(question, *split(found))


def verdicts_before_approval(question: Question) -> Fact:
    evidence = question.evidence
    built: dict[str, int] = {}
    scanned: dict[str, int] = {}
    for run in evidence.runs:
        if run.conclusive and run.finished:
            built[run.commit] = min(built.get(run.commit, run.finished), run.finished)
    for one in evidence.of("scan.finished"):
        if one.content.get("outcome") in ("success", "failure"):
            scanned.setdefault(str(one.content.get("commit", "")), one.time)

    def known(merge: Merge) -> bool:
        approved = max((one.time for one in approvals(merge)), default=0)
        final = merge.commits[0] if merge.commits else merge.merged_as
        return all(times.get(final, approved + 1) <= approved for times in (built, scanned))

    return share(question, *split((known(one), one.cited) for one in merges(question)))


_MERGES = ("change.merged",)
_REVIEWS = ("change.reviewed",)
_HUMAN = t(
    "Merges that a person other than the authors decided on, in a review or by name in a message, of all merges; "
    "a comment is no decision, and bots do not count."
)
PART = (
    Definition(
        name="merged-changes-whose-final-revision-was-approved-by-a-person",
        how=t(
            "Merges whose newest commit a person other than every author approved before the merge, of all merges "
            "and all commits that came to the trunk without one."
        ),
        needs=_MERGES,
        also=(_REVIEWS, ("commit.observed",)),
        answer=final_approved,
    ),
    Definition(name="merged-changes-with-a-human-review", how=_HUMAN, needs=_MERGES, answer=human_review),
    Definition(name="merges-with-human-review", how=_HUMAN, needs=_MERGES, answer=human_review),
    Definition(
        name="script-changes-with-a-review",
        how=t("Merges that touch pipelines or infrastructure and that a person other than the authors decided on."),
        needs=_MERGES,
        answer=script_review,
    ),
    Definition(
        name="merged-changes-with-build-and-scan-verdict-before-approval",
        how=t("Merges whose newest commit was built and scanned before its last approval, of all merges."),
        needs=_MERGES,
        also=(_REVIEWS, ("pipelinerun.finished",), ("scan.finished",)),
        answer=verdicts_before_approval,
    ),
)
