"""What holds for every pipeline and every course of events."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from progress_oracle import Oracle, counted

from plumbline.model.job import FINISHED, State, When, may_become
from plumbline.pipeline.scheduling.progress import Progress
from plumbline.pipeline.scheduling.steps import Step, Transition

pytestmark = pytest.mark.slow

WHENS = [When.ON_SUCCESS, When.ON_SUCCESS, When.ON_FAILURE, When.ALWAYS, When.MANUAL, When.DELAYED]
STARTED = (State.PENDING, State.RUNNING, State.MANUAL, State.SCHEDULED)


@st.composite
def pipelines(draw: st.DrawFn) -> list[Step]:
    stages = sorted(draw(st.lists(st.integers(0, 4), min_size=1, max_size=12)))
    steps: list[Step] = []
    for number, stage in enumerate(stages):
        needs = None
        if draw(st.booleans()):
            needs = tuple(draw(st.lists(st.sampled_from([s.name for s in steps]), max_size=3))) if steps else ()
        steps.append(
            Step(
                name=f"j{number}",
                stage=stage,
                needs=needs,
                when=draw(st.sampled_from(WHENS)),
                allow_failure=draw(st.booleans()),
            )
        )
    return steps


class Course:
    """Plays a random, legal course of events on a Progress and, where given, on the oracle."""

    def __init__(self, steps: list[Step], seed: int, cancel_on_failure: bool) -> None:
        self.steps = steps
        self.random = random.Random(seed)
        self.progress = Progress(steps, cancel_on_failure=cancel_on_failure)
        self.oracle = Oracle(steps, {}, set(), cancel_on_failure)
        self.moves: list[Transition] = []

    def start(self) -> None:
        self.moves += self.progress.start()
        self.oracle.look()

    def choices(self, people: bool) -> list[tuple[str, str, State | None]]:
        found: list[tuple[str, str, State | None]] = []
        for name, state in self.progress.states().items():
            if state in FINISHED or state in (State.CREATED, State.MANUAL):
                continue
            if state is State.RUNNING and not people:
                after = [State.SUCCESS, State.FAILED]
            else:
                after = [s for s in State if may_become(state, s) and s not in (State.CREATED, State.SKIPPED)]
            found += [("record", name, s) for s in after if people or s not in (State.MANUAL,)]
        if people:
            states = self.progress.states().items()
            found += [("play", n, None) for n, s in states if s in (State.MANUAL, State.SCHEDULED)]
            found += [("retry", n, None) for n, s in states if s in FINISHED and s is not State.SKIPPED]
            found += [("cancel", "", None)] * (self.random.random() < 0.1)
        return found

    def step(self, people: bool) -> bool:
        choices = self.choices(people)
        if not choices:
            return False
        self.apply(*self.random.choice(choices))
        return True

    def apply(self, verb: str, name: str, state: State | None) -> None:
        allowed = self.random.random() < 0.3 and state is State.FAILED
        if verb == "record":
            assert state is not None
            moves = self.progress.record(name, state, allowed=allowed)
            self.oracle.record(name, state, allowed)
            assert moves[0].name == name
            assert moves[0].after is state
        elif verb == "cancel":
            moves = self.progress.cancel()
            self.oracle.cancel()
        else:
            moves = getattr(self.progress, verb)(name)
            self.oracle.restart(name)
        self.moves += moves

    def agree(self) -> None:
        assert self.progress.states() == self.oracle.states
        assert self.progress.state_of_pipeline == self.oracle.pipeline()
        for stage in range(6):
            assert self.progress.stage_state(stage) == self.oracle.stage(stage)


courses = given(pipelines(), st.integers(0, 2**32), st.booleans())


@courses
@settings(max_examples=250, deadline=None)
def test_by_increments_is_the_same_as_from_scratch(steps: list[Step], seed: int, cancel: bool) -> None:
    course = Course(steps, seed, cancel)
    course.start()
    course.agree()
    for _ in range(30):
        if not course.step(people=True):
            break
        course.agree()


@courses
@settings(max_examples=100, deadline=None)
def test_no_job_starts_before_what_it_waits_for(steps: list[Step], seed: int, cancel: bool) -> None:
    """By needs, a skipped need or one that waits for a person decides at once; else all that comes before is over."""
    course = Course(steps, seed, cancel)
    course.start()
    for _ in range(40):
        for move in course.moves:
            if move.before is State.CREATED and move.after in STARTED:
                step = course.oracle.steps[move.name]
                kinds = course.oracle.kinds(course.oracle.comes_before(step))
                if step.needs is not None and step.when is When.ALWAYS and kinds & {"skipped", "ignored"}:
                    continue
                assert kinds <= {"success", "failed", "skipped", "warning", "ignored", "canceled"}, move
        course.moves.clear()
        if not course.step(people=True):
            break


@courses
@settings(max_examples=100, deadline=None)
def test_every_run_ends(steps: list[Step], seed: int, cancel: bool) -> None:
    course = Course(steps, seed, cancel)
    course.start()
    for _ in range(6 * len(steps) + 1):
        if not course.step(people=False):
            break
    assert course.progress.finished
    for name, state in course.progress.states().items():
        if state is State.CREATED:
            assert course.progress.waits_for(name), "left without a reason"
            assert course.progress.state_of_pipeline is State.MANUAL
        else:
            assert state in FINISHED or state is State.MANUAL
    course.progress.cancel()
    assert set(course.progress.states().values()) <= FINISHED


@courses
@settings(max_examples=100, deadline=None)
def test_a_stored_run_goes_on_the_same_from_any_moment(steps: list[Step], seed: int, cancel: bool) -> None:
    course = Course(steps, seed, cancel)
    course.start()
    for _ in range(15):
        stored = Progress(steps, course.progress.states(), allowed=course.progress.allowed, cancel_on_failure=cancel)
        assert stored.start() == []
        assert stored.finished == course.progress.finished
        if course.random.random() < 0.5:
            course.progress = stored
        if not course.step(people=True):
            break
        course.agree()


@courses
@settings(max_examples=50, deadline=None)
def test_the_same_events_give_the_same_transitions(steps: list[Step], seed: int, cancel: bool) -> None:
    first, second = Course(steps, seed, cancel), Course(steps, seed, cancel)
    for course in (first, second):
        course.start()
        for _ in range(20):
            course.step(people=True)
    assert first.moves == second.moves


@courses
@settings(max_examples=100, deadline=None)
def test_waiting_jobs_name_what_holds_them(steps: list[Step], seed: int, cancel: bool) -> None:
    course = Course(steps, seed, cancel)
    course.start()
    for _ in range(20):
        for step in steps:
            waits = course.progress.waits_for(step.name)
            created = course.progress.state(step.name) is State.CREATED
            assert bool(waits) is created
            for name in waits:
                kind = counted(course.progress.state(name), course.oracle.may_fail(name))
                assert kind not in {"success", "failed", "canceled", "skipped", "warning", "ignored"}
            assert str(course.progress.why(step.name))
        if not course.step(people=True):
            break
