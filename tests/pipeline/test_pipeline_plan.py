"""From files to jobs, step by step; the cases are in tests/cases/pipeline/plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec.json
import pytest
import yaml

from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Change, Event, MergeRequest, Project
from plumbline.model.pipeline import Job, Plan, Variable, VariableSource
from plumbline.model.problem import Problem, Severity
from plumbline.pipeline.plan import PlanRequest, make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS = {"name", "yaml", "files", "projects", "event", "variables", "inputs", "changed", "branch"}
FIELDS |= {"jobs", "job", "left_out", "problems", "says", "pipeline"}
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[1] / "cases/pipeline/plan").glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


class Memory:
    """A repository in memory; a ref of another project is followed by ``@`` and the ref."""

    def __init__(self, case: dict[str, Any], files: dict[str, str], name: str = "") -> None:
        self.case = case
        self.content = files
        self.name = name

    def read(self, path: str) -> bytes | None:
        return self.content[path].encode() if path in self.content else None

    def files(self) -> Sequence[str]:
        return sorted(self.content)

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        if compare_to is not None and compare_to != "main":
            raise PlumblineError("unknown-ref", t("{ref}", ref=compare_to))
        return frozenset(self.case["changed"]) if "changed" in self.case else None

    def project(self, path: str, ref: str | None) -> Memory:
        known = self.case.get("projects", {})
        key = f"{path}@{ref}" if ref else path
        if key not in known:
            raise PlumblineError("project-not-mapped", t("{key} is not to be had", key=key))
        return Memory(self.case, known[key], path)

    def remote(self, url: str) -> bytes:
        raise PlumblineError("network-not-allowed", t("{url}", url=url))

    def template(self, name: str) -> bytes:
        raise PlumblineError("template-not-mapped", t("{name}", name=name))


def change_of(case: dict[str, Any]) -> Change:
    event = case.get("event", "push")
    request = MergeRequest(source_branch="topic", target_branch="main")
    return Change(
        project=Project(path="group/project", server_url="https://git.example"),
        sha="1" * 40,
        event=Event.PUSH if event == "tag" else Event(event),
        branch="" if event in ("tag", "merge_request_event") else case.get("branch", "main"),
        tag="v1.0" if event == "tag" else "",
        merge_request=request if event == "merge_request_event" else None,
    )


def plan(case: dict[str, Any]) -> Plan:
    variables = (Variable(name, value, VariableSource.PIPELINE) for name, value in case.get("variables", {}).items())
    request = PlanRequest(change=change_of(case), variables=tuple(variables), inputs=case.get("inputs", {}))
    return make_plan(request, Memory(case, {".gitlab-ci.yml": case["yaml"], **case.get("files", {})}))


def summary(problem: Problem) -> str:
    prefix = "" if problem.severity is Severity.ERROR else f"{problem.severity} "
    return f"{prefix}{problem.code} {problem.where.line if problem.where else 0}"


def fields(job: Job, asked: dict[str, Any]) -> dict[str, Any]:
    """What a case asks of a job, as plain values; ``needs`` and ``variables`` in short."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(job))
    found["needs"] = None if job.needs is None else [need.job for need in job.needs]
    found["variables"] = {variable.name: variable.value for variable in job.variables}
    found["where"] = str(job.where)
    return {name: _part(found[name], asked[name]) for name in asked}


def _part(found: Any, asked: Any) -> Any:
    """The same shape as what is asked for: of a map only the keys that are named."""
    if isinstance(found, dict) and isinstance(asked, dict):
        return {key: _part(found.get(key), asked[key]) for key in asked}
    if isinstance(found, list) and isinstance(asked, list) and len(found) == len(asked):
        return [_part(*pair) for pair in zip(found, asked, strict=True)]
    return found


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= FIELDS
    made = plan(case)
    assert [summary(problem) for problem in made.problems] == case.get("problems", [])
    for words, problem in zip(case.get("says", []), made.problems, strict=False):
        assert words in f"{problem.message} ({problem.hint})"
    if "jobs" in case:
        assert [job.name for job in made.jobs] == case["jobs"]
    for name, asked in case.get("job", {}).items():
        job = made.job(name)
        assert job is not None, [other.name for other in made.jobs]
        assert fields(job, asked) == asked
    if "left_out" in case:
        assert [decision.job for decision in made.decisions if not decision.included] == case["left_out"]
    if "pipeline" in case:
        assert made.workflow.name == case["pipeline"]
    assert case.keys() & {"jobs", "job", "problems", "left_out", "pipeline"}
