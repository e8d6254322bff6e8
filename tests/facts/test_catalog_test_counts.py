"""Runs of which this server counted every case and named a few: the counts decide, and the sample does not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.facts.events import Records, ago, commit

from plumbline.evidence.vocabulary import Reference, cdevents_delivery
from plumbline.evidence.vocabulary.facts import TestFacts, TestTypes
from plumbline.judging.judge import find
from plumbline.judging.signal import Defaults, Signal, Threshold
from plumbline.model.assessment import Judgement
from plumbline.model.fact import UNNAMED, Lack

CODE, INTERFACE = "code-level-cases-among-automated-cases", "interface-cases-among-automated-cases"
BOTH, LINKED = "cases-with-both-results-on-one-revision", "cases-linked-to-a-work-item"
TIED, FALSE = "results-tied-to-case-work-item-and-revision", "failures-later-judged-false"
USER, AUTOMATIC = "user-level-cases-marked-automated-and-run", "user-level-cases-run-automatically"
KINDS = "of-the-seven-kinds-kinds-with-a-run-in-the-window"


@pytest.fixture
def records() -> Records:
    return Records()


def run(records: Records, name: str, days: float, suite: str = "core/unit", **counts: Any) -> None:
    """A run of 1,000 unit, 300 integration and 20 end-to-end cases, four of which have an entry."""
    counts = {"types": TestTypes(unit=1000, integration=300, e2e=20), "total": 1320, "named": 4, **counts}
    place, trigger = Reference(id="ci"), cdevents_delivery.TestTrigger(type="pipeline")
    records.tell(cdevents_delivery.TestSuiteRunStarted(environment=place, trigger=trigger), name, ago(days))
    records.suite(name, ago(days), suite=suite, **counts)
    for case, kind in (("a", "unit"), ("b", "integration"), ("c", "integration"), ("d", "e2e")):
        case_begun = cdevents_delivery.TestCaseRunStarted(environment=place, trigger=trigger)
        records.tell(case_begun, f"{name}/{case}", ago(days))
        records.case(f"{name}/{case}", case, ago(days), suite=name, kind=kind)


def test_all_cases_of_the_newest_run_count_by_their_layer(records: Records) -> None:
    run(records, "r1", 3)
    run(records, "r2", 2, types=TestTypes(unit=1000, integration=400, e2e=20, unknown=80), total=1500)
    assert records.share(CODE, None) == (1000, 1420)
    assert records.share(INTERFACE, None) == (400, 1420)
    assert records.fact("layers-with-executed-cases").value == 3
    assert records.fact(USER).value == 20
    assert records.share(AUTOMATIC, None) == (20, 20)
    assert records.fact("interface-cases-in-the-case-base", None).value == 400


def test_a_run_without_a_verdict_takes_no_other_aside(records: Records) -> None:
    run(records, "r1", 3)
    records.suite("r2", ago(2), suite="core/unit", total=1320, named=0, types=TestTypes())
    assert records.share(CODE, None) == (1000, 1320)


def test_what_others_tell_is_told_of_each_case(records: Records) -> None:
    run(records, "r1", 3)
    for number in range(3):
        records.case(f"x{number}", f"tool/{number}", ago(1), kind="unit")
    assert records.share(CODE, None) == (1003, 1323)
    content = cdevents_delivery.TestSuiteRunFinished(outcome="success", environment=Reference(id="ci"))
    counts = TestFacts(types=TestTypes(e2e=100_000))
    records.tell(content, "claim", ago(1), counts, source="https://tool.example")
    assert records.share(CODE, None) == (1003, 1323)


def test_a_case_with_an_entry_is_no_sample_of_those_without(records: Records) -> None:
    run(records, "r1", 3, commit="a")
    records.case("again", "a", ago(2.9), "failure", suite="r1", kind="unit")
    assert records.share(BOTH) == (1, 1320)
    records.ticket("T-1", ago(20))
    records.link("a", "T-1", ago(10))
    linked = records.fact(LINKED, None)
    assert (linked.numerator, linked.denominator, linked.excluded) == (1, 4, {UNNAMED: 1316})
    tied = records.fact(TIED)
    assert (tied.numerator, tied.denominator, tied.excluded) == (2, 5, {UNNAMED: 1315})


def test_where_not_all_failures_have_an_entry_nobody_can_tell(records: Records) -> None:
    run(records, "r1", 3, commit="a", failed=900, named=4)
    found = records.fact(BOTH)
    assert (found.numerator, found.denominator, found.excluded) == (0, 4, {UNNAMED: 1316})
    assert records.fact(FALSE).lack is Lack.UNDECIDED


def test_where_all_cases_have_an_entry_nothing_is_left(records: Records) -> None:
    run(records, "r1", 3, commit="a", types=TestTypes(unit=1, integration=2, e2e=1), total=4)
    records.ticket("T-1", ago(20))
    records.link("a", "T-1", ago(10))
    assert records.share(LINKED, None) == (1, 4)
    assert records.fact(LINKED, None).excluded == {}


def test_a_case_that_an_item_may_be_tied_to_leaves_it_open(records: Records) -> None:
    run(records, "r1", 3, commit="a")
    for item, target in (("T-1", "a"), ("T-2", "a case without an entry")):
        records.ticket(item, ago(20))
        records.link(item, target, ago(19))
    records.commits(commit("a", ago(5), work_items=("T-1",)), commit("b", ago(5), work_items=("T-2",)))
    found = records.fact("work-items-with-linked-cases-before-the-first-code-commit")
    assert (found.numerator, found.denominator, found.excluded) == (1, 1, {UNNAMED: 1})


def judged(records: Records, name: str, limit: float, probe: str, unit: str) -> Judgement:
    at = Threshold(op=">=", value=limit, unit=unit)
    return find(
        Signal(fact=name, probe=probe, title={"en": "x", "zh": "x"}, at=at), records.fact(name), Defaults(min_sample=1)
    ).outcome


def test_a_judge_asks_whether_those_without_an_entry_could_decide_it(records: Records) -> None:
    run(records, "r1", 3, commit="a")
    records.case("r1/s", "security of the door", ago(3), suite="r1", kind="security")
    records.ticket("T-1", ago(20))
    assert judged(records, LINKED, 50, "share", "%") is Judgement.UNKNOWN
    assert judged(records, KINDS, 1, "count", "count") is Judgement.MET
    assert judged(records, KINDS, 7, "count", "count") is Judgement.UNKNOWN
