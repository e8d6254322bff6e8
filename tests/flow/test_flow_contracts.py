"""Contracts are kept in versions, only ever tightened below, and read from the repository of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from collection_world import GRACE, SAST, UNIT, Due, contract, unit_of
from report_world import tools
from tests.adapters.local_repositories import commit

from plumbline.flow.contracts.add import add_evidence
from plumbline.flow.contracts.explain import explain_slot
from plumbline.flow.contracts.listing import contract_versions, list_contracts
from plumbline.flow.contracts.opening import Opener
from plumbline.flow.contracts.save import check_contract, retire_contract
from plumbline.flow.pipelines.occasions import RepositoryContract, read_contract_of
from plumbline.flow.reports.add_report import Brought
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event
from plumbline.model.gate import FactValue, Waiver
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = ".plumbline/contract.yml"
JUNIT = b'<testsuite name="t"><testcase classname="a" name="b" time="0.1"/></testsuite>'


@pytest.fixture
def due(tmp_path: Path) -> Iterator[Due]:
    made = Due(tmp_path)
    yield made
    made.close()


def bank(due: Due) -> int:
    with due.store.view() as tx:
        found = tx.tree.at("bank")
    assert found is not None
    return found.id


def test_versions_are_kept_and_each_is_an_event(due: Due) -> None:
    due.save(UNIT)
    kept = due.save(UNIT, SAST)
    assert kept.kept.version == 2
    with pytest.raises(PlumblineError) as error:
        due.save(UNIT, SAST)
    assert error.value.code == "contract-unchanged"
    retire_contract(due.ada, due.contracts, due.project, "payments", "replaced")
    assert list_contracts(due.ada, due.contracts, due.project) == []
    assert due.save(UNIT).kept.version == 3
    versions = contract_versions(due.ada, due.contracts, due.project, "payments")
    assert [(one.version, bool(one.retired)) for one in versions] == [(3, False), (2, True), (1, False)]
    assert [entry.type.rpartition("-")[2] for entry in due.events("ruleSet")] == [
        "ruleSet.saved.0.1.0", "ruleSet.saved.0.1.0", "ruleSet.retired.0.1.0", "ruleSet.saved.0.1.0",
    ]  # fmt: skip


def test_a_wrong_text_is_refused_with_its_line_and_never_saved(due: Due) -> None:
    text = contract(UNIT.replace("kind: test-report", "kind: test-reprot"))
    checked = check_contract(due.ada, due.contracts, due.project, text)
    assert [one.where.line for one in checked.problems if one.where] == [6]
    with pytest.raises(PlumblineError) as error:
        due.save(UNIT.replace("kind: test-report", "kind: test-reprot"))
    assert error.value.code == "contract-wrong"
    assert "6:" in str(error.value.message)
    assert list_contracts(due.ada, due.contracts, due.project) == []


def test_below_a_contract_may_be_tightened_and_never_weakened(due: Due) -> None:
    due.save(UNIT.replace("cases: 1", "cases: 10"), node=bank(due))
    with pytest.raises(PlumblineError) as error:
        due.save(UNIT)
    assert error.value.code == "contract-weaker"
    due.save(UNIT.replace("cases: 1", "cases: 20"))
    pipeline = due.ran(unit_of(**{f"a{at}": "p" for at in range(15)}))
    due.turn(GRACE)
    assert due.slots(pipeline) == {"unit": "unreadable"}


def test_who_may_not_write_contracts_is_refused(due: Due) -> None:
    viewer = due.actor("vera", Role.VIEWER, due.project)
    with pytest.raises(PlumblineError) as error:
        retire_contract(viewer, due.contracts, due.project, "payments", "x")
    assert error.value.code == "not-allowed"


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        (contract(SAST, name="ours"), {"unit": "filled", "sast": "missing"}),
        ("contract: [", {"unit": "filled", FILE: "unreadable"}),
        (contract(SAST.replace("scan.sast", "scan.sats"), name="ours"), {"unit": "filled", FILE: "unreadable"}),
        ("x" * 70_000, {"unit": "filled", FILE: "unreadable"}),
    ],
)
def test_the_repository_adds_and_a_broken_file_is_never_skipped(
    tmp_path: Path, text: str, slots: dict[str, str]
) -> None:
    due = Due(tmp_path, files={FILE: text})
    due.save(UNIT)
    pipeline = due.ran(unit_of(a="p"))
    due.turn(GRACE)
    seen = due.seen(pipeline)
    assert due.slots(pipeline) == slots
    assert not seen.complete
    assert bool(seen.collection.broken) is (FILE in slots)
    due.close()


def test_a_broken_file_alone_is_due_where_no_other_contract_holds(tmp_path: Path) -> None:
    due = Due(tmp_path, files={FILE: "contract: ["})
    pipeline = due.ran(unit_of(a="p"))
    assert due.slots(pipeline) == {FILE: "unreadable"}
    assert due.seen(pipeline).problems
    due.close()


def test_a_file_that_is_no_text_or_cannot_be_had_is_a_fault_with_a_name(due: Due) -> None:
    class Files:
        def __init__(self, data: bytes | None) -> None:
            self.data = data

        def files_at(self, _change: object) -> object:
            return self

        def read(self, _path: str) -> bytes | None:
            return self.data

    def found(data: bytes | None) -> RepositoryContract:
        return read_contract_of(Files(data), None)  # type: ignore[arg-type]

    assert found(None) == RepositoryContract()
    assert found(b"\xff\xfe") == RepositoryContract(fault="not-utf8")
    assert found(b"x" * 70_000) == RepositoryContract(fault="too-large")
    assert isinstance(due.server.occasions, Opener)


def waiver(due: Due, **fields: object) -> Waiver:
    with due.store.change() as tx:
        for name in ("bo", "eva"):
            if tx.people.named(name) is None:
                person = tx.people.add(Person(id=0, name=name, created=1))
                tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.ADMIN))
        at = due.clock()
        made = Waiver(uid="w1", node=due.project, path="bank/core", rule_set="payments", line="sast", of_contract=True,
                      reason="the scanner is down", asked_by="bo", asked=at, agreed_by="eva", agreed=at,
                      ends=at + 86_400_000_000)  # fmt: skip
        for name, value in fields.items():
            made = type(made)(**{**{each: getattr(made, each) for each in made.__struct_fields__}, name: value})
        return tx.waivers.add(made)


def test_two_persons_waive_a_line_and_one_who_left_does_not(due: Due) -> None:
    due.save(UNIT, SAST)
    waiver(due)
    pipeline = due.ran(unit_of(a="p"))
    assert due.slots(pipeline) == {"unit": "filled", "sast": "waived"}
    with due.store.change() as tx:
        eva = tx.people.named("eva")
        assert eva is not None
        tx.people.save(Person(**{**{one: getattr(eva, one) for one in eva.__struct_fields__}, "active": False}))
    due.turn(GRACE)
    assert due.slots(pipeline) == {"unit": "filled", "sast": "missing"}


def test_a_waiver_for_a_line_is_none_for_a_contract_of_that_name(tmp_path: Path) -> None:
    due = Due(tmp_path, files={FILE: "contract: ["})
    due.save(UNIT, SAST)
    waiver(due)
    pipeline = due.ran(unit_of(a="p"))
    with due.store.change() as tx:
        [held] = tx.collections.of_pipeline(pipeline)
        broken = tuple(msgspec.structs.replace(one, contract="sast") for one in held.broken)
        tx.collections.put(msgspec.structs.replace(held, broken=broken), expected_closed=0)
    states = [(one.need, one.state.value) for one in due.seen(pipeline).slots]
    assert states == [("unit", "filled"), ("sast", "waived"), ("sast", "unreadable")]
    due.close()


@pytest.mark.parametrize(
    "fields", [{"agreed_by": "bo"}, {"agreed_by": "", "agreed": 0}, {"of_contract": False}, {"rule_set": "other"},
               {"commit": "f" * 40}, {"path": "bank/elsewhere"}]
)  # fmt: skip
def test_what_is_no_waiver_of_two_persons_for_this_waives_nothing(due: Due, fields: dict[str, object]) -> None:
    due.save(SAST)
    waiver(due, **fields)
    assert due.slots(due.ran()) == {"sast": "open"}


@pytest.mark.parametrize(("value", "state"), [(True, "not_applicable"), (False, "missing"), (None, "missing")])
def test_a_condition_is_asked_at_closing_and_kept_with_its_facts(
    tmp_path: Path,
    value: bool | None,
    state: str,  # noqa: FBT001
) -> None:
    from dataclasses import replace

    due = Due(tmp_path)
    fact = FactValue(value=value) if value is not None else FactValue(lack="no-source")
    due.contracts = replace(due.contracts, facts_for=lambda _tx, _collection, names: dict.fromkeys(names, fact))
    due.save(SAST[:-1] + ", unless: {rule: {en: docs only, zh: 仅文档}, when: 'change.reviewed_by_other'}}")
    pipeline = due.ran()
    due.turn(GRACE)
    seen = due.seen(pipeline)
    assert due.slots(pipeline) == {"sast": state}
    [condition] = seen.collection.conditions
    assert (condition.when, condition.result) == ("change.reviewed_by_other", value)
    due.close()


def test_a_slot_says_what_would_fill_it_and_why_what_came_does_not(due: Due) -> None:
    due.save(UNIT, SAST)
    pipeline = due.ran()
    uid = due.seen(pipeline).collection.uid
    brought = Brought(kind="junit", name="a.xml", data=JUNIT, pipeline=pipeline)
    with pytest.raises(PlumblineError) as error:
        add_evidence(due.ada, tools(due), due.contracts, brought, "nothing")
    assert error.value.code == "not-found"
    with pytest.raises(PlumblineError) as error:
        add_evidence(due.ada, tools(due), due.contracts, brought, "sast")
    assert error.value.code == "slot-kind"
    added = add_evidence(due.ada, tools(due), due.contracts, brought, "unit")
    assert [(one.need, one.state.value) for one in added.slots] == [("unit", "refused_origin")]
    found = explain_slot(due.ada, due.contracts, uid, "unit")
    assert "testsuiterun.finished" in found.told_by
    assert found.until == due.seen(pipeline).collection.closes
    assert [(one.alone.state.value if one.alone else "", one.late) for one in found.came] == [("refused_origin", False)]
    due.turn(GRACE)
    with pytest.raises(PlumblineError) as error:
        add_evidence(due.ada, tools(due), due.contracts, brought, "unit")
    assert error.value.code == "collection-closed"
    assert add_evidence(due.ada, tools(due), due.contracts, brought).late


def test_what_is_about_another_commit_did_not_come_for_this_slot(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.ran(unit_of(a="p"))
    commit(due.home, {"a.py": "a = 1"})
    due.ran(unit_of(a="p", b="p"))
    found = explain_slot(due.ada, due.contracts, due.seen(pipeline).collection.uid, "unit")
    assert [one.alone.state.value for one in found.came if one.alone] == ["filled"]


def test_a_line_is_not_dead_because_the_newest_pipeline_had_other_jobs(tmp_path: Path) -> None:
    jobs = """
