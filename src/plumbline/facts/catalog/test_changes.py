"""Tests that come with the code: what kinds of files the commits of a merge touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import DAY, brought, bump, merges, split
from plumbline.facts.catalog._kinds import CODE, CONTRACT, TESTS, UNIT
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Commit, Merge


def _touching(question: Question, kind: str, good: Callable[[Merge, list[Commit]], bool]) -> Fact:
    """Merges that touch files of this kind; left out where nobody told what their commits touch."""
    found: list[tuple[bool, Cited]] = []
    excluded: dict[str, int] = {}
    for merge in merges(question):
        commits = brought(question.evidence, merge)
        if not any(one.files is not None or one.kinds for one in commits):
            bump(excluded, "files_unknown")
        elif any(kind in one.kinds for one in commits):
            found.append((good(merge, commits), merge.cited))
    return share(question, *split(found), excluded)


def _has_unit(_: Merge, commits: list[Commit]) -> bool:
    return any(UNIT in one.kinds for one in commits)


def _has_tests(_: Merge, commits: list[Commit]) -> bool:
    return any(TESTS & set(one.kinds) for one in commits)


def _tests_first(_: Merge, commits: list[Commit]) -> bool:
    """The first commit that touches code has tests too, or one before it has."""
    for one in commits:
        if TESTS & set(one.kinds):
            return True
        if CODE in one.kinds:
            return False
    return False


def unit_tests(question: Question) -> Fact:
    return _touching(question, CODE, _has_unit)


def tests_first(question: Question) -> Fact:
    return _touching(question, CODE, _tests_first)


def contract_tests(question: Question) -> Fact:
    return _touching(question, CONTRACT, _has_tests)


def unit_tests_in_a_day(question: Question) -> Fact:
    times: dict[str, list[int]] = {}
    for one in question.evidence.commits.values():
        if UNIT in one.kinds:
            times.setdefault(one.author, []).append(one.committed)

    def soon(merge: Merge, commits: list[Commit]) -> bool:
        later = (time for author in merge.authors for time in times.get(author, ()))
        return _has_unit(merge, commits) or any(merge.merged <= time <= merge.merged + DAY for time in later)

    return _touching(question, CODE, soon)


def tested_before(question: Question) -> Fact:
    tested: dict[str, int] = {}
    for one in question.evidence.of("testsuiterun.finished"):
        sha = str(one.custom.get("commit", ""))
        if sha and one.content.get("outcome") in ("success", "failure"):
            tested.setdefault(sha, one.time)

    def before(merge: Merge, _: list[Commit]) -> bool:
        return any(tested.get(sha, merge.merged + 1) <= merge.merged for sha in merge.commits)

    return _touching(question, CODE, before)


_MERGES = ("change.merged",)
PART = (
    Definition(
        name="code-merges-that-carry-their-unit-tests",
        how=t("Merges that touch code and unit tests, of all that touch code."),
        needs=_MERGES,
        answer=unit_tests,
    ),
    Definition(
        name="code-merges-that-bring-their-tests-in-the-same-or-an-earlier",
        how=t(
            "Merges whose first commit that touches code has tests too or comes after one with tests, of all with code."
        ),
        needs=_MERGES,
        answer=tests_first,
    ),
    Definition(
        name="code-merges-with-new-or-changed-unit-tests-within-one-day",
        how=t(
            "Merges that touch code and that brought unit tests, or whose authors changed unit tests within a day "
            "after, of all that touch code."
        ),
        needs=_MERGES,
        answer=unit_tests_in_a_day,
    ),
    Definition(
        name="code-merges-with-a-test-run-before-merge",
        how=t("Merges that touch code and of which a commit was tested before the merge, of all that touch code."),
        needs=_MERGES,
        also=(("testsuiterun.finished",),),
        answer=tested_before,
    ),
    Definition(
        name="contract-changes-whose-tests-are-in-the-same-merge",
        how=t("Merges that touch an interface description and any tests, of all that touch such a description."),
        needs=_MERGES,
        answer=contract_tests,
    ),
)
