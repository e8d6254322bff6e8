"""Inputs of a job: given or by default, filled into what the runner reads, and refused where they do not fit."""

from __future__ import annotations

import pytest
from tests.pipeline.test_pipeline_graph import OneFile

from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, Project
from plumbline.model.pipeline import Job
from plumbline.pipeline import PlanRequest, fill_inputs, give_inputs, make_plan

DEPLOY = """
deploy:
  inputs:
    env: {default: staging, options: [staging, production]}
    count: {type: number, default: 3}
    dry: {type: boolean, default: true}
    tags: {type: array, default: [a, b]}
    version: {default: v1, regex: '^v[0-9]+$'}
  image: tool:${{ job.inputs.version }}
  services: ["db:${{job.inputs.version}}"]
  before_script: ["echo ${{ job.inputs.env }}"]
  script: ["go '${{ job.inputs.tags }}' ${{ job.inputs.count }} ${{ job.inputs.dry }} $HOME ${HOME}"]
  after_script: ["echo ${{ job.inputs.env }}-${{ job.inputs.count }}"]
  cache: {key: "${{ job.inputs.env }}", paths: ["${{ job.inputs.env }}/"]}
  artifacts: {name: "${{ job.inputs.env }}", paths: ["out/${{ job.inputs.env }}"]}
  environment: "${{ job.inputs.env }}"
"""


def job(text: str) -> Job:
    made = make_plan(
        PlanRequest(change=Change(project=Project(path="g/p"), sha="1" * 40, branch="main")), OneFile(text)
    )
    assert not made.problems
    return made.jobs[0]


def test_defaults_are_filled_into_what_the_runner_reads() -> None:
    filled = fill_inputs(job(DEPLOY))
    assert filled.image is not None
    assert filled.artifacts is not None
    assert filled.environment is not None
    assert filled.image.name == "tool:v1"
    assert filled.services[0].name == "db:v1"
    assert filled.before_script == ("echo staging",)
    assert filled.script == ("""go '["a","b"]' 3 true $HOME ${HOME}""",)
    assert filled.after_script == ("echo staging-3",)
    assert (filled.caches[0].key.text, filled.caches[0].paths) == ("staging", ("staging/",))
    assert (filled.artifacts.name, filled.artifacts.paths) == ("staging", ("out/staging",))
    assert filled.environment.name == "${{ job.inputs.env }}"  # settled when the pipeline is made


def test_values_that_are_given_stand_for_the_defaults() -> None:
    given = {"env": "production", "count": "5", "dry": "false", "tags": '["x"]', "version": "v2"}
    filled = fill_inputs(give_inputs(job(DEPLOY), given))
    assert filled.script == ("""go '["x"]' 5 false $HOME ${HOME}""",)
    assert filled.after_script == ("echo production-5",)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"evn": "staging"}, "there is no input evn"),
        ({"env": "test"}, "cannot be test"),
        ({"count": "many"}, "takes a number"),
        ({"dry": "perhaps"}, "takes true or false"),
        ({"tags": "a, b"}, "takes a list"),
        ({"version": "latest"}, "does not match"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(PlumblineError, match=says):
        give_inputs(job(DEPLOY), given)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${{ job.inputs.b }}", "there is no input b"),
        ("${{ job.inputs.a + 'x' }}", "cannot be worked out"),
        ("${{ env.HOME }}", "cannot be worked out"),
    ],
)
def test_a_job_with_another_expression_does_not_start(text: str, says: str) -> None:
    with pytest.raises(PlumblineError, match=says):
        fill_inputs(job(f'j: {{inputs: {{a: {{default: x}}}}, script: ["echo {text}"]}}\n'))


def test_a_job_without_inputs_stays_as_it_is_written() -> None:
    plain = job('j: {script: ["echo ${{ job.inputs.a }}"]}\n')
    assert fill_inputs(plain) is plain
