"""Built-in checks: at the limit, on either side of it, and with nothing to look at."""

from __future__ import annotations

import pytest
from tests.gates.policies import built, known, outcome, text

from plumbline.gates import built_in, documented, fact_types
from plumbline.gates.licence_expressions import satisfied
from plumbline.judging.expressions import fits
from plumbline.model.gate import Outcome

PASS, FAIL, NO_DATA, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.NO_DATA, Outcome.ERROR
TESTS = {"tests.executed": 10, "tests.failed": 0, "tests.errors": 0}
CALM = {f"findings.new.{one}": 0 for one in ("critical", "high", "medium", "low", "info", "unknown")}
SCANNED = {**CALM, "findings.scanned": ("sast", "secret"), "findings.secrets": 0}
INTERFACE = {"interface.declared": 4, "interface.tested": 4, "interface.undeclared": 0}
LOAD = {"load.p99_ms": 200.0, "load.samples": 1000, "load.errors_share": 0.0}
LICENCES = {"licences.names": ("MIT",), "licences.components": 1, "licences.unknown": 0}
REVIEW = {"change.authors": ("ada",), "change.reviewers": ("ben",), "change.other_reviewers": ("ben",)}
SBOM = {"sbom.artifacts": 2, "sbom.with_sbom": 2}
PROVENANCE = {"provenance.artifacts": 2, "provenance.with_provenance": 2}
DUE = {"contract.due": 3, "contract.open": 0, "contract.complete": True, "contract.missing_ids": ()}

CASES = [
    ("tests-passed", "", TESTS, PASS),
    ("tests-passed", "", {**TESTS, "tests.failed": 1}, FAIL),
    ("tests-passed", "", {**TESTS, "tests.errors": 1}, FAIL),
    ("tests-passed", "", {**TESTS, "tests.executed": 0}, NO_DATA),
    ("tests-passed", "", {**TESTS, "tests.executed": 0, "tests.errors": 1}, FAIL),
    ("tests-passed", "{at_least: 10}", TESTS, PASS),
    ("tests-passed", "{at_least: 11}", TESTS, FAIL),
    ("tests-passed", "{quarantined_may_fail: true}", {**TESTS, "tests.failed": 2, "tests.quarantined": 2}, PASS),
    ("tests-passed", "{quarantined_may_fail: true}", {**TESTS, "tests.failed": 3, "tests.quarantined": 2}, FAIL),
    ("tests-passed", "{quarantined_may_fail: true}", TESTS, NO_DATA),
    ("tests-passed", "{layer: unit}", {"tests.unit.executed": 1, "tests.unit.failed": 0, "tests.unit.errors": 0}, PASS),
    ("tests-passed", "{layer: unit}", {"tests.unit.executed": 1, "tests.unit.failed": 0, "tests.unit.errors": 1}, FAIL),
    ("tests-passed", "{layer: unit}", TESTS, NO_DATA),
    ("changed-line-coverage", "{at_least: 80}", {"coverage.changed": 80.0}, PASS),
    ("changed-line-coverage", "{at_least: 80}", {"coverage.changed": 79.999}, FAIL),
    ("changed-line-coverage", "{at_least: 80}", {"coverage.lines": 99.0}, NO_DATA),
    ("interface-tested", "", INTERFACE, PASS),
    ("interface-tested", "", {**INTERFACE, "interface.tested": 3}, FAIL),
    ("interface-tested", "{at_least: 75}", {**INTERFACE, "interface.tested": 3}, PASS),
    ("interface-tested", "", {**INTERFACE, "interface.declared": 0, "interface.tested": 0}, NO_DATA),
    ("interface-tested", "{undeclared: false}", {**INTERFACE, "interface.undeclared": 1}, FAIL),
    ("interface-tested", "", {**INTERFACE, "interface.undeclared": 1}, PASS),
    ("no-new-findings", "{kinds: [sast]}", SCANNED, PASS),
    ("no-new-findings", "{kinds: [sast]}", {**SCANNED, "findings.new.high": 1}, FAIL),
    ("no-new-findings", "{kinds: [sast]}", {**SCANNED, "findings.new.medium": 1}, PASS),
    ("no-new-findings", "{severity: critical, kinds: [sast]}", {**SCANNED, "findings.new.high": 1}, PASS),
    ("no-new-findings", "{kinds: [sast, dast]}", SCANNED, NO_DATA),
    ("no-new-findings", "{kinds: []}", {**SCANNED, "findings.scanned": ()}, NO_DATA),
    ("no-new-findings", "{kinds: [sast]}", {**SCANNED, "findings.new.unknown": 1}, NO_DATA),
    ("no-secrets", "", SCANNED, PASS),
    ("no-secrets", "", {**SCANNED, "findings.secrets": 1}, FAIL),
    ("no-secrets", "", {**SCANNED, "findings.scanned": ("sast",)}, NO_DATA),
    ("load", "{p99_ms: 200}", LOAD, PASS),
    ("load", "{p99_ms: 200}", {**LOAD, "load.p99_ms": 200.1}, FAIL),
    ("load", "{p99_ms: 200}", {**LOAD, "load.samples": 999}, NO_DATA),
    ("load", "{p99_ms: 200, samples: 0}", {**LOAD, "load.samples": 0}, NO_DATA),
    ("load", "{p99_ms: 200, errors_share: 1}", {**LOAD, "load.errors_share": 1.1}, FAIL),
    ("licences", "{allow: [mit]}", LICENCES, PASS),
    ("licences", "{allow: [Apache-2.0]}", LICENCES, FAIL),
    ("licences", "{deny: [GPL-3.0-only]}", LICENCES, PASS),
    ("licences", "{deny: [MIT]}", LICENCES, FAIL),
    ("licences", "{allow: [MIT]}", {**LICENCES, "licences.unknown": 1}, NO_DATA),
    ("licences", "{allow: [MIT]}", {"licences.names": (), "licences.components": 0, "licences.unknown": 0}, NO_DATA),
    ("licences", "{allow: [MIT]}", {**LICENCES, "licences.names": ("GPL-2.0-only OR MIT",)}, PASS),
    ("licences", "{allow: [MIT]}", {**LICENCES, "licences.names": ("GPL-2.0-only AND MIT",)}, FAIL),
    ("reviewed-by-another", "", REVIEW, PASS),
    ("reviewed-by-another", "", {**REVIEW, "change.reviewers": ("ada",), "change.other_reviewers": ()}, FAIL),
    ("reviewed-by-another", "", {**REVIEW, "change.reviewers": (), "change.other_reviewers": ()}, FAIL),
    ("reviewed-by-another", "", {**REVIEW, "change.reviewers": ("a.lovelace",), "change.other_reviewers": ()}, NO_DATA),
    ("reviewed-by-another", "", {**REVIEW, "change.authors": ()}, NO_DATA),
    ("reviewed-by-another", "{at_least: 2}", REVIEW, FAIL),
    ("reviewed-by-another", "{at_least: 2}", {**REVIEW, "change.other_reviewers": ("ben", "cleo")}, PASS),
    ("sbom-each", "", SBOM, PASS),
    ("sbom-each", "", {**SBOM, "sbom.with_sbom": 1}, FAIL),
    ("sbom-each", "", {"sbom.artifacts": 0, "sbom.with_sbom": 0}, NO_DATA),
    ("provenance-each", "", PROVENANCE, PASS),
    ("provenance-each", "", {**PROVENANCE, "provenance.with_provenance": 1}, FAIL),
    ("provenance-each", "", {"provenance.artifacts": 0, "provenance.with_provenance": 0}, NO_DATA),
    ("contract-complete", "", DUE, PASS),
    ("contract-complete", "", {**DUE, "contract.complete": False, "contract.missing_ids": ("sast",)}, FAIL),
    ("contract-complete", "", {**DUE, "contract.open": 1, "contract.missing_ids": ("sast",)}, NO_DATA),
    ("contract-complete", "", {**DUE, "contract.due": 0}, NO_DATA),
    ("contract-complete", "{at_least: 4}", DUE, NO_DATA),
    ("contract-complete", "", {**DUE, "contract.complete": False}, NO_DATA),
    ("tests-passed", "", {**TESTS, "tests.failed": "none"}, ERROR),
    ("tests-passed", "", {**TESTS, "tests.failed": 0.5}, ERROR),
    ("no-secrets", "", {**SCANNED, "findings.scanned": "secret"}, ERROR),
]


