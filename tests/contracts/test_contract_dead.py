"""Lines that nobody could ever fill are named while the contract is edited."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.told import FACTS, HEAD, needs

from plumbline.contracts import Known, KnownSource, dead_lines
from plumbline.contracts.conditions import expression
from plumbline.judging.constant import always
from plumbline.judging.expressions import Expression

EVERYTHING = Known(
    sources=(KnownSource(name="sonar", kinds=("scan.finished",)), KnownSource(name="old", revoked=True)),
    forges=("gitlab",),
    reports=("junit", "sast"),
    told=("test-report",),
    branches=("main", "release/1"),
    tiers=("production",),
    paths=("src/a.py", "docs/x.md"),
    runner_tags=("linux", "secure"),
)


def codes(line: str, known: Known = EVERYTHING, head: str = HEAD) -> list[str]:
    return [one.code for one in dead_lines(needs(line, head=head), known)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{id: t, kind: test-report, of: commit}", []),
        ("{id: t, kind: coverage, of: commit}", ["no-report"]),
        ("{id: t, kind: scan.secret, of: commit}", ["no-report"]),
        ("{id: t, any: [scan.secret, scan.sast], of: commit}", []),
        ("{id: t, kind: interface-coverage, of: commit}", []),
        ("{id: t, kind: provenance, of: artifact}", []),
        ("{id: t, kind: change.reviewed, of: change}", ["not-told-here"]),
        ("{id: t, kind: change.reviewed, of: change, made_by: forge}", []),
        ("{id: t, kind: change.reviewed, of: change, made_by: 'forge:github'}", ["no-forge"]),
        ("{id: t, kind: scan.sast, of: commit, made_by: forge}", ["forge-never-tells"]),
        ("{id: t, kind: scan.sast, of: commit, made_by: 'source:sonar'}", []),
        ("{id: t, kind: coverage, of: commit, made_by: 'source:sonar'}", ["source-may-not"]),
        ("{id: t, kind: scan.sast, of: commit, made_by: 'source:snoar'}", ["no-source"]),
        ("{id: t, kind: scan.sast, of: commit, made_by: 'source:old'}", ["source-revoked"]),
        ("{id: t, kind: scan.sast, of: commit, made_by: ['source:old', own]}", []),
        ("{id: t, kind: statement, of: commit, made_by: source}", ["source-never-tells"]),
        ("{id: t, kind: statement, of: commit, made_by: person}", []),
        ("{id: t, kind: agent.config, of: commit}", ["not-told-here"]),
        ("{id: t, kind: scan.sast, of: commit, covers: ['src/**']}", []),
        ("{id: t, kind: scan.sast, of: commit, covers: ['docs']}", []),
        ("{id: t, kind: scan.sast, of: commit, covers: ['scr/**']}", ["no-path"]),
        ("{id: t, kind: test-report, of: commit, runner: [secure, other]}", []),
        ("{id: t, kind: test-report, of: commit, runner: [secrue]}", ["no-runner"]),
    ],
)
def test_a_line(line: str, found: list[str]) -> None:
    assert codes(line) == found
    assert codes(line, Known()) == [code for code in found if code in (
        "not-told-here", "forge-never-tells", "source-never-tells",
    )], "where nobody looked, nothing is called dead"  # fmt: skip


def test_a_selector_that_matches_nothing() -> None:
    head = HEAD.replace("pipeline}", "pipeline, branches: [mian, 'relaese/*'], tiers: [staging]}")
    assert codes("{id: t, kind: test-report, of: commit}", head=head) == ["no-branch", "no-tier"]


def test_a_selector_holds_where_one_of_its_branches_is_there() -> None:
    head = HEAD.replace("pipeline}", "pipeline, branches: [main, master, 'hotfix/*']}")
    assert codes("{id: t, kind: test-report, of: commit}", head=head) == []


def test_every_dead_line_names_its_line() -> None:
    (dead,) = dead_lines(needs("{id: t, kind: coverage, of: commit}"), EVERYTHING)
    assert dead.need == "t"
    assert "coverage" in str(dead.message)
    assert "coverage_report" in str(dead.hint)


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("change.draft", None),
        ("change.draft || !change.draft", True),
        ("change.draft && !change.draft", False),
        ("changed.lines < 0", False),
        ("changed.lines >= 0", True),
        ("changed.lines > 500", None),
        ("change.target == 'main'", None),
        ("change.target == 'main' && change.target == 'dev'", False),
        ("changed.paths.all(p, p.startsWith('docs/'))", None),
        ("changed.paths.exists(p, p.startsWith('docs/')) && changed.paths.size() == 0", False),
        ("size(change.target) < 0", False),
    ],
)
def test_a_condition_that_is_always_answered_alike(when: str, found: bool | None) -> None:
    asked: Any = expression(when, FACTS)
    assert isinstance(asked, Expression), asked
    assert always(asked, FACTS) is found
