"""What is shipped to begin from: it can be read, says each line in both languages, and maps it to the model."""

from __future__ import annotations

import pytest
from tests.gates.policies import AT, known, policy, standing

from plumbline.adapters.packs import load_pack, shipped
from plumbline.contracts import read_contract
from plumbline.gates import CLASSES, evaluate, starters
from plumbline.gates import asked as selected_by
from plumbline.model.contract import Contract, Subjects
from plumbline.model.gate import FactValue, GateAct, Outcome

POLICIES = sorted(name for name in starters() if name.startswith("policy-"))
GOOD = known(**{
    "contract.due": 9, "contract.open": 0, "contract.complete": True, "contract.missing_ids": (),
    "tests.executed": 10, "tests.failed": 0, "tests.errors": 0,
    **{f"findings.new.{one}": 0 for one in ("critical", "high", "medium", "low", "info", "unknown")},
    "findings.scanned": ("sast", "dependency", "secret", "container"), "findings.secrets": 0,
    "licences.names": ("MIT", "Apache-2.0 OR GPL-2.0-only"), "licences.components": 2, "licences.unknown": 0,
    "coverage.changed": 80.0, "interface.declared": 3, "interface.tested": 3,
    "change.authors": ("ada",), "change.reviewers": ("ben", "cleo"),
    "change.other_reviewers": ("ben", "cleo"), "change.target": "main",
    "load.p99_ms": 200.0, "load.samples": 1000, "sbom.artifacts": 2, "sbom.with_sbom": 2,
    "provenance.artifacts": 2, "provenance.with_provenance": 2,
})  # fmt: skip
RED_LINES = {
    "findings.new.high": FactValue(value=1), "coverage.changed": FactValue(value=79.9),
    "interface.tested": FactValue(value=2), "load.p99_ms": FactValue(value=200.5), "load.samples": FactValue(value=999),
    "findings.secrets": FactValue(value=1), "licences.names": FactValue(value=("GPL-3.0-only",)),
    "change.other_reviewers": FactValue(value=()), "sbom.with_sbom": FactValue(value=1),
    "contract.missing_ids": FactValue(value=("sast",)), "provenance.with_provenance": FactValue(value=1),
    "tests.failed": FactValue(value=1),
}  # fmt: skip


def judged(name, facts):
    act = GateAct.MERGE if "merge" in name else GateAct.PIPELINE
    facts = facts | known(system__class=name[-1].upper())
    asked = selected_by(act, Subjects(ref="refs/heads/main"), facts)
    return evaluate([standing(starters()[name], name)], facts, at=AT, asked=asked)


def test_there_is_a_policy_and_a_contract_for_merges_and_builds_of_each_class():
    kinds = {f"{kind}-{act}-{one}" for kind in ("policy", "contract") for act in ("merge", "build") for one in "abc"}
    assert set(starters()) == kinds
    assert {"A", "B", "C"} <= set(CLASSES)


@pytest.mark.parametrize("name", POLICIES)
def test_what_is_good_passes_and_each_red_line_holds(name):
    assert judged(name, GOOD).outcome is Outcome.PASS
    wanted = policy(starters()[name]).wanted
    crossed = {fact: judged(name, GOOD | {fact: value}).outcome for fact, value in RED_LINES.items() if fact in wanted}
    assert not {fact for fact, found in crossed.items() if found is Outcome.PASS}
    assert len(crossed) >= 6
    for fact in wanted:
        if fact != "system.class":
            assert judged(name, {one: value for one, value in GOOD.items() if one != fact}).outcome is Outcome.NO_DATA


def test_the_red_lines_of_the_most_critical_systems_are_all_there():
    wanted = {fact for name in ("policy-merge-a", "policy-build-a") for fact in policy(starters()[name]).wanted}
    assert set(RED_LINES) <= wanted


@pytest.mark.parametrize("name", POLICIES)
def test_each_line_is_mapped_to_an_item_of_a_model_that_is_shipped(name):
    items = {
        f"{pack}/{item.id}"
        for pack in shipped()
        for group in load_pack(pack).pack.groups
        for item in group.every_item()
    }
    for check in policy(starters()[name]).checks:
        assert check.maps
        assert set(check.maps) <= items, check.id


@pytest.mark.parametrize("name", sorted(name for name in starters() if name.startswith("contract-")))
def test_each_contract_can_be_read_and_is_mapped(name):
    found = read_contract(starters()[name], name)
    assert isinstance(found, Contract), [str(one) for one in found]
    assert found.name == name.removeprefix("contract-")
    assert all(need.maps for need in found.needs)