@pytest.mark.parametrize(("check", "given", "facts", "wanted"), CASES)
def test_a_check_finds_what_is_so(check, given, facts, wanted):
    assert outcome(text(built("one", check, given)), known(**facts)) is wanted


def test_every_check_is_tried_at_its_limit_and_with_nothing_to_look_at():
    tried = {name: {wanted for check, _, _, wanted in CASES if check == name} for name in built_in()}
    assert {name for name, found in tried.items() if not found >= {PASS, FAIL, NO_DATA}} == set()


@pytest.mark.parametrize("check", sorted(built_in()))
def test_what_a_check_needs_is_documented_and_without_any_one_of_it_there_is_no_data(check):
    good = {
        (given, *sorted(facts)): (given, facts)
        for name, given, facts, wanted in CASES
        if name == check and wanted is PASS
    }
    for given, facts in good.values():
        source = text(built("one", check, given))
        for name in facts:
            assert fits(facts[name], fact_types()[name]), name
            lacking = {other: value for other, value in facts.items() if other != name}
            found = outcome(source, known(**lacking))
            assert found is (NO_DATA if name in _needs(check, given) else PASS), name
            assert outcome(source, known(**{**facts, name: None})) is found


def _needs(check, given):
    from tests.gates.policies import policy

    return policy(text(built("one", check, given))).checks[0].needs


@pytest.mark.parametrize("check", sorted(built_in()))
def test_what_a_check_says_of_itself_is_whole_in_both_languages(check):
    part = built_in()[check]
    assert part.remedy.en.strip()
    assert part.remedy.zh.strip()
    assert str(part.about).endswith(".")
    assert all(str(one.about) for one in part.parameters)
    assert part.version >= 1


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True),
        ("mit", True),
        ("GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", True),
        ("MIT AND (GPL-2.0-only OR LGPL-2.1-only)", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("GPL-2.0-only WITH Bison-exception-2.2", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("The MIT License", False),
        ("Weird Words In Brackets (MIT)", False),
        ("MIT OR", False),
        ("(MIT", False),
        ("MIT)", False),
        ("", False),
        ("(" * 200 + "MIT" + ")" * 200, False),
        ("MIT AND", False),
    ],
)
def test_licence_expressions(expression, good):
    listed = {"mit", "apache-2.0", "gpl-2.0-only with classpath-exception-2.0"}
    assert satisfied(expression, lambda one: one.casefold() in listed) is good


def test_documented_facts_are_enough_for_every_check():
    assert {name for check, given, _, _ in CASES for name in _needs(check, given)} <= set(documented())
