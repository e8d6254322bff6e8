"""What several families of facts share: the calendar, comparison with an earlier window, people, runs and ties."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.definition import lacking, ratio, value
from plumbline.facts.machines import is_machine
from plumbline.facts.people import machine
from plumbline.model.fact import Lack, Window
from plumbline.trace import SECOND, Who, author

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Commit, Deployment, Merge, Run, Task

DAY = 86_400 * SECOND
SKEW = 300 * SECOND  # clocks may differ by so much; then the duration is 0
NAMING = 5  # one in so many commits names a work item where that is how the team works
FEWEST = 5  # on either side of a comparison, and for what a smallest sample cannot be held against
_EPOCH = date(1970, 1, 1)

Values = list[tuple[float, "Cited"]]


def bump(excluded: dict[str, int], reason: str) -> None:
    excluded[reason] = excluded.get(reason, 0) + 1


def elapsed(begin: int, end: int) -> float | None:
    """Seconds; None where the end is before the beginning by more than clocks may differ."""
    return None if end < begin - SKEW else max(0, end - begin) / SECOND


def day_of(time: int) -> date:
    """The day in UTC."""
    return _EPOCH + timedelta(days=time // DAY)


def working_days(window: Window | None) -> list[date]:
    """Mondays to Fridays (UTC) of the window; a day of which less than half is inside does not count."""
    if window is None:
        return []
    first = day_of(window.begin + DAY // 2)
    last = day_of(window.end - DAY // 2)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def weeks(question: Question) -> float:
    return (question.window.end - question.window.begin) / (7 * DAY) if question.window else 0.0


def earlier(question: Question, days: int = 180) -> Question:
    """The same question over the window of the same length that ended so many days before this one's end."""
    assert question.window is not None
    moved = Window(question.window.begin - days * DAY, question.window.end - days * DAY)
    return msgspec.structs.replace(question, window=moved)


def change(question: Question, values: Callable[[Question], Values]) -> Fact:
    """By how many percent the median moved against 180 days earlier; too few on either side is no data."""
    if question.window is None:
        return lacking(question, Lack.TOO_FEW)
    now, before = values(question), values(earlier(question))
    if len(now) < FEWEST or len(before) < FEWEST:
        return lacking(question, Lack.TOO_FEW)
    base = median(number for number, _ in before)
    if not base:
        return lacking(question, Lack.TOO_FEW)
    moved = 100 * (median(number for number, _ in now) / base - 1)
    return value(question, moved, [cited for _, cited in (*now, *before)])


def human(name: str) -> bool:
    return bool(name) and not is_machine(name)


def merges(question: Question) -> list[Merge]:
    """Merges to the trunk of their project inside the window."""
    evidence = question.evidence
    return [
        one
        for one in evidence.merges
        if question.inside(one.merged) and evidence.trunk(one.project) in ("", one.target)
    ]


def brought(evidence: Evidence, merge: Merge) -> list[Commit]:
    """The commits of a merge that somebody told of, the oldest first; the telling that tells most."""
    found = []
    for sha, detail in zip(merge.commits, merge.details, strict=True):
        known = evidence.commits.get(sha)
        found.append(detail if known is None or (detail.told and not known.told) else known)
    return found[::-1]


def whole_runs(question: Question) -> list[Run]:
    """Runs that ended inside the window; a child is part of the run that triggered it."""
    return [one for one in question.evidence.runs if question.inside(one.finished) and not one.child]


def began(run: Run) -> int | None:
    return run.created or run.started


def last(cited: Sequence[Cited]) -> Cited:
    """The event that settled it: of a run, a job or a deployment, its end."""
    return cited[-1]


def pressed(run: Run, before: int | None) -> list[Task]:
    """Its jobs that waited for a person, and that one had begun by then: a button that nobody pressed is no step."""
    end = before or 0
    return [one for one in run.tasks if one.manual and one.started is not None and one.started <= end]


