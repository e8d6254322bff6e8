"""What is wrong with a contract is said with its place and with what was meant; all of it at once."""

from __future__ import annotations

import pytest
from tests.contracts.told import HEAD, needs, read, wrong

from plumbline.contracts import REPOSITORY_FILE, fact_types, read_contract
from plumbline.model.contract import Contract, OccasionKind, SubjectKind
from plumbline.model.words import Words

WHOLE = """\
contract: payments-release
title: {en: Payments, zh: 支付}
owner: payments team
extends: bank
for: {occasion: promotion, branches: [main, 'release/*'], sources: push, tiers: [production]}
need:
  - id: unit-tests
    title: {en: Unit tests, zh: 单元测试}
    kind: test-report
    of: commit
    layer: unit
    min: {cases: 10}
    maps: [osps/OSPS-QA-06.01]
  - {id: sbom, any: [sbom.cyclonedx, sbom.spdx], of: artifact, each: true}
  - id: sast
    kind: scan.sast
    of: commit
    covers: [src/**]
    tool: [semgrep, sonarqube]
    made_by: [own, 'source:sonar-prod']
    runner: pool-secure
    unless: {rule: {en: docs only, zh: 仅文档}, when: "changed.paths.all(p, p.startsWith('docs/'))"}
window: {grace: 45m, deadline: 2d}
unless: {rule: draft, when: change.draft}
"""


def test_a_whole_contract() -> None:
    found = read(WHOLE)
    assert (found.name, found.title, found.owner, found.extends) == (
        "payments-release", Words("Payments", "支付"), "payments team", "bank",
    )  # fmt: skip
    assert found.occasion.kind is OccasionKind.PROMOTION
    assert found.occasion.branches == ("main", "release/*")
    assert (found.grace_minutes, found.deadline_minutes) == (45, 2880)
    tests, sbom, sast = found.needs
    assert (tests.kinds, tests.layer, tests.at_least, tests.maps) == (
        ("test-report",), "unit", {"cases": 10.0}, ("osps/OSPS-QA-06.01",),
    )  # fmt: skip
    assert (sbom.kinds, sbom.of, sbom.each) == (("sbom.cyclonedx", "sbom.spdx"), SubjectKind.ARTIFACT, True)
    assert (sast.tools, sast.made_by, sast.runners) == (
        ("semgrep", "sonarqube"), ("own", "source:sonar-prod"), ("pool-secure",),
    )  # fmt: skip
    assert sast.unless is not None
    assert sast.unless.rule.zh == "仅文档"
    assert found.unless is not None


def test_where_nothing_is_said_of_the_window_nothing_is() -> None:
    found = needs("{id: t, kind: test-report, of: commit}")
    assert (found.grace_minutes, found.deadline_minutes) == (None, None)


T = "{id: t, kind: test-report, of: commit"


