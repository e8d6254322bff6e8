"""A run: jobs start the moment they may, end once, and say why."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from flow_simulators import Locks, Runs, Script, job, plan, play, states, tools

from plumbline.flow.jobs.control import Control
from plumbline.flow.jobs.selection import Selection
from plumbline.kernel import PlumblineError, language, t
from plumbline.kernel.text import in_language
from plumbline.model.job import FailureReason, JobOrder, JobResult, State, When
from plumbline.model.pipeline import AllowFailure, Image, Need, Retry, Variable, VariableSource
from plumbline.model.ports.jobs import Cancellation, JobLog
from plumbline.model.run import RunEventKind

pytestmark = pytest.mark.slow


def test_stages_follow_each_other() -> None:
    executor = Script()
    record = play(plan(job("build", "build"), job("one"), job("two"), job("deploy", "deploy")), executor)
    assert record.state is State.SUCCESS
    assert (executor.orders[0].name, executor.orders[-1].name) == ("build", "deploy")
    assert executor.spans["deploy"][0] >= max(executor.spans["one"][1], executor.spans["two"][1])


def test_a_job_with_needs_does_not_wait_for_the_stage() -> None:
    executor = Script(fast=0.01, slow=0.3)
    after = job("after", "deploy", needs=(Need(job="fast"),))
    record = play(plan(job("fast"), job("slow"), after), executor)
    assert record.state is State.SUCCESS
    assert executor.spans["after"][0] < executor.spans["slow"][1] - 0.1


def test_never_more_jobs_at_once_than_asked() -> None:
    executor = Script(**{f"j{n}": 0.02 for n in range(8)})
    play(plan(*(job(f"j{n}") for n in range(8))), executor, jobs=3)
    assert executor.most_at_once == 3


def test_a_failure_skips_what_follows() -> None:
    record = play(plan(job("a"), job("b", "deploy"), job("c", "deploy", when=When.ALWAYS)), Script(a=7))
    assert states(record) == {"a": "failed", "b": "skipped", "c": "success"}
    assert record.state is State.FAILED
    assert record.jobs[0].exit_code == 7


def test_an_allowed_failure_is_a_warning() -> None:
    allowed = job("a", allow_failure=AllowFailure(True))
    record = play(plan(allowed, job("b", "deploy")), Script(a=1))
    assert states(record) == {"a": "failed", "b": "success"}
    assert record.state is State.SUCCESS
    assert record.jobs[0].allow_failure


@pytest.mark.parametrize(("code", "after"), [(3, "success"), (4, "skipped")])
def test_a_failure_is_allowed_for_some_exit_codes(code: int, after: str) -> None:
    some = job("a", allow_failure=AllowFailure(True, (3,)))
    assert states(play(plan(some, job("b", "deploy")), Script(a=code)))["b"] == after


def test_a_retry_is_a_new_attempt_and_does_not_disturb_the_rest() -> None:
    executor = Script(a=[1, 1, 0])
    record = play(plan(job("a", retry=Retry(max=2)), job("b", "deploy")), executor)
    assert [(r.name, r.attempt, r.state.value) for r in record.jobs] == [
        ("a", 1, "failed"),
        ("b", 1, "success"),
        ("a", 2, "failed"),
        ("a", 3, "success"),
    ]
    assert record.state is State.SUCCESS
    assert len({r.id for r in record.jobs}) == 4


def test_retries_end() -> None:
    record = play(plan(job("a", retry=Retry(max=1)), job("b", "deploy")), Script(a=[1, 2, 0]))
    assert record.state is State.FAILED
    assert states(record)["b"] == "skipped"


def test_retry_only_after_what_it_names() -> None:
    script_only = job("a", retry=Retry(max=2, when=(FailureReason.TIMEOUT.value,)))
    assert len(play(plan(script_only), Script(a=[1, 0])).jobs) == 1
    by_code = job("a", retry=Retry(max=2, when=(), exit_codes=(9,)))
    assert len(play(plan(by_code), Script(a=[9, 1, 0])).jobs) == 2


def test_manual_jobs_wait_for_a_person() -> None:
    manual = job("ship", when=When.MANUAL)
    needing = job("after", needs=(Need(job="ship"),))
    record = play(plan(manual, needing), Script())
    assert states(record)["ship"] == "manual"
    assert record.state is State.MANUAL
    played = play(plan(manual, needing), Script(), selection=Selection(manual=("ship",)))
    assert states(played) == {"ship": "success", "after": "success"}


def test_manual_jobs_are_asked_about_when_nothing_else_happens() -> None:
    asked: list[list[str]] = []

    def ask(jobs: object) -> list[str]:
        asked.append([job.name for job in jobs])  # type: ignore[attr-defined]
        return ["ship"] if len(asked) == 1 else []

    record = play(
        plan(job("slow"), job("ship", when=When.MANUAL), job("other", when=When.MANUAL)),
        Script(slow=0.05),
        control=Control(ask),
    )
    assert asked == [["ship", "other"], ["other"]]
    assert states(record) == {"slow": "success", "ship": "success", "other": "manual"}


def test_delayed_jobs_start_when_their_time_comes() -> None:
    late = job("late", when=When.DELAYED, start_in=0.2)
    began = time.monotonic()
    assert states(play(plan(late), Script())) == {"late": "success"}
    assert time.monotonic() - began >= 0.2
    began = time.monotonic()
    play(plan(job("late", when=When.DELAYED, start_in=60.0)), Script(), selection=Selection(skip_delays=True))
    assert time.monotonic() - began < 5


def test_a_resource_group_lets_one_job_in() -> None:
    executor = Script(a=0.05, b=0.05, c=0.05)
    jobs = [job(name, resource_group="production") for name in "abc"]
    record = play(plan(*jobs), executor)
    assert record.state is State.SUCCESS
    spans = sorted(executor.spans.values())
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


def test_a_resource_group_of_another_run_is_waited_for() -> None:
    locks = Locks()
    release = locks.acquire("production")
    assert release
    threading.Timer(0.3, release).start()
    began = time.monotonic()
    record = play(plan(job("a", resource_group="production")), Script(), locks=locks)
    assert record.state is State.SUCCESS
    assert time.monotonic() - began >= 0.25


def test_cancel_ends_running_jobs_and_starts_no_other() -> None:
    control = Control()
    threading.Timer(0.05, control.cancel).start()
    record = play(plan(job("a"), job("b", "deploy")), Script(a=5.0), control=control)
    assert states(record) == {"a": "canceled", "b": "canceled"}
    assert record.state is State.CANCELED


def test_a_job_that_succeeds_while_it_is_canceled_is_canceled() -> None:
    control = Control()

    class JustInTime:
        def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult:
            control.cancel()
            while not cancel.level:
                time.sleep(0.001)
            return JobResult(state=State.SUCCESS, exit_code=0)

    record = play(plan(job("a"), job("b", "deploy")), JustInTime(), control=control)
    assert states(record) == {"a": "canceled", "b": "canceled"}
    assert record.state is State.CANCELED


def test_cancel_during_a_second_attempt() -> None:
    control = Control()
    executor = Script(a=[1, 1], b=0.2)
    threading.Timer(0.05, control.cancel).start()
    record = play(plan(job("b"), job("a", retry=Retry(max=2))), executor, control=control, jobs=1)
    assert record.state in (State.CANCELED, State.FAILED)
    assert all(r.state in ("canceled", "failed") for r in record.jobs)


def test_on_job_failure_all_cancels_the_rest() -> None:
    executor = Script(a=1, slow=5.0)
    record = play(plan(job("a"), job("slow"), job("c", "deploy"), on_job_failure="all"), executor)
    assert states(record) == {"a": "failed", "slow": "canceled", "c": "canceled"}
    assert record.state is State.FAILED


def test_an_executor_that_refuses_fails_its_job_alone() -> None:
    refusing = PlumblineError("disk-full", t("no space left"))
    record = play(plan(job("a"), job("b")), Script(a=refusing))
    assert states(record) == {"a": "failed", "b": "success"}
    assert record.jobs[0].reason is FailureReason.RUNNER_SYSTEM
    assert record.jobs[0].message == "no space left"


def test_dotenv_reaches_those_that_come_after() -> None:
    found = Variable("VERSION", "1.2", VariableSource.DOTENV)
    made = JobResult(state=State.SUCCESS, dotenv=(found,))
    executor = Script(build=made)
    needing = job("with", "deploy", needs=(Need(job="build"),))
    without = job("without", "deploy", needs=(Need(job="build", artifacts=False),))
    by_stage = job("stage", "deploy")
    empty = job("empty", "deploy", dependencies=())
    play(plan(job("build"), needing, without, by_stage, empty), executor)
    seen = {order.name: {v.name for v in order.variables} for order in executor.orders}
    assert {name for name, names in seen.items() if "VERSION" in names} == {"with", "stage"}


def test_selected_jobs_only() -> None:
    whole = plan(job("a", "build"), job("b"), job("c", "deploy", when=When.MANUAL))
    assert states(play(whole, Script(), selection=Selection(jobs=("c",)))) == {"c": "success"}
    assert list(states(play(whole, Script(), selection=Selection(jobs=("b",), with_needs=True)))) == ["a", "b"]
    assert list(states(play(whole, Script(), selection=Selection(stages=("build",))))) == ["a"]
    with pytest.raises(PlumblineError) as refused:
        play(whole, Script(), selection=Selection(jobs=("bb",)))
    assert refused.value.code == "unknown-job"


def test_events_tell_the_story_in_order() -> None:
    given = tools(Script(a=1))
    play(plan(job("a"), job("b", "deploy")), None, tools=given)
    runs = given.runs
    assert isinstance(runs, Runs)
    kinds = [(event.kind, event.job, event.state) for event in runs.events]
    assert kinds == [
        (RunEventKind.RUN_STARTED, "", None),
        (RunEventKind.TASK_STATE, "a", State.PENDING),
        (RunEventKind.TASK_STARTED, "a", State.RUNNING),
        (RunEventKind.TASK_FINISHED, "a", State.FAILED),
        (RunEventKind.TASK_STATE, "b", State.SKIPPED),
        (RunEventKind.RUN_FINISHED, "", State.FAILED),
    ]


def test_no_container_engine_is_said_before_anything_runs() -> None:
    def refuse() -> None:
        raise PlumblineError("no-container-engine", t("no engine"))

    executor = Script()
    given = tools(executor, require_containers=refuse)
    with pytest.raises(PlumblineError) as refused:
        play(plan(job("a", image=Image(name="alpine"))), executor, tools=given)
    assert refused.value.code == "no-container-engine"
    assert not executor.orders


def test_jobs_speak_the_language_of_the_run() -> None:
    heard: list[str] = []

    class Speaker(Script):
        def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult:
            heard.append(language())
            return super().run(order, log, cancel)

    with in_language("zh"):
        play(plan(job("a")), Speaker())
    assert heard == ["zh_CN"]
