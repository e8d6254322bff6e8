"""Merges: how often work comes to the trunk, and what each brings along."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import (
    brought,
    bump,
    day_of,
    elapsed,
    items_of,
    items_told,
    merges,
    per_person,
    pressed,
    split,
    tickets,
    ties,
    weeks,
    working_days,
)
from plumbline.facts.definition import Definition, lacking, rate, sample, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Merge


def per_developer(question: Question) -> Fact:
    """Merges of people in (people x weeks)."""
    people = dict(per_person(question.evidence, merges(question)))
    found = sorted({(one.merged, one.cited) for own in people.values() for one in own})
    return rate(question, [cited for _, cited in found], len(people) * weeks(question))


def per_developer_and_day(question: Question) -> Fact:
    """Merges and days are those of whole working days: a day is counted above the line and below it, or nowhere."""
    days = working_days(question.window)
    if not days:
        return lacking(question, Lack.TOO_FEW)
    values: list[tuple[float, Cited]] = []
    for _, own in per_person(question.evidence, merges(question)):
        counted = [one for one in own if day_of(one.merged) in days]
        values.append((len(counted) / len(days), (counted or own)[-1].cited))
    return sample(question, values)


def busy_days(question: Question) -> Fact:
    people = [
        (max(Counter(day_of(one.merged) for one in own).values()) >= 2, own[-1].cited)
        for _, own in per_person(question.evidence, merges(question))
    ]
    good, bad = split(people)
    return share(question, good, bad)


def gaps(question: Question) -> Fact:
    values: list[tuple[float, Cited]] = []
    for _, own in per_person(question.evidence, merges(question)):
        values += [((after.merged - before.merged) / 1_000_000, after.cited) for before, after in pairwise(own)]
    return sample(question, values)


def opened_to_merged(question: Question) -> Fact:
    opened = {one.object: one.time for one in reversed(question.evidence.of("change.created"))}
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for one in merges(question):
        start = min((opened[at] for at in one.objects if at in opened), default=None)
        if start is None:
            bump(excluded, "start_unknown")
        elif (life := elapsed(start, one.merged)) is None:
            bump(excluded, "clock_skew")
        else:
            values.append((life, one.cited))
    return sample(question, values, excluded)


def _items(question: Question) -> tuple[list[tuple[int, Cited]], dict[str, int]]:
    """How many work items each merge carries; left out where nobody read what it brought."""
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    found: list[tuple[int, Cited]] = []
    excluded: dict[str, int] = {}
    for one in merges(question):
        commits = brought(evidence, one)
        items = {*one.work_items, *(other for other in tied.get(one.change, ()) if other in known)}
        for commit in commits:
            items |= items_of(commit, tied, known)
        if items or one.files is not None or (commits and all(commit.told for commit in commits)):
            found.append((len(items), one.cited))
        else:
            bump(excluded, "message_not_read")
    return found, excluded


def one_item(question: Question) -> Fact:
    if not items_told(question):
        return lacking(question, Lack.NO_SOURCE)
    found, excluded = _items(question)
    return share(question, *split((number == 1, cited) for number, cited in found), excluded)


def no_item(question: Question) -> Fact:
    if not items_told(question):
        return lacking(question, Lack.NO_SOURCE)
    found, excluded = _items(question)
    return share(question, *split((number == 0, cited) for number, cited in found), excluded)


def trunk_without_manual_step(question: Question) -> Fact:
    """By the first production deployment that has the merge; one that none has yet is on the bad side."""
    runs = question.evidence.runs_by_id
    by_commit = {sha: one for one in question.evidence.delivered for sha in one.commits}

    def untouched(merge: Merge) -> bool:
        delivery = by_commit.get(merge.merged_as) or next(
            (by_commit[sha] for sha in merge.commits if sha in by_commit), None
        )
        run = runs.get(delivery.deployment.run) if delivery else None
        return (
            delivery is not None
            and run is not None
            and bool(run.tasks)
            and not pressed(run, delivery.deployment.finished)
        )

    return share(question, *split((untouched(one), one.cited) for one in merges(question)))


_MERGES = ("change.merged",)
PART = (
    Definition(
        name="merges-to-trunk-per-active-developer",
        how=t("Merges to the trunk by developer and week; active is who wrote a merged commit, bots are left out."),
        needs=_MERGES,
        answer=per_developer,
    ),
    Definition(
        name="merges-to-trunk-per-active-developer-and-working-day-team-median",
        how=t(
            "For each person who wrote a merged commit, the merges to the trunk on working days (Mondays to Fridays, "
            "UTC) of the window, by working day."
        ),
        needs=_MERGES,
        answer=per_developer_and_day,
    ),
    Definition(
        name="active-developers-with-days-of-two-or-more-merges-to-trunk",
        how=t("People with a day (UTC) of two merges to the trunk or more, of all who wrote a merged commit."),
        needs=_MERGES,
        answer=busy_days,
    ),
    Definition(
        name="gap-between-a-developer-s-merges-to-trunk-median",
        how=t("Time between one merge to the trunk and the next with commits of the same person."),
        needs=_MERGES,
        answer=gaps,
    ),
    Definition(
        name="time-from-merge-request-opened-to-merged-median",
        how=t("From the opening of the merge request to its merge; merges whose opening nobody told are left out."),
        needs=_MERGES,
        also=(("change.created",),),
        answer=opened_to_merged,
    ),
    Definition(
        name="merges-that-carry-exactly-one-work-item",
        how=t("Merges whose commits, message and links name exactly one work item, of those that were read."),
        needs=_MERGES,
        answer=one_item,
    ),
    Definition(
        name="merges-without-any-work-item",
        how=t("Merges whose commits, message and links name no work item, of those that were read."),
        needs=_MERGES,
        answer=no_item,
    ),
    Definition(
        name="trunk-merges-deployed-to-production-without-a-manual-step",
        how=t(
            "Merges to the trunk whose first production deployment came from a run in which no person pressed for a "
            "job before its end, of all merges to the trunk."
        ),
        needs=_MERGES,
        also=(("deployment.finished",), ("taskrun.finished",)),
        answer=trunk_without_manual_step,
    ),
)
