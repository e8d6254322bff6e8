from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.job import When
from plumbline.model.problem import Mark
from plumbline.pipeline.language.only import decide_only
from plumbline.pipeline.language.rules import RuleContext, dead_rules, decide, one_line
from plumbline.pipeline.source.syntax import Map, Seq, read

CASES = Path(__file__).parents[1] / "cases" / "pipeline" / "rules"
RULES = yaml.safe_load((CASES / "rules.yml").read_text())
ONLY = yaml.safe_load((CASES / "only.yml").read_text())["cases"]


class Tree:
    """A repository of names alone, which counts what it is asked."""

    name = ""

    def __init__(
        self,
        files: Sequence[str] = (),
        changed: Sequence[str] | None = None,
        refs: Mapping[str, Sequence[str]] | None = None,
        projects: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._files, self._changed, self._refs, self._projects = files, changed, refs or {}, projects or {}
        self.asked = 0

    def files(self) -> Sequence[str]:
        self.asked += 1
        return self._files

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        self.asked += 1
        if compare_to is None:
            return None if self._changed is None else frozenset(self._changed)
        if compare_to not in self._refs:
            raise PlumblineError("unknown-ref", t("no such ref"))
        return frozenset(self._refs[compare_to])

    def project(self, path: str, ref: str | None) -> Tree:
        if path not in self._projects or ref == "gone":
            raise PlumblineError("project-not-mapped", t("not mapped"))
        return Tree(self._projects[path])

    def read(self, path: str) -> bytes | None:
        raise NotImplementedError

    def remote(self, url: str) -> bytes:
        raise NotImplementedError

    def template(self, name: str) -> bytes:
        raise NotImplementedError


def context(tree: Tree, variables: Mapping[str, str], event: Event = Event.PUSH) -> RuleContext:
    return RuleContext(variables=variables, repository=tree, event=event)


@pytest.mark.parametrize("case", RULES["cases"], ids=lambda case: case["name"])
def test_rules(case: dict[str, Any]) -> None:
    known = RULES["defaults"] | case
    tree = Tree(known["files"], known["changed"], known["refs"], known["projects"])
    outcome = decide("job", case["rules"], context(tree, known["vars"]))
    for field in ("included", "when", "allow_failure", "start_in", "variables", "needs", "interruptible", "index"):
        if field in case:
            assert getattr(outcome, field) == case[field], field
    assert case.get("reason", "") in str(outcome.reason)
    for trace, part in zip(outcome.traces, case.get("trace", []), strict="trace" in case):
        assert part in str(trace.reason)
    assert [problem.code for problem in outcome.problems] == ([case["problem"]] if "problem" in case else [])
    for problem in outcome.problems:
        assert problem.keyword == case.get("keyword", problem.keyword)
    matched = [trace.matched for trace in outcome.traces]
    assert not any(matched[:-1])


@pytest.mark.parametrize("case", ONLY, ids=lambda case: case["name"])
def test_only_and_except(case: dict[str, Any]) -> None:
    source = Event(case.get("source", "push"))
    variables = {"CI_PROJECT_PATH": "group/app", "CI_PIPELINE_SOURCE": str(source), **case.get("vars", {})}
    if "tag" in case:
        variables["CI_COMMIT_TAG"] = case["tag"]
    elif source is not Event.MERGE_REQUEST:
        variables["CI_COMMIT_BRANCH"] = case.get("branch", "feature")
    outcome = decide_only(
        "job",
        case.get("only"),
        case.get("except"),
        context(Tree(changed=case.get("changed", ["src/a/b.py"])), variables, source),
        workflow_has_rules=case.get("workflow", False),
    )
    assert outcome.included is case["included"]
    assert case.get("reason", "") in str(outcome.reason)
    assert [problem.code for problem in outcome.problems] == ([case["problem"]] if "problem" in case else [])


def written(text: str) -> Map:
    document = read(text.encode(), "ci.yml", [])[0]
    assert isinstance(document, Map)
    return document


def test_a_trace_has_the_rule_its_place_and_its_values() -> None:
    config = written('rules:\n  - if: $A == "x" && $B\n    when: never\n  - when: always\n')
    outcome = decide("job", config["rules"], context(Tree(), {"A": "y"}))
    first, second = outcome.traces
    assert first.text == 'if: $A == "x" && $B, when: never'
    assert first.values == (("A", "y"), ("B", None))
    assert first.where is not None
    assert (first.where.file, first.where.line) == ("ci.yml", 2)
    assert outcome.where == second.where
    decision = outcome.decision("job", Mark("ci.yml", 1))
    assert (decision.included, decision.when, decision.where) == (True, When.ALWAYS, second.where)


def test_a_problem_has_its_line() -> None:
    config = written("rules:\n  - changes:\n      paths: [a]\n      compare_to: gone\n")
    (problem,) = decide("job", config["rules"], context(Tree(), {})).problems
    assert problem.where is not None
    assert problem.where.line == 4


def test_a_decision_without_a_rule_stands_at_the_job() -> None:
    outcome = decide("job", Seq(), context(Tree(), {}))
    assert outcome.decision("job", Mark("ci.yml", 7)).where == Mark("ci.yml", 7)
    kept = decide("job", [{"if": "$A"}], context(Tree(), {"A": "x"}))
    assert kept.decision("job", None, When.MANUAL).when is When.MANUAL


def test_more_than_fifty_thousand_comparisons_are_a_match() -> None:
    many = [f"f/{number}" for number in range(50_001)]
    assert decide("job", [{"changes": ["x"]}], context(Tree(changed=many), {})).included
    assert not decide("job", [{"changes": ["x"]}], context(Tree(changed=many[1:]), {})).included
    outcome = decide("job", [{"exists": ["x/*/y"]}], context(Tree(many), {}))
    assert outcome.included
    assert "50000" in str(outcome.reason)
    assert not decide("job", [{"exists": ["x/y", "**/*.py"]}], context(Tree(many), {})).included


def test_what_does_not_depend_on_variables_is_asked_once() -> None:
    tree = Tree(["a"], ["a"])
    first = context(tree, {})
    rules = [{"exists": ["b"]}, {"changes": ["b"]}]
    for number in range(5):
        assert not decide("job", rules, first.with_variables({"N": str(number)})).included
    assert tree.asked == 2


def test_dead_rules() -> None:
    config = written(
        "a:\n  - if: $A\n  - when: always\n  - if: $B\n  - [{when: never}]\nb:\n  - if: $A\n  - when: never\n"
    )
    assert [(index, mark and mark.line) for index, mark in dead_rules(config["a"])] == [(2, 4), (3, 5)]
    assert dead_rules(config["b"]) == []
    assert dead_rules("nonsense") == []


def test_one_line() -> None:
    rule = {"if": "$A", "changes": {"paths": ["a", "b"]}, "allow_failure": True, "variables": {"X": None}}
    assert one_line(rule) == "if: $A, changes: {paths: [a, b]}, allow_failure: true, variables: {X: null}"
    assert len(one_line({"if": "x" * 1000})) == 200


def test_a_cycle_of_variables_in_a_path_ends() -> None:
    variables = {"A": "$B$B", "B": "$A$A"}
    assert not decide("job", [{"changes": ["$A"]}], context(Tree(changed=["x"]), variables)).included
