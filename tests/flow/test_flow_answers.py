"""What is said without running: lint over several events, why, rehearsals, and artifacts of earlier runs."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from flow_simulators import CHANGE, Files, Runs, Script, job, plan, planned, play, tools

from plumbline.flow.jobs.plan_pipeline import plan_pipeline
from plumbline.flow.jobs.selection import Selection
from plumbline.flow.runs.dry_run import rehearse
from plumbline.flow.runs.explain import explain
from plumbline.flow.runs.lint import check
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event
from plumbline.model.job import KeptFile, State, When
from plumbline.model.pipeline import Artifacts, Need

CONFIG = """
always: {script: x}
never: {script: x, rules: [{when: never}]}
tags: {script: x, rules: [{if: $CI_COMMIT_TAG}]}
dead: {script: x, rules: [{when: on_success}, {if: $X}]}
"""


def by_event(text: str, *events: str) -> dict[str, object]:
    plans = {}
    for event in events:
        change = msgspec.structs.replace(CHANGE, event=Event.PUSH)
        if event == "tag":
            change = msgspec.structs.replace(CHANGE, branch="", tag="v1")
        given = tools(Script(), repository=Files(**{".gitlab-ci.yml": text}))
        plans[event] = plan_pipeline(dataclasses.replace(given, change=change))
    return plans


def test_lint_names_jobs_that_no_event_starts_and_rules_that_are_never_reached() -> None:
    report = check(by_event(CONFIG, "push", "tag"))  # type: ignore[arg-type]
    assert not report.failed
    assert [(problem.code, problem.keyword) for problem in report.problems] == [
        ("unreachable-job", "never"),
        ("dead-rule", "dead:rules"),
    ]
    assert report.jobs == {"push": 2, "tag": 3}
    assert "tags" in [p.keyword for p in check(by_event(CONFIG, "push")).problems]  # type: ignore[arg-type]


def test_a_problem_of_one_event_says_which() -> None:
    text = "a: {script: x, rules: [{if: $CI_COMMIT_TAG}]}\nb: {script: x, needs: [a]}"
    report = check(by_event(text, "push", "tag"))  # type: ignore[arg-type]
    assert report.failed
    [problem] = report.problems
    assert problem.code == "need-not-in-pipeline"
    assert "event push" in str(problem.message)


def test_why_gives_the_rule_and_its_line() -> None:
    made = planned(tools(Script(), repository=Files(**{".gitlab-ci.yml": CONFIG})))
    left_out = explain(made, "tags")
    assert not left_out.decision.included
    assert left_out.decision.rules[0].values == (("CI_COMMIT_TAG", None),)
    assert left_out.decision.rules[0].where is not None
    assert left_out.decision.rules[0].where.line == 4
    with pytest.raises(PlumblineError) as refused:
        explain(made, "alwayz")
    assert "always" in str(refused.value.hint)


def test_why_gives_what_a_job_waits_for() -> None:
    made = plan(job("a"), job("b", "deploy"), job("c", "deploy", needs=(Need(job="a"),)))
    made = msgspec.structs.replace(made, decisions=tuple(explain_input(name) for name in "abc"))
    assert explain(made, "b").waits_for == {"b": ("a",)}
    assert explain(made, "c").by_needs


def explain_input(name: str):  # type: ignore[no-untyped-def]
    from plumbline.kernel import t
    from plumbline.model.pipeline import JobDecision

    return JobDecision(job=name, included=True, reason=t("it is"))


def test_a_rehearsal_goes_wave_by_wave() -> None:
    made = plan(
        job("a"),
        job("b"),
        job("c", "deploy", needs=(Need(job="a"),)),
        job("d", "deploy"),
        job("m", "deploy", when=When.MANUAL),
        job("f", "deploy", when=When.ON_FAILURE),
    )
    waves, never = rehearse(made, Selection())
    assert [[one.name for one in wave] for wave in waves] == [["a", "b"], ["c", "d"]]
    assert [one.name for one in never] == ["m", "f"]
    waves, never = rehearse(made, Selection(manual=("m",)))
    assert "m" in [one.name for wave in waves for one in wave]


def test_one_job_alone_is_lent_the_artifacts_of_an_earlier_run() -> None:
    kept = KeptFile(kind="archive", name="artifacts.zip", files=1, size=1)
    executor = Script()
    given = tools(executor)
    whole = plan(job("build", "build", artifacts=Artifacts()), job("lint", "build"), job("test"))
    first = play(whole, executor, tools=given)
    next(record for record in first.jobs if record.name == "build").kept = (kept,)
    executor.orders.clear()
    play(whole, executor, tools=given, selection=Selection(jobs=("test",)))
    [order] = executor.orders
    assert order.dependencies == (first.jobs[0].id,)
    runs = given.runs
    assert isinstance(runs, Runs)
    assert any("run 1" in str(event.message) for event in runs.events)


def test_what_failed_lends_nothing() -> None:
    executor = Script(build=1)
    given = tools(executor)
    whole = plan(job("build", "build"), job("test"))
    assert play(whole, executor, tools=given).state is State.FAILED
    executor.orders.clear()
    play(whole, executor, tools=given, selection=Selection(jobs=("test",)))
    assert executor.orders[0].dependencies == ()
