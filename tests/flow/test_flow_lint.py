"""Lint: which events count, what goes on behind a file that is not there, and what a local run leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from flow_simulators import job, plan, tools
from tests.pipeline.test_pipeline_plan import plan as planned

from plumbline.flow.jobs.control import Control
from plumbline.flow.jobs.selection import Selection, select
from plumbline.flow.runs.lint import LintReport, check
from plumbline.flow.runs.run_pipeline import run_pipeline
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import When
from plumbline.model.pipeline import Image, Need, Service

ONE_EVENT = """
a: {script: make, rules: [{if: $CI_PIPELINE_SOURCE == "push"}]}
b: {script: make, needs: [a], rules: [{when: always}]}
"""


def lint(yaml: str, *events: str, asked: tuple[str, ...] = ("push",), **case: Any) -> LintReport:
    return check({event: planned({"yaml": yaml, "event": event, **case}) for event in events}, asked)


def codes(report: LintReport) -> dict[str, str]:
    return {problem.code: problem.severity.value for problem in report.problems}


def test_what_is_wrong_under_an_event_nobody_asked_for_is_a_warning() -> None:
    report = lint(ONE_EVENT, "push", "merge_request_event")
    assert codes(report) == {"need-not-in-pipeline": "warning"}
    assert not report.failed
    assert "merge_request_event" in str(report.problems[0].message)


def test_it_is_an_error_where_the_event_is_asked_for() -> None:
    assert lint(ONE_EVENT, "push", "merge_request_event", asked=("push", "merge_request_event")).failed
    assert lint(ONE_EVENT, "merge_request_event", asked=("merge_request_event",)).failed


def test_what_is_wrong_under_every_event_is_an_error() -> None:
    assert lint("j: {script: make, retry: 9}", "push", "merge_request_event").failed


def test_lint_goes_on_behind_a_file_that_is_not_there() -> None:
    yaml = "include: [{project: g/p, file: a.yml}]\nj: {script: make, retry: 9}\nk: {extends: .far}\n"
    report = lint(yaml, "push")
    assert codes(report) == {"project-not-mapped": "error", "out-of-range": "error", "incomplete": "note"}
    incomplete = next(problem for problem in report.problems if problem.code == "incomplete")
    assert str(incomplete.message).startswith("incomplete: 1 included file was not read")


@pytest.mark.parametrize(
    ("yaml", "keyword"),
    [
        ("j: {script: make, needs: [{project: g/p, ref: main, job: a}]}", "j:needs:project"),
        ("j: {needs: [{pipeline: g/p}]}", "j:needs:pipeline"),
        ("j: {script: make, pages: true}", "j:pages"),
        ("j: {script: make, identity: google_cloud}", "j:identity"),
        ("j: {script: make, environment: {name: a, auto_stop_in: 1 day}}", "j:environment:auto_stop_in"),
        ("j: {script: make, environment: {name: a, action: stop}}", "j:environment:action"),
        ("j: {script: make, environment: {name: a, kubernetes: {agent: 'g/p:a'}}}", "j:environment:kubernetes"),
        ("j: {script: make, artifacts: {reports: {lsif: a.json, dotenv: b}}}", "j:artifacts:reports:lsif"),
        ("j: {script: make, artifacts: {paths: [a], expose_as: a}}", "j:artifacts:expose_as"),
        ("j: {script: make, services: [{name: a, kubernetes: {user: '1'}}, b]}", "j:services:kubernetes"),
        ("j: {script: make, image: {name: a, kubernetes: {user: '1'}}}", "j:image:kubernetes"),
        ("j: {script: make, hooks: {pre_get_sources_script: [make]}}", "j:hooks:pre_get_sources_script"),
        ("j: {script: make, inputs: {a: {default: b}}, after_script: ['${{ job.inputs.c }}']}", "j:inputs"),
    ],
)
def test_what_cannot_be_honoured_here_has_a_note(yaml: str, keyword: str) -> None:
    report = lint(yaml, "push")
    assert [(one.code, one.keyword) for one in report.problems] == [("not-in-a-local-run", keyword)]


def refuse() -> None:
    raise PlumblineError("no-container-engine", t("No engine answers."), kind=ErrorKind.ENVIRONMENT)


@pytest.mark.parametrize("wants", [{"image": Image(name="a")}, {"services": (Service(name="postgres:15"),)}])
def test_a_job_with_services_alone_wants_a_container_too(wants: dict[str, Any]) -> None:
    given = tools(None, require_containers=refuse)
    with pytest.raises(PlumblineError) as refused:
        run_pipeline(given, plan(job("plain"), job("boxed", **wants)), Selection(), print, Control())
    assert "Jobs with an image or services: boxed" in str(refused.value.message)


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [("deplyo", "unknown-job", "deploy"), ("build", "job-not-manual", "Leave")],
)
def test_a_manual_job_that_is_not_there(name: str, code: str, hint: str) -> None:
    made = plan(job("build", "build"), job("deploy", when=When.MANUAL), job("x", needs=(Need(job="build"),)))
    with pytest.raises(PlumblineError) as refused:
        select(made, Selection(manual=(name,)))
    assert refused.value.code == code
    assert hint in str(refused.value.hint)
    assert select(made, Selection(manual=("deploy", "*"))).jobs == made.jobs


def test_plans_that_share_what_was_read_are_as_those_that_do_not() -> None:
    from tests.pipeline.test_pipeline_plan import Memory, change_of

    from plumbline.pipeline.plan import PlanRequest, make_plan

    files = {
        ".gitlab-ci.yml": "include: [a.yml]\nj: {extends: .b, script: [!reference [.b, script], [x]], retry: 9}\n",
        "a.yml": "spec: {inputs: {n: {default: 1}}}\n---\n.b: {script: [one], parallel: $[[ inputs.n ]]}\n",
    }
    parsed: dict[tuple[str, bytes], Any] = {}
    for event in ("push", "merge_request_event", "tag"):
        case = {"event": event}
        shared = make_plan(PlanRequest(change=change_of(case), parsed=parsed), Memory(case, files))
        alone = make_plan(PlanRequest(change=change_of(case)), Memory(case, files))
        assert shared == alone
    assert len(parsed) == 2
