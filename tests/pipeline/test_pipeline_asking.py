"""What a configuration asks whoever starts its pipeline by hand."""

from __future__ import annotations

from typing import Any

from tests.pipeline.test_pipeline_plan import Memory

from plumbline.model.change import Change, Project
from plumbline.pipeline import AskedValue, Asking, PlanRequest, asking


def asked(text: str, **files: str) -> Asking:
    change = Change(project=Project(path="bank/core"), sha="a" * 40, branch="main")
    named = {name.replace("_", "/") + ".yml": content for name, content in files.items()}
    repository: Any = Memory({}, {".gitlab-ci.yml": text, **named})
    return asking(PlanRequest(change=change), repository)


def test_described_variables_are_asked_for_also_those_of_included_files() -> None:
    found = asked(
        """
include: [ci/more.yml]
variables:
  PLAIN: "1"
  QUIET: {value: "2"}
  TARGET: {value: staging, options: [staging, production], description: 去哪里}
  COUNT: {value: 3, description: how many}
  EMPTY: {description: ""}
a: {script: [make]}
""",
        ci_more="variables: {REGION: {value: north, description: of the bank}}",
    )
    assert found.problem is None
    assert sorted(found.variables, key=lambda one: one.name) == [
        AskedValue(name="COUNT", value="3", description="how many"),
        AskedValue(name="EMPTY"),
        AskedValue(name="REGION", value="north", description="of the bank"),
        AskedValue(name="TARGET", value="staging", description="去哪里", options=("staging", "production")),
    ]


def test_inputs_are_asked_for_with_all_that_is_declared_of_them() -> None:
    found = asked("""
spec:
  inputs:
    version: {description: to release, regex: ^v\\d+$}
    level: {type: number, default: 2, options: [1, 2]}
    dry: {type: boolean, default: true}
    where: {type: array, default: [a, b]}
    late: {rules: [{if: '$[[ inputs.level ]] == "2"', default: two, options: [two, three]}, {default: one}]}
---
a: {script: ["make $[[ inputs.version ]]"]}
""")
    assert found.problem is None
    assert found.inputs == (
        AskedValue(name="version", description="to release", pattern="^v\\d+$", required=True),
        AskedValue(name="level", kind="number", value="2", options=("1", "2")),
        AskedValue(name="dry", kind="boolean", value="true", options=("true", "false")),
        AskedValue(name="where", kind="array", value='["a","b"]'),
        AskedValue(name="late", value="two"),
    )


def test_a_configuration_with_an_error_still_asks_and_says_which() -> None:
    found = asked("include: [gone.yml]\nvariables: {A: {value: x, description: y}}\n")
    assert [one.name for one in found.variables] == ["A"]
    assert found.problem is not None
    assert found.problem.code == "unknown-file" or "gone.yml" in str(found.problem.message)
    assert asked("a: [").problem is not None


def test_nothing_is_asked_without_a_configuration() -> None:
    repository: Any = Memory({}, {})
    assert asking(PlanRequest(change=Change(project=Project(path="bank/core"))), repository) == Asking()
    assert asked("variables: [1]\nspec: 3\na: {script: [make]}\n").variables == ()
