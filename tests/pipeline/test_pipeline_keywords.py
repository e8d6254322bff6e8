"""Every keyword against its cases: ``tests/cases/pipeline/keywords/<keyword>.yml``.

``ok``: ``yaml`` (what stands in a job, or at the top level) gives ``value``: structs as maps of what differs from the
default. ``bad``: it gives exactly one problem, with this ``code``, at this ``line``, and ``says`` in its message.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from plumbline.model.problem import Problem
from plumbline.pipeline import keywords
from plumbline.pipeline.keyword import Place, Status
from plumbline.pipeline.sections import Reader
from plumbline.pipeline.source.syntax import read

CASES = Path(__file__).parents[1] / "cases" / "pipeline" / "keywords"
PARTS = keywords.parts()


def _file(name: str) -> Path:
    return CASES / f"{name.lstrip('$')}.yml"


def _load(kind: str) -> list[Any]:
    found = []
    for name in PARTS:
        path = _file(name)
        cases = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
        for number, case in enumerate(cases.get(kind, ()), 1):
            found.append(pytest.param(name, case, id=f"{name}-{kind}-{number}"))
    return found


def _read(name: str, case: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    documents = read(case["yaml"].encode(), "f.yml", problems)
    assert not problems, problems
    place = Place(case.get("place", Place.JOB if Place.JOB in PARTS[name].places else PARTS[name].places[0]))
    path = "job" if place is Place.JOB else ""
    return Reader(problems).section(documents[0], place, path), problems


def plain(value: Any) -> Any:
    """A typed value as JSON would have it, defaults left out."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        given = {field.name: getattr(value, field.name) for field in fields}
        return {field.name: plain(given[field.name]) for field in fields if given[field.name] != _default(field)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


@pytest.mark.parametrize(("name", "case"), _load("ok"))
def test_reads(name: str, case: dict[str, Any]) -> None:
    values, problems = _read(name, case)
    assert not problems, [str(problem) for problem in problems]
    assert plain(values[name]) == case["value"]


@pytest.mark.parametrize(("name", "case"), _load("bad"))
def test_reports(name: str, case: dict[str, Any]) -> None:
    values, problems = _read(name, case)
    assert [problem.code for problem in problems] == [case["code"]], [str(problem) for problem in problems]
    problem = problems[0]
    assert problem.where is not None
    assert problem.where.line == case["line"]
    assert case["says"] in str(problem.message)
    assert problem.keyword == case.get("keyword", problem.keyword)
    assert case.get("hint", "") in str(problem.hint)
    assert name not in values


@pytest.mark.parametrize("name", PARTS)
def test_has_cases(name: str) -> None:
    cases = yaml.safe_load(_file(name).read_text("utf-8"))
    assert cases["ok"]
    assert cases["bad"]


@pytest.mark.parametrize("name", PARTS)
def test_says_what_is_not_done(name: str) -> None:
    part = PARTS[name]
    assert part.status is Status.SUPPORTED or part.note is not None
    assert part.places
    for subkey in part.subkeys:
        assert subkey.status is Status.SUPPORTED or subkey.note is not None, subkey.path
    assert len({subkey.path for subkey in part.subkeys}) == len(part.subkeys)


def test_cases_are_of_keywords() -> None:
    assert {path.stem for path in CASES.glob("*.yml")} == {name.lstrip("$") for name in PARTS}
