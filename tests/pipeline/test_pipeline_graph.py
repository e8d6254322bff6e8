"""Names that needs and dependencies may use, in plans of small configurations."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Change, Project
from plumbline.model.pipeline import Plan
from plumbline.pipeline.plan import PlanRequest, make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.ports.jobs import Repository


class OneFile:
    """A repository that has a configuration and nothing else."""

    name = ""

    def __init__(self, text: str) -> None:
        self._data = textwrap.dedent(text).encode()

    def read(self, path: str) -> bytes | None:
        return self._data if path == ".gitlab-ci.yml" else None

    def files(self) -> Sequence[str]:
        return (".gitlab-ci.yml",)

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        return frozenset(compare_to or ())

    def project(self, path: str, ref: str | None) -> Repository:
        raise PlumblineError("project-not-mapped", t("{path} at {ref}", path=path, ref=ref))

    def remote(self, url: str) -> bytes:
        raise PlumblineError("network-not-allowed", t("{url}", url=url))

    def template(self, name: str) -> bytes:
        raise PlumblineError("template-not-mapped", t("{name}", name=name))


def plan(text: str) -> Plan:
    change = Change(project=Project(path="group/project"), sha="1" * 40, branch="main")
    return make_plan(PlanRequest(change=change), OneFile(text))


def test_a_combination_that_stands_twice_is_refused_at_its_line() -> None:
    made = plan("""\
        build:
          script: make
          parallel:
            matrix:
              - {OS: [linux, mac]}
              - {OS: linux}
        """)
    assert [(p.code, p.where and p.where.line) for p in made.errors] == [("duplicate-job", 3)]
    assert made.jobs == ()


def test_a_job_with_the_name_of_an_instance_is_refused() -> None:
    made = plan("""\
        build: {script: make, parallel: 2}
        build 1/2: {script: make}
        """)
    assert [p.code for p in made.errors] == ["duplicate-job"]


def test_dependencies_on_a_parallel_job_mean_the_instances_that_are_needed() -> None:
    made = plan("""\
        build: {stage: build, script: make, parallel: {matrix: [{OS: [linux, mac]}]}}
        test:
          script: test
          needs: [{job: build, parallel: {matrix: [{OS: linux}]}}]
          dependencies: [build]
        """)
    assert made.errors == ()
    test = made.job("test")
    assert test is not None
    assert test.dependencies == ("build: [linux]",)


def test_dependencies_on_what_is_not_needed_are_refused() -> None:
    made = plan("""\
        build: {stage: build, script: make}
        other: {stage: build, script: make}
        test: {script: test, needs: [build], dependencies: [other]}
        """)
    assert [p.code for p in made.errors] == ["dependency-not-needed"]


def test_a_need_that_is_misspelt_gets_a_hint_at_the_nearest_job() -> None:
    made = plan("""\
        build: {script: make}
        test: {script: make, needs: [biuld]}
        """)
    [problem] = made.errors
    assert (problem.code, str(problem.hint)) == ("unknown-need", "did you mean build?")
    [problem] = plan("test: {script: make, needs: [elsewhere]}").errors
    assert str(problem.hint) == "No job of that name is in the file."


def test_among_very_many_misspelt_needs_only_the_first_get_a_hint_that_takes_time_to_find() -> None:
    text = "build: {script: make}\n" + "".join(f"t{n}: {{script: make, needs: [biuld]}}\n" for n in range(50))
    made = plan(text)
    assert len(made.errors) == 50
    assert 0 < sum("did you mean" in str(problem.hint) for problem in made.errors) < 50
