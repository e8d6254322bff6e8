"""The chain of jobs that decided how long a pipeline took."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from plumbline.model.job import State
from plumbline.model.run import JobRecord
from plumbline.pipeline.scheduling.critical_path import critical_path, spent

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


def test_waiting_for_a_person_is_told_apart_on_the_path():
    """Ready at 2, played at 500, begun at 503."""
    jobs = [job("a", "build", 0, 2), job("b", "test", 503, 504, queued=600, pressed=True)]
    assert [(link.job.name, link.waited, link.people) for link in critical_path(jobs, STAGES)] == [
        ("a", 0, 0), ("b", 501, 498)]  # fmt: skip


def test_time_is_work_queue_and_people_and_each_second_counts_once():
    """Two jobs at once, one played 8 minutes after it might have been, and one tried again the next minute."""
    jobs = [
        job("a", "build", 1, 31, queued=100),
        job("b", "build", 1, 41, queued=100),
        job("c", "test", 525, 530, queued=621, pressed=True),
        job("c", "test", 600, 605, queued=690, attempt=2, pressed=True),
    ]
    assert spent(jobs, STAGES, 100, 999) == (50, 1 + 4 + 10, 480 + 60)


def test_who_plays_while_others_run_held_nothing_up():
    jobs = [job("a", "build", 0, 10), job("b", "test", 0, 60, needs=()),
            job("c", "test", 50, 55, queued=150, pressed=True)]  # fmt: skip
    assert spent(jobs, STAGES, 100, 999) == (60, 0, 0)


def test_a_job_that_waits_to_be_played_waits_until_now_unless_nothing_waits_for_it():
    waiting = JobRecord(id=0, name="c", stage="test", state=State.MANUAL)
    optional = JobRecord(id=0, name="d", stage="test", state=State.MANUAL, allow_failure=True)
    ended = job("a", "build", 0, 10)
    assert spent([ended, waiting], STAGES, 100, 170) == (10, 0, 60)
    assert spent([ended, optional], STAGES, 100, 170) == (10, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=6))
def test_no_second_counts_twice(given_jobs):
    """Work, queue and waiting for people together are never longer than it took from first to last."""
    jobs = [
        job(str(place), STAGES[place % 3], queue + wait, queue + wait + length, queued=100 + queue, pressed=pressed)
        for place, (queue, wait, length, pressed) in enumerate(given_jobs)
    ]
    found = spent(jobs, STAGES, 100, 999)
    assert sum(found) <= max((one.finished for one in jobs), default=100) - 100 + 1e-6
    assert min(found) >= 0