@pytest.mark.parametrize(
    ("line", "code", "column", "hint"),
    [
        ("{id: t, kind: test-reprt, of: commit}", "unknown-kind", 19, "test-report"),
        ("{id: t, kind: nothing-like-it, of: commit}", "unknown-kind", 19, "coverage"),
        (f"{T}, mn: {{cases: 1}}}}", "unknown-key", 44, "min"),
        (f"{T}, min: {{case: 1}}}}", "unknown-key", 50, "cases"),
        (f"{T}, min: {{cases: many}}}}", "wrong-number", 57, ""),
        (f"{T}, min: {{cases: -1}}}}", "wrong-number", 57, ""),
        (f"{T}, min: {{cases: nan}}}}", "wrong-number", 57, ""),
        (f"{T}, layer: units}}", "unknown-layer", 51, "unit"),
        ("{id: t, kind: coverage, of: commit, layer: unit}", "no-layer", 48, ""),
        (f"{T}, each: true}}", "each-of-one", 50, ""),
        (f"{T}, each: perhaps}}", "wrong-form", 50, ""),
        (f"{T}, made_by: me}}", "unknown-word", 53, "source:NAME"),
        (f"{T}, maps: [osps]}}", "wrong-map", 51, ""),
        (f"{T}, covers: []}}", "wrong-form", 52, ""),
        (f"{T}, id: u}}", "key-twice", 44, ""),
        (f"{T}, any: [coverage]}}", "kind-missing", 5, ""),
        ("{id: t, of: commit}", "kind-missing", 5, ""),
        ("{id: t, kind: test-report}", "of-missing", 5, "commit"),
        ("{id: t, kind: test-report, of: comit}", "unknown-word", 36, "commit"),
        ("{id: t, kind: sbom.spdx, of: commit}", "wrong-subject", 34, "artifact"),
        ("{id: T!, kind: test-report, of: commit}", "wrong-name", 10, ""),
        ("tests", "wrong-form", 5, ""),
        (f"{T}, unless: {{rule: r, when: 'changed.path == []'}}}}", "unknown-fact", 69, "changed.paths"),
        (f"{T}, unless: {{rule: r, when: 'change.draft &&'}}}}", "condition-wrong", 0, ""),
        (f"{T}, unless: {{rule: r, when: changed.lines}}}}", "condition-wrong", 0, ""),
        (f"{T}, unless: {{rule: r, when: 'true'}}}}", "condition-constant", 68, ""),
        (f"{T}, unless: {{rule: r}}}}", "condition-missing", 0, ""),
        (f"{T}, title: {{en: x}}}}", "language-missing", 51, ""),
    ],
)
def test_one_mistake(line: str, code: str, column: int, hint: str) -> None:
    found = {one.code: one for one in wrong(f"{HEAD}need:\n  - {line}\n")}
    assert code in found, found.keys()
    problem = found[code]
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == ("c.yml", 5)
    assert not column or problem.where.column == column
    assert hint in str(problem.hint or "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-mapping"),
        ("- contract: a", "not-a-mapping"),
        ("contract: &a [x]\nowner: *a", "alias"),
        ("need: " + "[" * 40 + "]" * 40, "too-deep"),
        ("need: " + "[" * 100_000, "too-deep"),
        ("a: " + "x" * 300_000, "too-large"),
        ("contract: {", "not-yaml"),
        ("contract: \x00", "not-yaml"),
        (HEAD, "no-needs"),
        (HEAD + "need: []", "no-needs"),
        (HEAD + "need: tests", "no-needs"),
        ("contract: c\nowner: o\nneed: [{id: t, kind: test-report, of: commit}]", "occasion-missing"),
        (HEAD.replace("pipeline", "pipelin") + f"need: [{T}}}]", "unknown-word"),
        (HEAD + f"need: [{T}}}, {T}}}]", "id-twice"),
        (HEAD + f"need: [{T}}}]\nwindow: {{grace: 31d}}", "wrong-time"),
        (HEAD + f"need: [{T}}}]\nwindow: {{deadline: 0m}}", "wrong-time"),
        (HEAD + f"need: [{T}}}]\nwindow: 5m", "wrong-form"),
        (HEAD.replace("owner: bank\n", "") + f"need: [{T}}}]", "owner-missing"),
        (HEAD + "need:\n" + f"  - {T}}}\n" * 501, "too-many-needs"),
    ],
)
def test_a_text_that_is_no_contract(text: str, code: str) -> None:
    assert code in {one.code for one in wrong(text)}


def test_all_mistakes_are_told_in_the_order_of_the_text() -> None:
    text = WHOLE.replace("test-report", "test-reprt").replace("45m", "soon").replace("owner", "ownr")
    found = wrong(text)
    assert [one.code for one in found] == ["owner-missing", "unknown-key", "unknown-kind", "wrong-time"]
    assert [one.where.line for one in found if one.where] == [1, 3, 9, 23]


def test_a_deep_line_names_the_fact_at_its_column() -> None:
    text = (
        HEAD
        + 'need:\n  - id: t\n    kind: test-report\n    of: commit\n    unless: {rule: r, when: "true || chnged"}\n'
    )
    (problem,) = wrong(text)
    assert problem.where is not None
    assert (problem.where.line, problem.where.column) == (8, 38)


def test_the_facts_are_those_of_gates() -> None:
    text = HEAD + "need:\n  - {id: t, kind: test-report, of: commit, unless: {rule: r, when: changed.lines == 0}}\n"
    found = read_contract(text, REPOSITORY_FILE)
    assert not isinstance(found, Contract), "it is called change.lines there"
    assert isinstance(read_contract(text.replace("changed.lines", "change.lines"), REPOSITORY_FILE), Contract)
    assert "change.paths" in fact_types()


def test_a_condition_may_not_ask_what_its_own_contract_came_to() -> None:
    text = HEAD + "need:\n  - {id: t, kind: test-report, of: commit, unless: {rule: r, when: contract.missing == 0}}\n"
    (problem,) = read_contract(text)  # type: ignore[misc]
    assert problem.code == "unknown-fact"
