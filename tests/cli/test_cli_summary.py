"""What is said when a run is over."""

from __future__ import annotations

import pytest

from plumbline.cli.display.caches import cache_worth
from plumbline.cli.display.summary import summary
from plumbline.cli.display.words import Paint
from plumbline.model.job import CacheUse, FailureReason, State
from plumbline.model.run import JobRecord, RunRecord

PLAIN = Paint(False)


def run_of(*jobs: JobRecord, state: State = State.SUCCESS) -> RunRecord:
    for number, job in enumerate(jobs, 1):
        job.id = job.id or number
    return RunRecord(id=7, state=state, created=100, finished=112.5, stages=("build", "test"), jobs=list(jobs))


def job(name: str, state: State = State.SUCCESS, stage: str = "build", **values) -> JobRecord:
    return JobRecord(id=0, name=name, stage=stage, state=state, **values)


def lines(record: RunRecord, logs: dict[str, list[str]] | None = None, history=tuple) -> list[str]:
    return list(summary(record, lambda job: (logs or {}).get(job.name, []), PLAIN, history))


def test_the_failed_jobs_last_lines_come_first_and_the_verdict_last():
    record = run_of(
        job("compile", started=100, finished=104),
        job("unit", State.FAILED, "test", reason=FailureReason.SCRIPT, exit_code=3, started=104, finished=112.5),
        state=State.FAILED,
    )
    text = lines(record, {"unit": ["collecting", "1 failed"]})
    assert text[1] == "✗ unit: the script failed, exit status 3"
    assert text[2:4] == ["  │ collecting", "  │ 1 failed"]
    assert text[-2] == "✗ pipeline 7: failed in 12.5s (1 success, 1 failed)"
    assert text[-1] == "logs: plumb logs 7 unit"
    assert "critical path 12.5s: compile 4.0s → unit 8.5s" in text


def test_an_allowed_failure_is_a_warning_and_stands_before_real_ones():
    record = run_of(
        job("real", State.FAILED, exit_code=1), job("lint", State.FAILED, allow_failure=True), state=State.FAILED
    )
    text = lines(record)
    heads = [line for line in text if line.startswith(("✗ ", "! "))]
    assert heads[0].startswith("! lint")
    assert heads[1].startswith("✗ real")
    assert any("! failed (allowed)" in line for line in text)


def test_jobs_that_did_not_run_are_grouped_by_reason():
    skipped = [job(f"s{number}", State.SKIPPED) for number in range(9)]
    text = "\n".join(lines(run_of(*skipped, job("deploy", State.MANUAL))))
    assert "9 jobs did not run, skipped because of what came before: s0, s1, s2, s3, s4, s5, …" in text
    assert "1 job did not run, manual (play one with `--manual JOB`): deploy" in text


def test_a_large_pipeline_is_summed_up_by_stage():
    many = [job(f"j{number}", stage="test") for number in range(300)]
    text = lines(run_of(*many, job("bad", State.FAILED, stage="test")))
    assert len(text) < 20
    assert any(line.split() == ["test", "301", "300", "success,", "1", "failed"] for line in text)


def test_the_last_attempt_of_a_retried_job_counts():
    first = job("flaky", State.FAILED, exit_code=1)
    again = job("flaky", State.SUCCESS, attempt=2)
    text = "\n".join(lines(run_of(first, again)))
    assert "success (attempt 2)" in text
    assert "failed" not in text


def test_a_log_with_spaces_in_the_job_name_is_quoted():
    assert lines(run_of(job("unit 1/2", State.FAILED)))[-1] == "logs: plumb logs 7 'unit 1/2'"


def test_coverage_and_warnings_are_told():
    text = "\n".join(lines(run_of(job("unit", coverage=87.5, warnings=("report.xml: no matching files",)))))
    assert "coverage: unit 87.5%" in text
    assert "warning: unit: report.xml: no matching files" in text


def use(hit: str = "", seconds: float = 1.0, action: str = "restore") -> CacheUse:
    return CacheUse(key="deps", hit=hit, size=2048, seconds=seconds, action=action)


@pytest.mark.parametrize(
    ("cold", "warm", "cost", "loses"),
    [(10.0, 2.0, 1.0, False), (2.5, 2.0, 1.0, True), (1.0, 2.0, 0.5, True), (None, 2.0, 9.0, False)],
)
def test_a_cache_that_costs_more_than_it_saves_is_told(cold, warm, cost, loses):
    earlier = () if cold is None else (run_of(job("unit", caches=(use(),), timings={"script": cold})),)
    record = run_of(job("unit", caches=(use("deps", cost),), timings={"script": warm}))
    (worth,) = cache_worth(record, earlier)
    assert worth.loses is loses
    text = "\n".join(lines(record, history=lambda: earlier))
    assert ("costs more time than it saves" in text) is loses
    assert "cache of unit: hit, 2.0 KiB" in text


def test_history_is_not_read_when_no_cache_was_used():
    def history():
        raise AssertionError

    assert lines(run_of(job("unit")), history=history)
