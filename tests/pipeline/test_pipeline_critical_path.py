"""The chain of jobs that decided how long a pipeline took."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from plumbline.model.job import State
from plumbline.model.run import JobRecord
from plumbline.pipeline.scheduling.critical_path import critical_path

STAGES = ("build", "test", "deploy")


def job(name: str, stage: str, start: float, end: float, **values: object) -> JobRecord:
    return JobRecord(
        id=0, name=name, stage=stage, started=100 + start, finished=100 + end, state=State.SUCCESS, **values
    )


def names(jobs: list[JobRecord]) -> list[str]:
    return [link.job.name for link in critical_path(jobs, STAGES)]


def test_by_stages_it_goes_through_the_slowest_job_of_each():
    jobs = [
        job("fast", "build", 0, 1),
        job("slow", "build", 0, 6),
        job("unit", "test", 6, 8),
        job("lint", "test", 6, 7),
    ]
    assert names(jobs) == ["slow", "unit"]


def test_needs_cut_through_stages():
    jobs = [
        job("fast", "build", 0, 1),
        job("slow", "build", 0, 6),
        job("after_fast", "test", 1, 7, needs=("fast",)),
    ]
    assert names(jobs) == ["fast", "after_fast"]


def test_a_job_that_needs_nothing_begins_the_path():
    assert names([job("a", "build", 0, 5), job("b", "test", 0, 9, needs=())]) == ["b"]


def test_waiting_for_a_free_slot_is_told():
    jobs = [job("a", "build", 0, 2), job("b", "test", 5, 6)]
    assert [(link.job.name, link.waited) for link in critical_path(jobs, STAGES)] == [("a", 0), ("b", 3)]


def test_each_attempt_stands_on_the_path():
    jobs = [job("a", "build", 0, 2), job("a", "build", 2, 4, attempt=2), job("b", "test", 4, 5)]
    assert names(jobs) == ["a", "a", "b"]


def test_jobs_that_never_ran_and_other_pipelines_are_not_on_it():
    skipped = JobRecord(id=0, name="skipped", stage="test", state=State.SKIPPED)
    assert names([job("a", "build", 0, 2), skipped, job("child", "test", 0, 99, pipeline=2)]) == ["a"]
    assert critical_path([skipped], STAGES) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(STAGES), st.floats(1, 100), st.floats(0, 100), st.booleans()), min_size=1, max_size=12
    )
)
def test_it_is_a_chain_in_time_that_ends_with_the_last_job(rows):
    jobs = [
        job(str(number), stage, start, start + length, needs=() if free else None)
        for number, (stage, start, length, free) in enumerate(rows)
    ]
    path = critical_path(jobs, STAGES)
    assert path[-1].job.finished == max(one.finished for one in jobs)
    assert all(a.job.finished <= b.job.started + 0.001 for a, b in itertools.pairwise(path))
