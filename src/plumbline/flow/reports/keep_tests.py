"""Keep a run of tests, and see which cases came to both results on one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.reports.merged_runs import had_both
from plumbline.model.report import CaseOutcome
from plumbline.model.reported import CaseResult, FlakyCase, TestRunKept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.flow.reports.merged_runs import Merged
    from plumbline.flow.reports.subject import Subject
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.report import TestCase
    from plumbline.model.reported import StoredReport

MOST_WORDS = 4 << 20  # characters of messages and details that are kept of one run; failed ones first
MOST_REASONS = 500  # skipped cases whose reason is kept
SHORT = 300  # characters of a message, when there is no more room for all of them
_BAD = frozenset({CaseOutcome.FAILED, CaseOutcome.ERROR})


class KeptTests(NamedTuple):
    """``cases``: the number of each case, in the order of the run. ``before``: the run before it of the same series."""

    run: TestRunKept
    merged: Merged
    cases: Sequence[int]
    flaky: Sequence[FlakyCase]
    before: TestRunKept | None


def keep_tests(tx: Transaction, subject: Subject, report: StoredReport, merged: Merged) -> KeptTests:
    """All of it in one transaction; the cases of a set that is there are not looked up again."""
    number = tx.tests.test_set(report.project, merged.digest)
    if not number:
        number = tx.tests.add_set(report.project, merged.digest, merged.names(), merged.layers)
    cases = tx.tests.sets([number])[number].cases
    run = TestRunKept(
        report=report.id,
        project=report.project,
        pipeline=report.pipeline,
        job=report.job,
        series=report.series,
        commit=report.commit,
        ref=report.ref,
        trunk=report.trunk,
        total=len(cases),
        passed=merged.count(CaseOutcome.PASSED),
        failed=merged.count(CaseOutcome.FAILED),
        errors=merged.count(CaseOutcome.ERROR),
        skipped=merged.count(CaseOutcome.SKIPPED),
        retried=len(merged.retries),
        milliseconds=merged.milliseconds,
        created=report.created,
        cases=number,
        outcomes=merged.outcomes,
        times=merged.times,
    )
    before = next(iter(tx.tests.runs_before(report.project, report.series, 1, before=report.id, ref=report.ref)), None)
    tx.tests.add_run(run, list(_words(report.id, cases, merged)))
    flaky = tx.tests.add_flaky(list(_flaky(tx, subject, run, cases, merged))) if report.commit else ()
    return KeptTests(run, merged, cases, flaky, before)


def outcomes_by_case(tx: Transaction, run: TestRunKept) -> Mapping[int, str]:
    """The letter of each case of a run."""
    return dict(zip(tx.tests.sets([run.cases])[run.cases].cases, run.outcomes.decode(), strict=True))


def _words(report: int, cases: Sequence[int], merged: Merged) -> Iterator[CaseResult]:
    """What is more than passed; words as far as there is room."""
    left, reasons = MOST_WORDS, MOST_REASONS
    for at, one in enumerate(merged.cases):
        again = merged.retries.get(at, "")
        if one.outcome in _BAD or again:
            message, details = _fitting(one, left)
            left -= len(message) + len(details)
        elif one.outcome is CaseOutcome.SKIPPED and one.message and reasons:
            message, details, reasons = one.message[:SHORT], "", reasons - 1
        else:
            continue
        yield CaseResult(
            report=report, case=cases[at], outcome=one.outcome, retries=again, message=message, details=details
        )


def _fitting(case: TestCase, left: int) -> tuple[str, str]:
    if len(case.message) + len(case.details) <= left:
        return case.message, case.details
    return case.message[:SHORT], ""


def _flaky(
    tx: Transaction, subject: Subject, run: TestRunKept, cases: Sequence[int], merged: Merged
) -> Iterator[FlakyCase]:
    """Cases with both results on this revision: in this run, or in it and another of the same series. One that fails
    in another job may well fail for what that job is."""

    def found(case: int) -> FlakyCase:
        return FlakyCase(project=run.project, case=case, commit=run.commit, series=subject.series, created=run.created)

    both = {cases[at] for at, again in merged.retries.items() if had_both(again + chr(merged.outcomes[at]))}
    others = [one for one in tx.tests.runs_on(run.project, run.commit) if one.series == run.series]
    for other in others:
        if other.report == run.report or not (other.bad or run.bad):
            continue
        there = outcomes_by_case(tx, other)
        both.update(
            case
            for case, letter in zip(cases, merged.outcomes.decode(), strict=True)
            if had_both(letter + there.get(case, ""))
        )
    return map(found, sorted(both))
