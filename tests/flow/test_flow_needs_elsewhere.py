"""A job is handed what jobs of other pipelines and projects left, or fails before it starts; never without a word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from flow_simulators import Files, Script, planned, play, tools
from test_flow_reach import Bank, started

from plumbline.model.job import FailureReason, JobResult, KeptFile, State
from plumbline.model.person import Role
from plumbline.model.pipeline import Variable, VariableSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

DOTENV = (Variable("TOLD", "by gen", VariableSource.DOTENV),)
ARCHIVE = KeptFile(kind="archive", name="artifacts.zip", files=1, size=1)
LEFT = JobResult(state=State.SUCCESS, kept=(ARCHIVE,), dotenv=DOTENV)
PARENT = {
    "gen": {"stage": "build", "script": ["x"], "artifacts": {"paths": ["data.txt"]}},
    "tr": {
        "variables": {"PARENT_PIPELINE_ID": "$CI_PIPELINE_ID"},
        "trigger": {"include": "child.yml", "strategy": "depend"},
    },
}


def local(child: str, executor: Script) -> dict[str, object]:
    given = tools(executor, repository=Files(**{".gitlab-ci.yml": json.dumps(PARENT), "child.yml": child}))
    record = play(planned(given), executor, tools=given)
    return {job.name: job for job in record.jobs}


def test_the_files_and_variables_of_a_job_of_the_parent() -> None:
    executor = Script(gen=LEFT)
    jobs = local("use: {script: [x], needs: [{pipeline: $PARENT_PIPELINE_ID, job: gen}]}", executor)
    order = next(order for order in executor.orders if order.name == "use")
    assert order.dependencies == (jobs["gen"].id,)
    assert {variable.name: variable.value for variable in order.variables}["TOLD"] == "by gen"


@pytest.mark.parametrize(
    "need",
    [
        "{pipeline: $PARENT_PIPELINE_ID, job: nobody}",
        "{pipeline: '77', job: gen}",
        "{pipeline: $NOTHING, job: gen}",
        "{project: other/secret, ref: main, job: gen}",
    ],
)
def test_what_is_not_to_be_had_fails_the_job_before_it_starts(need: str) -> None:
    executor = Script(gen=LEFT)
    jobs = local(f"use: {{script: [x], needs: [{need}]}}", executor)
    assert jobs["use"].state is State.FAILED
    assert jobs["use"].reason == FailureReason.MISSING_DEPENDENCY
    assert "use" not in [order.name for order in executor.orders]


def test_what_is_wanted_without_its_artifacts_needs_nobody() -> None:
    executor = Script(gen=LEFT)
    jobs = local("use: {script: [x], needs: [{pipeline: '77', job: gen, artifacts: false}]}", executor)
    assert jobs["use"].state is State.SUCCESS


GEN = "gen: {script: ['echo kept > data.txt'], artifacts: {paths: [data.txt]}}\n"
USE = "use: {script: ['grep kept data.txt'], needs: [{project: other/gen, ref: main, job: gen}]}\n"


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path)
    yield made
    made.close()


def test_the_server_hands_on_what_the_parent_left(bank: Bank, tmp_path: Path) -> None:
    files = {
        ".gitlab-ci.yml": json.dumps(PARENT | {"gen": {**PARENT["gen"], "script": ["echo kept > data.txt"]}}),
        "child.yml": "use: {script: ['grep kept data.txt'], needs: [{pipeline: $PARENT_PIPELINE_ID, job: gen}]}",
    }
    made = started(bank, bank.project("bank/pay", files), bank.person("dev", bank__pay=Role.DEVELOPER))
    assert bank.run(made.id) is State.SUCCESS


@pytest.mark.parametrize(("role", "ends"), [(Role.DEVELOPER, State.SUCCESS), (None, State.FAILED)])
def test_the_server_hands_on_what_another_project_left_to_whom_it_may(
    bank: Bank, role: Role | None, ends: State
) -> None:
    owner = bank.person("owner", instance=Role.MAINTAINER)
    source = started(bank, bank.project("other/gen", GEN), owner)
    assert bank.run(source.id) is State.SUCCESS
    asking = bank.person("dev", **({"other__gen": role} if role else {}))
    made = started(bank, bank.project("bank/pay", USE), asking)
    assert bank.run(made.id) is ends
    if ends is State.FAILED:
        [job] = bank.jobs(made.id)
        assert job.result.reason is FailureReason.MISSING_DEPENDENCY
        assert "other/gen" in bank.why(made.id)