def approvals(evidence: Evidence) -> dict[str, int]:
    """When each thing was approved first, by its own name and by that of its revision: what is approved afterwards was
    not approved when it was done."""
    return {
        str(one.content[name]): one.time
        for one in reversed(evidence.of("approval.decided"))
        for name in ("revision", "about")
        if one.content.get("decision") == "approved" and one.content.get(name)
    }


def concluded(question: Question, *, production: bool = True) -> list[Deployment]:
    """Attempts at deployments that ended by their own doing inside the window."""
    return [
        one
        for one in question.evidence.deployments
        if question.inside(one.finished) and one.outcome in ("success", "failure", "error")
        and (one.production or not production)
    ]  # fmt: skip


def effective(question: Question, *, production: bool = True) -> list[Deployment]:
    """Deployments that reached users inside the window, each once however many attempts it took; no rollbacks."""
    found: dict[tuple[str, str], Deployment] = {}
    for one in sorted(question.evidence.deployments, key=lambda one: one.finished or 0):
        if one.effective and (one.production or not production):
            found.setdefault((one.id, one.environment), one)
    return [one for one in found.values() if question.inside(one.finished)]


def knowing_intents(
    answer: Callable[[Question], Fact], *, production: bool = True, ever: bool = False
) -> Callable[[Question], Fact]:
    """An answer that depends on what deployments were meant for: none where that is not told of one of them in the
    window (``ever``: or before)."""

    def answered(question: Question) -> Fact:
        doubtful = [
            one
            for one in question.evidence.deployments
            if one.doubtful and (one.production or not production) and (ever or question.inside(one.finished))
        ]
        if not doubtful:
            return answer(question)
        return msgspec.structs.replace(lacking(question, Lack.TOO_FEW), excluded={"intent_unknown": len(doubtful)})

    return answered


def digests(evidence: Evidence) -> dict[str, str]:
    """The commit that the bytes of each digest came from."""
    return {
        str(one.custom["digest"]): str(one.custom.get("commit", ""))
        for one in evidence.of("artifact.packaged", "artifact.published")
        if one.custom.get("digest")
    }


def revision(deployment: Deployment, of: dict[str, str]) -> str:
    return deployment.commit or of.get(deployment.digest, "")


def tiers(evidence: Evidence) -> dict[str, str]:
    """The tier of each environment that was not deleted, or that was made or deployed to again."""
    found: dict[str, str] = {}
    gone: dict[str, int] = {}
    events = evidence.of("environment.created", "environment.modified", "environment.deleted")
    for one in sorted(events, key=lambda one: one.time):
        if one.what == "environment.deleted":
            found.pop(one.subject, None)
            gone[one.subject] = one.time
            continue
        gone.pop(one.subject, None)
        if one.custom.get("tier"):
            found[one.subject] = str(one.custom["tier"])
    for deployment in evidence.deployments:
        if deployment.environment and (deployment.finished or 0) >= gone.get(deployment.environment, 0):
            found.setdefault(deployment.environment, deployment.tier)
    return found


def tickets(evidence: Evidence) -> set[str]:
    return evidence.tickets


def cases(evidence: Evidence) -> set[str]:
    return {
        str(one.content["testCase"].get("id", ""))
        for one in evidence.of("testcaserun.finished")
        if one.content.get("testCase")
    }


def ties(evidence: Evidence) -> dict[str, dict[str, tuple[int, Cited]]]:
    return evidence.ties


def items_of(commit: Commit, tied: dict[str, dict[str, tuple[int, Cited]]], known: set[str]) -> set[str]:
    """Work items that a commit names, or that a link ties to it."""
    return set(commit.work_items) | {other for other in tied.get(commit.sha, ()) if other in known}


def split(found: Iterable[tuple[bool, Cited]]) -> tuple[list[Cited], list[Cited]]:
    """Those that are good, and those that are not."""
    good: list[Cited] = []
    bad: list[Cited] = []
    for fine, cited in found:
        (good if fine else bad).append(cited)
    return good, bad


