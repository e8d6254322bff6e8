"""The rules that both engines follow, case by case; the engines play the same cases in tests/flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml

from plumbline.model.job import FINISHED, FailureReason, JobResult, State
from plumbline.model.pipeline import AllowFailure, Job, Retry, Trigger
from plumbline.model.problem import Mark
from plumbline.model.server import MAX_INTERRUPTIONS, ProcessMode
from plumbline.pipeline import Attempt, ending_of, may_take, mirrored, waits_for_downstream

CASES = Path(__file__).parent.parent / "cases/pipeline/scheduling"
BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
GONE = JobResult(state=State.FAILED, reason=FailureReason.RUNNER_SYSTEM)


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["case"]) for case in yaml.safe_load((CASES / name).read_text())]


def job(**values: Any) -> Job:
    return Job(name="a", group="a", stage="test", where=Mark("ci.yml", 1), script=("x",), **values)


def written(text: dict[str, Any]) -> Job:
    """The job of a case; how its keywords are read is tested elsewhere."""
    allow, retry = text.get("allow_failure", False), text.get("retry", 0)
    if isinstance(allow, dict):
        codes = allow["exit_codes"]
        allow = AllowFailure(exit_codes=tuple(codes if isinstance(codes, list) else [codes]))
    else:
        allow = AllowFailure(allow)
    if isinstance(retry, dict):
        codes = tuple(retry.get("exit_codes", ()))
        retry = Retry(max=retry["max"], when=tuple(retry.get("when", () if codes else ("always",))), exit_codes=codes)
    else:
        retry = Retry(max=retry)
    return job(allow_failure=allow, retry=retry)


@pytest.mark.parametrize("case", cases("endings.yml"))
def test_ending(case: dict[str, Any]) -> None:
    planned = written(case["a"])
    assert len(case["ends"]) == len(case["attempts"])
    for number, (end, state) in enumerate(zip(case["ends"], case["attempts"], strict=True), 1):
        attempt = Attempt(number, canceling=case.get("canceled", False))
        ending = ending_of(planned, attempt, msgspec.convert(end, JobResult))
        assert ending.result.state == state
        assert ending.warning is (number in case.get("warnings", ()))
        assert ending.again is (number < len(case["ends"]))


def test_an_attempt_that_ended_with_its_process_is_followed_by_another_so_often() -> None:
    for number in range(MAX_INTERRUPTIONS):
        assert ending_of(job(), Attempt(number + 1, False, number, True), GONE).again
    last = Attempt(MAX_INTERRUPTIONS + 1, False, MAX_INTERRUPTIONS, True)
    assert not ending_of(job(), last, GONE).again
    assert not ending_of(job(), Attempt(1, True, 0, True), GONE).again  # it was to be stopped anyway


def test_interruptions_are_not_counted_as_retries() -> None:
    planned = job(retry=Retry(max=1))
    assert ending_of(planned, Attempt(2, interruptions=1), BAD).again
    assert not ending_of(planned, Attempt(3, interruptions=1), BAD).again


@pytest.mark.parametrize("case", cases("downstream.yml"))
def test_downstream(case: dict[str, Any]) -> None:
    planned = job(trigger=Trigger(strategy=case.get("strategy", "")))
    assert waits_for_downstream(planned) is ("strategy" in case)
    if "strategy" in case:
        result = mirrored(State.RUNNING, State(case["downstream"]))
        assert result is not None
        assert result.state == case["trigger"]


def test_only_a_trigger_job_that_waits_ends_with_a_pipeline_that_ended() -> None:
    assert not waits_for_downstream(job())
    for trigger in State:
        for downstream in State:
            waits = trigger in (State.RUNNING, State.CANCELING) and downstream in FINISHED
            assert (mirrored(trigger, downstream) is not None) is waits


class Waiting(NamedTuple):
    id: int
    pipeline: int
    state: State


_STATES = {"coming": State.CREATED, "ready": State.WAITING_FOR_RESOURCE, "manual": State.MANUAL}


@pytest.mark.parametrize("case", cases("resource_groups.yml"))
def test_resource_group(case: dict[str, Any]) -> None:
    mode, told = ProcessMode(case["mode"]), case["pipelines"]
    group = [Waiting(10 + n, n, _STATES[state]) for n, state in enumerate(told, 1) if state != "over"]
    ready = [one for one in group if one.state is State.WAITING_FOR_RESOURCE]
    takers = [one.pipeline for one in ready if may_take(mode, 0, one, lambda: group)]
    assert takers == [case["next"]] * bool(case["next"])
    assert not any(may_take(mode, 99, one, lambda: group) for one in ready)


@pytest.mark.parametrize("mode", ProcessMode)
def test_who_has_the_resource_group_may_take_it_again(mode: ProcessMode) -> None:
    one = Waiting(7, 1, State.PENDING)
    assert may_take(mode, 7, one, lambda: [one])


def test_of_one_pipeline_any_ready_job_may_take_the_group() -> None:
    group = [Waiting(1, 1, State.CREATED), Waiting(2, 1, State.PENDING), Waiting(3, 2, State.PENDING)]
    assert may_take(ProcessMode.OLDEST_FIRST, 0, group[1], lambda: group)
    assert not may_take(ProcessMode.OLDEST_FIRST, 0, group[2], lambda: group)
