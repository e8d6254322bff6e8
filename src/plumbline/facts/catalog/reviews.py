"""Reviews: who looked at a change before it was merged, at which revision of it, and what was known then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import brought, direct, merges, reviews_told
from plumbline.facts.catalog._kinds import SCRIPTS
from plumbline.facts.catalog._reviews import any_of, approvals, reviewed
from plumbline.facts.definition import Definition, lacking, open_share
from plumbline.facts.statements import named_by
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Merge


def final_approved(question: Question) -> Fact:
    people = question.evidence.people
    found = [(any_of(fine for _, fine in approvals(people, one)), one.cited) for one in merges(question)]
    return open_share(question, [*found, *((False, one.cited) for one in direct(question))])


def human_review(question: Question) -> Fact:
    if not reviews_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    people = question.evidence.people
    return open_share(question, ((reviewed(people, one), one.cited) for one in merges(question)))


def script_review(question: Question) -> Fact:
    if not reviews_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    people = question.evidence.people
    found: list[tuple[bool | None, Cited]] = []
    for one in merges(question):
        kinds = {kind for commit in brought(question.evidence, one) for kind in commit.kinds}
        if kinds & SCRIPTS:
            found.append((reviewed(people, one), one.cited))
    return open_share(question, found)


def keeper_approved(question: Question) -> Fact:
    """Of changes to pipelines and what builds."""
    evidence = question.evidence
    words = named_by("statement-keepers-of-the-build-scripts", evidence)
    if isinstance(words, Lack):
        return lacking(question, words)
    found: list[tuple[bool | None, Cited]] = []
    for one in merges(question):
        if {kind for commit in brought(evidence, one) for kind in commit.kinds} & SCRIPTS:
            approved = approvals(evidence.people, one)
            named = [evidence.people.person(review.who).casefold() in words for review, fine in approved if fine]
            unknown = any(fine is None for _, fine in approved)
            found.append((True if any(named) else None if unknown else False, one.cited))
    return open_share(question, found)


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

    def known(merge: Merge) -> bool | None:
        found = approvals(evidence.people, merge)
        approved = max((one.time for one, fine in found if fine is not False), default=0)
        good = all(times.get(merge.final, approved + 1) <= approved for times in (built, scanned))
        return any_of(fine for _, fine in found) if good else False

    return open_share(question, ((known(one), one.cited) for one in merges(question)))


_MERGES = ("change.merged",)
_REVIEWS = ("change.reviewed",)
_HUMAN = t(
    "Merges that a person other than the authors decided on, in a review, or by name in a message where no forge "
    "tells of reviews, of all merges; a comment is no decision, and machines do not count. Of a reviewer whose account "
    "is tied to nobody, nobody can tell."
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
        name="changes-to-shared-modules-approved-by-a-named-keeper",
        how=t(
            "Merges that touch pipelines or infrastructure and that somebody approved whose account stands in the text "
            "of the accepted statement about the keepers of the build scripts, of all that touch such."
        ),
        needs=_MERGES,
        also=(_REVIEWS, ("commit.observed",), ("statement.attested",)),
        answer=keeper_approved,
    ),
    Definition(
        name="merged-changes-with-build-and-scan-verdict-before-approval",
        how=t("Merges whose newest commit was built and scanned before its last approval, of all merges."),
        needs=_MERGES,
        also=(_REVIEWS, ("pipelinerun.finished",), ("scan.finished",)),
        answer=verdicts_before_approval,
    ),
)
