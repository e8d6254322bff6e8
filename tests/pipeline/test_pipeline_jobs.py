"""What cannot be a job, and says so at its line."""

from __future__ import annotations

import pytest

from plumbline.model.change import Change, Project
from plumbline.pipeline import PlanRequest, make_plan


class OneFile:
    name = ""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, path: str) -> bytes | None:
        return self.text.encode() if path == ".gitlab-ci.yml" else None

    def files(self) -> list[str]:
        return [".gitlab-ci.yml"]

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        return None


def problems(text: str) -> list[tuple[str, int]]:
    change = Change(project=Project(path="group/project"), sha="a" * 40, branch="main")
    made = make_plan(PlanRequest(change=change), OneFile(text))  # type: ignore[arg-type]
    return [(problem.code, problem.where.line if problem.where else 0) for problem in made.problems]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: {script: x}\ntypes: [build]", "unknown-keyword"),
        ("a: {script: x}\n'': {script: x}", "reserved-name"),
        ("a: {script: x}\n1: {script: x}", "job-name-not-text"),
        ("a: {script: x}\n1.5: {script: x}", "job-name-not-text"),
        ("a: {script: x}\n0x1F: {script: x}", "job-name-not-text"),
        ("a: {script: x}\n12:30: {script: x}", "job-name-not-text"),
        ("a: {script: x}\ntrue: {script: x}", "job-name-not-text"),
        ("a: {script: x}\non: {script: x}", "job-name-not-text"),
        ("a: {script: x}\nno: {script: x}", "job-name-not-text"),
        ("a: {script: x}\nnull: {script: x}", "job-name-not-text"),
        ("a: {script: x}\n~: {script: x}", "job-name-not-text"),
        ("a: {script: x}\npages:deploy: {script: x}", "reserved-name"),
        ("a: {script: x}\nb: 3", "unknown-keyword"),
        ("a: {script: x}\nb: {script: x, stage: nowhere}", "unknown-stage"),
    ],
)
def test_what_cannot_be_a_job(text: str, code: str) -> None:
    assert problems(text) == [(code, 2)]


@pytest.mark.parametrize(
    "name",
    ["'1'", '"true"', "'null'", "nil", "types", "y", "n", "08", "1e3", "1.2.3", "!!str 1", "1_", "=", "'~'"],
)
def test_what_may_be_the_name_of_a_job(name: str) -> None:
    assert problems(f"a: {{script: x}}\n{name}: {{script: x}}") == []


def test_a_name_that_is_a_date_is_warned_of() -> None:
    assert problems("a: {script: x}\n2020-01-01: {script: x}") == [("yaml-date", 2)]


def test_a_hidden_job_may_be_anything() -> None:
    assert problems("a: {script: x}\n.b: 3\n.c: {nonsense: [1]}") == []
