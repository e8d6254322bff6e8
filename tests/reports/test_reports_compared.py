"""Test results held against earlier ones."""

from __future__ import annotations

import pytest

from plumbline.model.report import CaseOutcome, TestCase
from plumbline.reports.tests_compared import (
    Compared,
    Tally,
    compare,
    failed_of_last,
    is_flaky,
    outcomes,
    results_of,
    slowest,
)

P, F, E, S = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.SKIPPED


def test_what_changed_against_the_base() -> None:
    base = {"ok": P, "breaks": P, "bad": F, "mends": E, "gives up": F, "gone": F, "left": P, "never": S, "rests": P}
    now = {"ok": P, "breaks": F, "bad": E, "mends": P, "gives up": S, "never": S, "fresh": F, "rests": S}
    assert compare(now, base) == Compared(
        has_base=True,
        failing=("breaks", "bad", "fresh"),
        new=("breaks", "fresh"),
        still=("bad",),
        fixed=("mends",),
        newly_skipped=("gives up", "rests"),
        added=("fresh",),
        gone=("gone",),
    )


def test_without_a_base_nothing_is_new() -> None:
    assert compare({"a": F, "b": P}, None) == Compared(has_base=False, failing=("a",))


FLAKY = {"both": ([F, P], True), "an error too": ([E, P], True), "passed": ([P, P], False), "failed": ([F, E], False),
         "a skip is no result": ([S, F], False), "nothing": ([], False)}  # fmt: skip


@pytest.mark.parametrize(("results", "expected"), FLAKY.values(), ids=FLAKY)
def test_flaky_is_both_results_on_one_revision(results: list[CaseOutcome], expected: bool) -> None:
    assert is_flaky(results) is expected


def test_retries_are_results() -> None:
    assert is_flaky(results_of(TestCase(name="a", outcome=P, retries=(F,))))


def test_failed_n_of_the_last_m_passes_over_skips() -> None:
    assert failed_of_last([F, S, P, E, P, F], most=4) == Tally(2, 4)
    assert failed_of_last([S, S]) == Tally(0, 0)


def test_the_slowest_have_a_duration() -> None:
    cases = [TestCase(name=n, outcome=P, seconds=s) for n, s in (("a", 1.0), ("b", None), ("c", 3.0), ("d", 1.0))]
    assert [case.name for case in slowest(cases, 3)] == ["c", "a", "d"]


def test_of_a_case_in_several_files_the_failure_counts() -> None:
    case = TestCase(name="a", outcome=P)
    assert outcomes([case, TestCase(name="a", outcome=F), TestCase(name="a", outcome=S)]) == {case.key: F}
