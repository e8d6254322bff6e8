"""Trigger jobs: child pipelines from files and artifacts, pipelines of other projects, and what they are handed."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from flow_simulators import CHANGE, Files, Script, Shelf, planned, play, states, tools

from plumbline.flow.jobs.tools import Tools
from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Project
from plumbline.model.job import JobResult, KeptFile, State

ARCHIVE = KeptFile(kind="archive", name="artifacts.zip", files=1, size=1)


def variables(executor: Script, job: str) -> dict[str, str]:
    order = next(order for order in executor.orders if order.name == job)
    return {variable.name: variable.value for variable in order.variables}


def test_a_child_is_followed_when_asked() -> None:
    executor = Script(inner=5)
    repository = Files(
        **{
            ".gitlab-ci.yml": """
                stages: [one, two]
                followed: {stage: one, trigger: {include: child.yml, strategy: depend}, allow_failure: true}
                loose: {stage: one, trigger: {include: child.yml}}
                after: {stage: two, script: x}
            """,
            "child.yml": "inner: {script: x}",
        }
    )
    given = tools(executor, repository=repository)
    record = play(planned(given), executor, tools=given)
    found = [(job.pipeline, job.name, job.state.value) for job in record.jobs]
    assert found == [
        (1, "followed", "failed"),
        (1, "loose", "success"),
        (1, "after", "success"),
        (2, "inner", "failed"),
        (3, "inner", "failed"),
    ]
    assert [job.downstream for job in record.jobs[:2]] == [2, 3]


def test_a_child_sees_what_is_forwarded() -> None:
    executor = Script()
    repository = Files(
        **{
            ".gitlab-ci.yml": """
                variables: {TOP: top}
                all: {variables: {OWN: own}, trigger: {include: child.yml}}
            """,
            "child.yml": "inner: {variables: {OWN: lower}, script: x, rules: [{if: '$CI_PIPELINE_SOURCE'}]}",
        }
    )
    given = tools(executor, repository=repository)
    play(planned(given), executor, tools=given)
    seen = variables(executor, "inner")
    assert (seen["TOP"], seen["OWN"], seen["CI_PIPELINE_SOURCE"]) == ("top", "own", "parent_pipeline")


def test_a_child_sees_nothing_when_nothing_is_forwarded() -> None:
    executor = Script()
    repository = Files(
        **{
            ".gitlab-ci.yml": """
                bridge:
                  variables: {OWN: own}
                  trigger: {include: child.yml, forward: {yaml_variables: false}}
            """,
            "child.yml": "inner: {script: x}",
        }
    )
    given = tools(executor, repository=repository)
    play(planned(given), executor, tools=given)
    assert "OWN" not in variables(executor, "inner")


def test_a_generated_child_comes_from_an_artifact() -> None:
    shelf = Shelf()

    class Generator(Script):
        def run(self, order, log, cancel):  # type: ignore[no-untyped-def]
            result = super().run(order, log, cancel)
            if order.name == "generate":
                shelf.archives[order.id] = {"child.yml": b"made: {script: x}"}
                return msgspec.structs.replace(result, kept=(ARCHIVE,))
            return result

    executor = Generator()
    repository = Files(
        **{
            ".gitlab-ci.yml": """
                stages: [one, two]
                generate: {stage: one, script: x}
                child: {stage: two, trigger: {include: [{artifact: child.yml, job: generate}], strategy: depend}}
                lost: {stage: two, allow_failure: true, trigger: {include: [{artifact: no.yml, job: generate}]}}
            """
        }
    )
    given = tools(executor, repository=repository, artifacts=shelf)
    record = play(planned(given), executor, tools=given)
    assert states(record) == {"generate": "success", "child": "success", "lost": "failed", "made": "success"}
    assert "hold no file 'no.yml'" in next(job.message for job in record.jobs if job.name == "lost")


def test_children_may_be_nested_two_deep() -> None:
    executor = Script()
    repository = Files(**{".gitlab-ci.yml": "down: {trigger: {include: .gitlab-ci.yml, strategy: depend}}"})
    given = tools(executor, repository=repository)
    record = play(planned(given), executor, tools=given)
    assert [(job.pipeline, job.state.value) for job in record.jobs] == [(1, "failed"), (2, "failed"), (3, "failed")]
    assert "nested 2 deep" in record.jobs[-1].message


def test_a_wrong_child_fails_its_trigger_with_file_and_line() -> None:
    executor = Script()
    repository = Files(
        **{".gitlab-ci.yml": "down: {trigger: {include: child.yml}}", "child.yml": "\ninner: {script: x, needz: []}"}
    )
    given = tools(executor, repository=repository)
    record = play(planned(given), executor, tools=given)
    assert record.jobs[0].state is State.FAILED
    assert "child.yml:2" in record.jobs[0].message
    assert "needz" in record.jobs[0].message


def test_another_project_runs_with_its_own_files() -> None:
    executor = Script()
    there = tools(executor, repository=Files(**{".gitlab-ci.yml": "theirs: {script: x}"}))
    other = msgspec.structs.replace(CHANGE, project=Project(path="group/other"))
    asked: list[tuple[str, str]] = []

    def downstream(project: str, branch: str) -> Tools:
        asked.append((project, branch))
        if project != "group/other":
            raise PlumblineError("project-not-mapped", t("the project {path} is not known", path=project))
        return dataclasses.replace(there, change=other)

    repository = Files(
        **{
            ".gitlab-ci.yml": """
                down: {variables: {V: main}, trigger: {project: group/other, branch: $V, strategy: depend}}
                lost: {allow_failure: true, trigger: group/nowhere}
            """
        }
    )
    given = tools(executor, repository=repository, downstream=downstream)
    record = play(planned(given), executor, tools=given)
    assert asked == [("group/other", "main"), ("group/nowhere", "")]
    assert states(record) == {"down": "success", "lost": "failed", "theirs": "success"}
    assert variables(executor, "theirs")["CI_PROJECT_PATH"] == other.project.path


def test_a_child_that_waits_for_a_person_leaves_the_run_waiting() -> None:
    executor = Script()
    repository = Files(
        **{
            ".gitlab-ci.yml": "down: {trigger: {include: child.yml, strategy: depend}}",
            "child.yml": "ask: {script: x, when: manual, allow_failure: false}",
        }
    )
    given = tools(executor, repository=repository)
    record = play(planned(given), executor, tools=given)
    assert record.state is State.MANUAL
    assert states(record) == {"down": "manual", "ask": "manual"}


@pytest.mark.parametrize("result", [JobResult(state=State.CANCELED), JobResult(state=State.FAILED)])
def test_a_trigger_ends_as_its_pipeline_does(result: JobResult) -> None:
    executor = Script(inner=result)
    repository = Files(
        **{
            ".gitlab-ci.yml": "down: {trigger: {include: child.yml, strategy: mirror}}",
            "child.yml": "inner: {script: x}",
        }
    )
    given = tools(executor, repository=repository)
    record = play(planned(given), executor, tools=given)
    assert states(record)["down"] == result.state.value
