"""Reports that nobody asked for, as the page of a job proposes them."""

from __future__ import annotations

from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.report import FoundReport, Rule
from plumbline.web.proposed_reports import proposed

FOUND = (
    FoundReport(path="out/junit.xml", rule=Rule.PATH, format="junit", kind="junit"),
    FoundReport(path="calls.jsonl", rule=Rule.PATH, format="plumbline_calls"),
)


def said(*kept: KeptFile) -> str:
    return "\n".join(str(line) for line in proposed(JobResult(state=State.SUCCESS, found=FOUND, kept=kept)))


def test_the_lines_to_add_are_shown() -> None:
    assert "junit: [out/junit.xml]" in said()
    assert "calls.jsonl (plumbline_calls)" in said()


def test_what_was_taken_all_the_same_is_left_out() -> None:
    taken = KeptFile(kind="junit", name="reports/junit/out/junit.xml", files=1, size=1)
    assert "out/junit.xml" not in said(taken)
    assert "calls.jsonl" in said(taken)


def test_a_job_that_left_nothing_says_nothing() -> None:
    assert proposed(None) == ()
    assert proposed(JobResult(state=State.SUCCESS)) == ()