test: {script: [make], artifacts: {reports: {junit: a.xml}}, rules: [{if: $CI_PIPELINE_SOURCE == "push"}]}
nightly: {script: [make], rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}]}
"""
    due = Due(tmp_path, files={".gitlab-ci.yml": jobs})
    due.start(due.project)
    due.start(due.project, event=Event.SCHEDULE)
    found = check_contract(due.ada, due.contracts, due.project, contract(UNIT, SAST))
    assert [one.need for one in found.dead] == ["sast"]
    due.close()


def test_what_others_filled_is_not_said_to_be_filled_by_what_is_added(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.ran(unit_of(a="p"))
    brought = Brought(kind="junit", name="a.xml", data=JUNIT, pipeline=pipeline)
    added = add_evidence(due.ada, tools(due), due.contracts, brought)
    assert due.slots(pipeline) == {"unit": "filled"}
    assert [(one.need, one.state.value) for one in added.slots] == [("unit", "refused_origin")]


def test_a_waiver_counts_each_collection_that_was_closed_by_it(due: Due) -> None:
    due.save(UNIT, SAST)
    made = waiver(due)
    for _ in range(2):
        due.ran(unit_of(a="p"))
    due.turn(GRACE)
    due.turn()
    with due.store.view() as tx:
        found = tx.waivers.get(made.id)
    assert found is not None
    assert found.used == 2