def per_person(evidence: Evidence, found: Iterable[Merge]) -> Iterator[tuple[str, list[Merge]]]:
    """Human authors of commits that merges brought, each with those merges."""
    by: dict[str, list[Merge]] = defaultdict(list)
    for one in found:
        authors = [author(commit) for commit in one.details if commit.author]
        keys = {evidence.people.key(who) for who in authors or [Who(name=one.person)] if who.known and not machine(who)}
        for key in keys:
            by[key].append(one)
    yield from sorted(by.items())


def direct(question: Question, projects: Collection[str] | None = None) -> list[Commit]:
    """Commits on the trunk of their project (None: of any) inside the window that no merge brought.

    Where nobody told which branch that is, those that merges of the project go to are taken for it.
    """
    evidence = question.evidence
    seen_on = [
        (str(one.custom.get("project", "")), one) for one in evidence.of("commit.observed", "repository.observed")
    ]
    wanted = {project for project, _ in seen_on if projects is None or project in projects}
    names = {project: _trunk_refs(evidence, project) for project in wanted}
    todo = [one.subject for project, one in seen_on if one.content.get("ref") in names.get(project, ())]
    todo += [str(one.content["head"]) for project, one in seen_on if project in wanted and one.content.get("head")]
    merged = {sha for one in evidence.merges for sha in (*one.commits, one.merged_as)}
    seen: set[str] = set()
    found = []
    while todo:
        sha = todo.pop()
        commit = evidence.commits.get(sha)
        if commit is None or sha in seen:
            continue
        seen.add(sha)
        todo += commit.parents[:1]
        if len(commit.parents) < 2 and sha not in merged and question.inside(commit.committed):
            found.append(commit)
    return sorted(found, key=lambda one: (one.committed, one.sha))


def _trunk_refs(evidence: Evidence, project: str) -> set[str]:
    trunk = evidence.trunk(project)
    trunks = {trunk} if trunk else {one.target for one in evidence.merges if one.project == project}
    return {form for name in trunks - {""} for form in (name, f"refs/heads/{name}")}


def among_files(question: Question, good: str, bad: str) -> Fact:
    """Files of the one kind among those of both, in the newest tree of each repository."""
    trees = [one for one in question.evidence.trees if good in one.counts or bad in one.counts]
    part, rest = (sum(one.counts.get(kind, 0) for one in trees) for kind in (good, bad))
    return ratio(question, part, part + rest, [one.cited for one in trees])


def reviews_told(evidence: Evidence) -> bool:
    """Whether any source tells of reviews: a repository whose reviews live in a forge says nothing about them."""
    return evidence.has("change.reviewed") or any(one.reviewers for one in evidence.merges)


def items_told(question: Question) -> bool:
    """Whether a change that names no work item has none: a work item system is connected, or at least one in
    NAMING of the commits in the window names one. Where fewer do, nobody can tell that the links are not kept
    elsewhere."""
    evidence = question.evidence
    if evidence.has("ticket.created", "ticket.updated", "ticket.closed"):
        return True
    named = evidence.with_items
    told = [*evidence.commits.values(), *(one for merge in evidence.merges for one in merge.details)]
    read = {
        one.sha for one in told if (one.told or one.sha in named) and not one.bot and question.inside(one.committed)
    }
    return len(named & read) * NAMING >= len(read) > 0


def by_repository(question: Question, revisions: Collection[str]) -> list[tuple[bool, Cited]]:
    """For each repository, whether one of its commits is among these; one is told apart by its project, else by the
    name that the source of its commits has for it."""
    shas: dict[str, set[str]] = defaultdict(set)
    cited: dict[str, Cited] = {}
    for one in question.evidence.of("commit.observed"):
        name = str(one.custom.get("project") or (one.content.get("repository") or {}).get("id", ""))
        shas[name] |= {str(said.get("sha")) for said in one.content.get("commits", ())}
        cited[name] = one.cited
    return [(not shas[name].isdisjoint(revisions), cited[name]) for name in sorted(shas)]
