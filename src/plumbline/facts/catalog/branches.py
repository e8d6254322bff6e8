"""Branches: how long they live, and how work reaches the trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.definition import Definition, count, lacking, sample, share
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND, micros

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Merge, Seen

DAY = 86_400 * SECOND
_SKEW = 300 * SECOND  # clocks may differ by so much; then the duration is 0


def _lives(question: Question) -> tuple[list[tuple[float, Cited]], dict[str, int]]:
    """Seconds from the first commit of a branch to its merge."""
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for merge in question.evidence.merges:
        if not question.inside(merge.merged):
            continue
        reason = _unfit(merge)
        if reason:
            excluded[reason] = excluded.get(reason, 0) + 1
        else:
            assert merge.opened is not None
            values.append((max(0, merge.merged - merge.opened) / SECOND, merge.cited))
    return values, excluded


def _unfit(merge: Merge) -> str:
    if merge.squash:
        return "squashed"
    if merge.opened is None:
        return "start_unknown"
    return "clock_skew" if merge.merged < merge.opened - _SKEW else ""


def median_life(question: Question) -> Fact:
    return sample(question, *_lives(question))


def old_merged(question: Question) -> Fact:
    values, excluded = _lives(question)
    limit = 14 * 86_400
    return share(
        question,
        [cited for life, cited in values if life > limit],
        [cited for life, cited in values if life <= limit],
        excluded,
    )


def old_branches(question: Question) -> Fact:
    """Branches that were not merged and whose first own commit is older than 30 days, release lines apart."""
    newest = _newest(question.evidence)
    found = [
        one.cited
        for (_, name), one in newest.items()
        if name != question.evidence.trunk(str(one.custom.get("project", "")))
        and not one.content.get("merged")
        and not str(name).startswith(("release", "stable", "maint", "hotfix"))
        and question.evidence.as_of - (micros(one.content.get("first", "")) or question.evidence.as_of) > 30 * DAY
    ]
    return count(question, found, [one.cited for one in newest.values()])


def _newest(evidence: Evidence) -> dict[tuple[str, str], Seen]:
    """What was seen last of each branch that is still there."""
    found: dict[tuple[str, str], Seen] = {}
    events = sorted(evidence.of("branch.observed", "branch.deleted"), key=lambda one: one.time)
    for one in events:
        if one.what == "branch.deleted":
            found.pop(one.object, None)  # as whoever saw it says; another source speaks of another repository
        else:
            found[one.object] = one
    return {(object_[0], str(one.content.get("name", ""))): one for object_, one in found.items()}


def commits_per_merge(question: Question) -> Fact:
    merges = [one for one in question.evidence.merges if question.inside(one.merged)]
    values = [(float(len(one.commits)), one.cited) for one in merges if one.commits and not one.squash]
    return sample(question, values, {"squashed": sum(one.squash for one in merges)})


def files_per_merge(question: Question) -> Fact:
    merges = [one for one in question.evidence.merges if question.inside(one.merged)]
    return sample(question, [(float(one.files), one.cited) for one in merges if one.files is not None])


def conflicts(question: Question) -> Fact:
    """Only merges for which somebody told whether there was one; a source that tells only of conflicts does not say
    what went well."""
    merges = [one for one in question.evidence.merges if question.inside(one.merged) and one.conflicts is not None]
    if all(one.conflicts for one in merges):
        return lacking(question, Lack.NO_SOURCE)
    return share(
        question, [one.cited for one in merges if one.conflicts], [one.cited for one in merges if not one.conflicts]
    )


_MERGES = ("change.merged",)
PART = (
    Definition(
        name="median-life-of-merged-branches",
        how=t(
            "From the author date of the first commit that only the branch had to its merge; squashed merges are left "
            "out."
        ),
        needs=_MERGES,
        answer=median_life,
    ),
    Definition(
        name="merged-branches-older-than-14-d",
        how=t("Merges whose branch was older than 14 days, of all merges with a known start."),
        needs=_MERGES,
        answer=old_merged,
    ),
    Definition(
        name="branches-older-than-30-d-beside-trunk-and-release-lines",
        how=t("Branches not merged whose first own commit is older than 30 days; release lines are left out."),
        needs=("branch.observed",),
        answer=old_branches,
    ),
    Definition(
        name="commits-per-merge-request-median",
        how=t("Commits that each merge brought; squashed merges are left out."),
        needs=_MERGES,
        answer=commits_per_merge,
    ),
    Definition(
        name="files-changed-per-merge-request-median",
        how=t("Files that differ between the trunk before and after each merge."),
        needs=_MERGES,
        answer=files_per_merge,
    ),
    Definition(
        name="merge-requests-that-met-a-conflict",
        how=t(
            "Merges for which a conflict was recorded, by the repository or by the forge while the merge request was "
            "open, of those where it was recorded whether there was one."
        ),
        needs=_MERGES,
        answer=conflicts,
    ),
)
