"""Each stack from small trees: what is proposed, from what, and what is not pretended; GitLab's schema takes it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.pipeline.test_pipeline_plan import plan

from plumbline.flow.runs.lint import check
from plumbline.starters import Proposal, pipeline_text, propose, starters

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[1] / "cases/starters").glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
EVENTS = ("push", "merge_request_event", "tag")
KNOWN = {"image", "has", "junit", "coverage", "cache", "artifacts", "when"}


def proposed(tree: dict[str, str]) -> Proposal:
    return propose(tree, lambda path: tree[path].encode())


def jobs_of(text: str) -> dict[str, Any]:
    return {name: job for name, job in (yaml.safe_load(text) or {}).items() if name not in ("stages", "workflow")}


@pytest.mark.parametrize("case", CASES)
def test_a_tree_gets_the_jobs_that_it_needs(case: dict[str, Any]) -> None:
    made = proposed(case["files"])
    found = jobs_of(pipeline_text(made))
    assert sorted(found) == sorted(case["jobs"])
    for name, asked in case["jobs"].items():
        assert set(asked) <= KNOWN
        _compare(found[name], asked)
    for kind in ("said", "guessed", "missing"):
        for sentence in case.get(kind, ()):
            assert sentence in [str(text) for text in getattr(made, kind)]
        assert case.get(kind) != [] or not getattr(made, kind)


def _compare(job: dict[str, Any], asked: dict[str, Any]) -> None:
    script = "\n".join(job["script"])
    assert [words for words in asked.get("has", ()) if words not in script] == []
    reports = job.get("artifacts", {}).get("reports", {})
    told = {
        "image": job.get("image"),
        "when": job.get("when"),
        "junit": reports.get("junit"),
        "coverage": reports.get("coverage_report", {}).get("path"),
        "artifacts": job.get("artifacts", {}).get("paths"),
        "cache": {"files": job["cache"]["key"]["files"], "paths": job["cache"]["paths"]} if "cache" in job else None,
    }
    assert {name: told[name] for name in asked if name != "has"} == {n: v for n, v in asked.items() if n != "has"}


@pytest.mark.parametrize("images", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_our_lint_and_gitlabs_schema_have_nothing_to_say(case: dict[str, Any], images: bool) -> None:
    text = pipeline_text(proposed(case["files"]), images=images)
    if not case["jobs"]:
        assert text == ""
        return
    jsonschema.validate(yaml.safe_load(text), _SCHEMA)
    plans = {event: plan({"yaml": text, "event": event, "files": case["files"]}) for event in EVENTS}
    report = check(plans)
    assert [str(one.message) for one in report.problems if one.severity.value != "note"] == []
    assert set(report.jobs.values()) == {len(case["jobs"])}
    assert all(("image" in job) is images for job in jobs_of(text).values())


@pytest.mark.parametrize("case", CASES)
def test_nothing_looks_green_that_is_not(case: dict[str, Any]) -> None:
    text = pipeline_text(proposed(case["files"]))
    assert "allow_failure" not in text
    assert "|| true" not in text
    assert any(job.get("when") != "manual" for job in jobs_of(text).values()) or not text


@pytest.mark.parametrize("case", CASES)
def test_a_job_says_what_a_shell_needs_for_it(case: dict[str, Any]) -> None:
    assert all(job.tools for seen in proposed(case["files"]).seen for job in seen.jobs.values())


def test_every_stack_has_a_case() -> None:
    assert {seen.name for case in CASES for seen in proposed(case.values[0]["files"]).seen} == set(starters())


_SCHEMA = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json").read_text())
