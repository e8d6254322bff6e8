"""The scheduling rules, case by case; the cases are in tests/cases/pipeline/progress."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from plumbline.kernel import PlumblineError
from plumbline.model.job import State, When
from plumbline.pipeline.scheduling.progress import Progress
from plumbline.pipeline.scheduling.steps import Step, Transition
from plumbline.pipeline.scheduling.summary import IGNORED, WARNING, kinds, summarize

CASES = Path(__file__).parent.parent / "cases/pipeline/progress"


def load(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((CASES / name).read_text())


def steps(jobs: dict[str, dict[str, Any]]) -> list[Step]:
    return [
        Step(
            name=name,
            stage=job["stage"],
            needs=tuple(job["needs"]) if "needs" in job else None,
            when=When(job.get("when", "on_success")),
            allow_failure=job.get("allow_failure", False),
        )
        for name, job in jobs.items()
    ]


def happen(progress: Progress, event: dict[str, Any]) -> list[Transition]:
    if "start" in event:
        return progress.start()
    if "record" in event:
        name, state = event["record"]
        return progress.record(name, State(state), allowed=event.get("allowed"))
    if "cancel" in event:
        return progress.cancel()
    for verb in ("play", "retry", "enqueue_scheduled", "unschedule"):
        if verb in event:
            return getattr(progress, verb)(event[verb])
    return []


def check(progress: Progress, event: dict[str, Any]) -> None:
    for name, state in event.get("then", {}).items():
        assert (name, progress.state(name)) == (name, state)
    for stage, state in event.get("stages", {}).items():
        assert (stage, progress.stage_state(stage)) == (stage, state)
    for name, jobs in event.get("waits", {}).items():
        assert progress.waits_for(name) == tuple(jobs)
    for name, sentence in event.get("why", {}).items():
        assert str(progress.why(name)) == sentence
    if "pipeline" in event:
        assert progress.state_of_pipeline == event["pipeline"]
    if "finished" in event:
        assert progress.finished is event["finished"]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in load("stages.yml") + load("needs.yml")])
def test_case(case: dict[str, Any]) -> None:
    assert any(set(event) - {"start", "record", "allowed"} for event in case["events"]), "the case expects nothing"
    stored = {name: State(state) for name, state in case.get("states", {}).items()}
    progress = Progress(
        steps(case["jobs"]),
        stored,
        allowed=case.get("allowed", ()),
        cancel_on_failure=case.get("cancel_on_failure", False),
    )
    seen = progress.states()
    for event in case["events"]:
        for transition in happen(progress, event):
            assert seen[transition.name] is transition.before
            assert transition.before is not transition.after
            seen[transition.name] = transition.after
        assert seen == progress.states(), event
        check(progress, event)


@pytest.mark.parametrize("case", load("summary.yml"), ids=str)
def test_summary(case: dict[str, Any]) -> None:
    extra = {"warning": WARNING, "ignored": IGNORED}
    mask = 0
    for name in case["set"]:
        mask |= extra[name] if name in extra else kinds(False)[State(name)]
    assert summarize(mask, needs=case.get("needs", False)) == case["state"]


def test_every_line_of_the_summary_has_a_case() -> None:
    assert {case["line"] for case in load("summary.yml")} == set(range(12))


@pytest.mark.parametrize(
    ("before", "verb", "argument"),
    [
        ("success", "record", "pending"),
        ("failed", "record", "running"),
        ("manual", "record", "pending"),
        ("created", "record", "running"),
        ("created", "record", "pending"),
        ("running", "record", "pending"),
        ("running", "record", "created"),
        ("running", "play", None),
        ("created", "play", None),
        ("running", "retry", None),
        ("skipped", "retry", None),
        ("manual", "enqueue_scheduled", None),
        ("pending", "unschedule", None),
    ],
)
def test_what_may_not_be_is_refused_and_changes_nothing(before: str, verb: str, argument: str | None) -> None:
    progress = Progress([Step(name="a", stage=0)], {"a": State(before)})
    with pytest.raises(PlumblineError) as refusal:
        getattr(progress, verb)("a", *([State(argument)] if argument else []))
    assert refusal.value.code == "illegal-transition"
    assert before in str(refusal.value)
    assert progress.states() == {"a": before}


@pytest.mark.parametrize(
    "wrong",
    [
        [Step(name="a", stage=0), Step(name="a", stage=1)],
        [Step(name="a", stage=0, needs=("b",))],
        [Step(name="a", stage=0, needs=("b",)), Step(name="b", stage=1)],
    ],
)
def test_steps_that_are_no_pipeline_are_refused(wrong: list[Step]) -> None:
    with pytest.raises(ValueError, match="'a'"):
        Progress(wrong)


def test_many_names_are_cut_short() -> None:
    progress = Progress([*(Step(name=f"j{n}", stage=0) for n in range(9)), Step(name="last", stage=1)])
    progress.start()
    assert str(progress.why("last")) == "waits for earlier stages: j0, j1, j2, j3, j4 and 4 more"


def test_every_state_has_a_reason() -> None:
    for state in State:
        progress = Progress([Step(name="a", stage=0)], {"a": state})
        assert str(progress.why("a"))


def run_all(count: int, stages: int) -> float:
    progress = Progress([Step(name=f"j{n}", stage=n * stages // count) for n in range(count)])
    begun = time.thread_time()
    ready = [move.name for move in progress.start() if move.after is State.PENDING]
    while ready:
        name = ready.pop()
        for state in (State.RUNNING, State.SUCCESS):
            ready += [move.name for move in progress.record(name, state) if move.after is State.PENDING]
    assert progress.finished
    assert progress.state_of_pipeline is State.SUCCESS
    return time.thread_time() - begun


@pytest.mark.slow
@pytest.mark.parametrize("stages", [1, 5, 1000])
def test_the_cost_grows_with_the_edges_touched(stages: int) -> None:
    small = min(run_all(1000, stages) for _ in range(3))
    large = min(run_all(8000, min(stages * 8, 8000) if stages > 5 else stages) for _ in range(3))
    # a cost that grows with the square would be 64 times as much
    assert large < 8 * small * 5, f"{small:.4f} s for 1,000 jobs, {large:.4f} s for 8,000"
