"""The shelf of facts: names that can stand beside each other, each with what it counts."""

from __future__ import annotations

import re

import pytest

from plumbline.contracts import kinds
from plumbline.gates import documented, fact_types, read_facts
from plumbline.judging.expressions import ValueType
from plumbline.model.gate import FactValue


def test_names_are_dotted_and_none_is_the_beginning_of_another():
    names = set(documented())
    assert len(names) >= 80
    assert all(re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", name) for name in names)
    assert not [name for name in names for other in names if other.startswith(f"{name}.")]


def test_every_fact_says_what_it_counts_and_numbers_say_in_what():
    for fact in documented().values():
        assert str(fact.how).endswith("."), fact.name
        assert bool(fact.unit) == (fact.type in (ValueType.COUNT, ValueType.NUMBER)), f"{fact.name}: {fact.unit}"


def test_facts_are_written_dotted_or_nested_and_with_what_they_rest_on():
    found = read_facts(
        "tests: {executed: 3, unit: {executed: 2}}\ncoverage.lines: 80.5\nchange: {paths: [a, b], lines: null}\n"
        "pipeline.protected: {value: true, events: [e1]}\n"
    )
    assert found == {
        "tests.executed": FactValue(value=3),
        "tests.unit.executed": FactValue(value=2),
        "coverage.lines": FactValue(value=80.5),
        "change.paths": FactValue(value=("a", "b")),
        "change.lines": FactValue(lack="no_source"),
        "pipeline.protected": FactValue(value=True, events=("e1",)),
    }


def test_facts_that_nobody_documents_or_of_another_type_are_told_with_their_place():
    found = read_facts("tests:\n  fialed: 1\n  errors: none\n", "f.yml")
    assert isinstance(found, tuple)
    assert [(one.code, str(one.where)) for one in found] == [("unknown-fact", "f.yml:2"), ("wrong-fact", "f.yml:3")]
    assert "tests.failed" in str(found[0].hint)
    assert fact_types()["tests.errors"] is ValueType.COUNT


def test_the_kinds_of_evidence_that_facts_are_read_from_are_on_their_shelf():
    assert {kind for fact in documented().values() for kind in fact.wants} <= set(kinds())


@pytest.mark.parametrize(
    ("value", "told"), [("0", False), ("{measured: {name: gate-evaluations-waived, value: 0}}", True)]
)
def test_a_fact_of_the_grade_is_told_as_it_was_measured(value: str, told: bool) -> None:  # noqa: FBT001
    key = "gate-evaluations-waived/90"
    found = read_facts(f"{key}: {value}", "facts.yml", (key,))
    assert isinstance(found, dict) is told
    if not isinstance(found, dict):
        assert "as it was measured" in str(found[0].message)
