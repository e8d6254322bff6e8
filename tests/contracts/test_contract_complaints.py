"""What users of other products complained about, where it concerns what is due: one test for each thread."""

from __future__ import annotations

import time

import msgspec
from bench.contracts import SLOTS, SUBJECTS, contract
from bench.contracts import evidence as many
from tests.contracts.told import (
    DEADLINE,
    HEAD,
    ONE,
    OTHER_SHA,
    RUN,
    SHA,
    TWO,
    due_of,
    entry,
    evidence,
    fold,
    needs,
    pieces,
    placed,
    wrong,
)

from plumbline.contracts import Known, complete, dead_lines, kinds, slots, weakened
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.model.contract import SlotState, Subjects

SAST = "{id: sast, kind: scan.sast, of: commit}"
TESTS = "{id: tests, kind: test-report, of: commit}"


def test_2334_2337_1704_what_never_ran_is_missing_and_is_listed() -> None:
    found = fold(due_of(needs(SAST, TESTS)), [evidence()])
    assert {one.need: one.state for one in found} == {"sast": SlotState.MISSING, "tests": SlotState.FILLED}
    assert not complete(found)


def test_2557_a_line_cannot_be_skipped_by_a_name_or_by_an_unknown_one() -> None:
    assert [one.code for one in wrong(HEAD + f"skip: [sast]\nneed: [{SAST}]")] == ["unknown-key"]
    line = due_of(needs(SAST))
    assert fold(line, [], waived={"sats": "w"})[0].state is SlotState.MISSING


def test_2790_requirements_stand_with_the_line_and_stay_where_it_is_tightened() -> None:
    above = needs("{id: tests, kind: test-report, of: commit, maps: [ssdf/PW.8]}")
    below = needs("{id: tests, kind: test-report, of: commit, min: {cases: 5}, maps: [osps/QA-06]}")
    (line,) = due_of(placed(above, "bank"), placed(below, "bank/core")).needs
    assert line.need.maps == ("ssdf/PW.8", "osps/QA-06")


def test_1448_1111_what_was_due_is_pinned_by_digest_and_version() -> None:
    one, two = (due_of(placed(needs(TESTS), version=version)) for version in (1, 2))
    assert (one.needs[0].version, two.needs[0].version) == (1, 2)
    assert one.digest != two.digest


def test_973_2908_parallel_deliveries_lose_nothing() -> None:
    came = [evidence(event=f"e{number}", seq=number + 1, digest="") for number in range(30)]
    line = due_of(needs(TESTS))
    every = fold(line, came)
    assert len(every[0].evidence) == 30
    for cut in range(30):
        assert fold(line, [*came[cut:], *came[:cut]]) == every


def test_1731_adding_twice_doubles_nothing() -> None:
    came = [evidence(event=f"e{number}", digest=ONE) for number in range(3)]
    assert fold(due_of(needs(TESTS)), came)[0].evidence == ("e0",)


def test_twice_with_other_bytes_are_two_pieces_and_both_are_shown() -> None:
    came = [evidence(event="a", digest=ONE), evidence(event="b", digest=TWO, problem="malformed")]
    assert fold(due_of(needs(TESTS)), came)[0].evidence == ("a", "b")


def test_2630_2624_a_collection_that_ends_badly_keeps_what_came() -> None:
    found = fold(due_of(needs(SAST, TESTS)), [evidence(event="kept")], closed=True, at=200)
    assert found[1].evidence == ("kept",)


def test_2805_3174_what_comes_for_a_closed_collection_is_late_and_completes_nothing() -> None:
    line = due_of(needs(TESTS))
    found = fold(line, [evidence(received=201)], closed=True, at=200)
    assert found[0].state is SlotState.FILLED_LATE
    assert not complete(found)


def test_2514_479_934_what_cannot_be_read_says_why() -> None:
    content = own.ReportAdded(kind="cyclonedx", digest=ONE, person="ann", commit=SHA, problem="malformed")
    line = due_of(needs("{id: s, kind: sbom.cyclonedx, of: artifact, made_by: person}"))
    (slot,) = fold(line, pieces(entry(content, "bank/reports/1")))
    assert slot.state is not SlotState.FILLED
    (piece,) = pieces(entry(content, "bank/reports/1"))
    assert (piece.kind, piece.problem) == ("sbom.cyclonedx", "malformed")


def test_3128_1635_1608_many_entries_are_folded_at_once() -> None:
    """By far less than the time that people notice, whatever else the machine does: the figure is in bench."""
    what, told = contract(), many()
    began = time.process_time()
    found = slots(what, SUBJECTS, told, closed=True, at=10, deadline=10, conditions={}, waived={})
    assert time.process_time() - began < 2
    assert len(found) == SLOTS


def test_fdc3_sail_343_green_runs_in_which_nothing_was_looked_at_fill_nothing() -> None:
    content = own.ScanFinished(kind="sast", tool="scanner", outcome="success", findings=own.Counts(), commit=SHA)
    (slot,) = fold(due_of(needs(SAST)), pieces(entry(content, f"{RUN}/12/scans/1")))
    assert (slot.state, slot.why) == (SlotState.UNREADABLE, "no-rules")


def test_pvtr_380_unknown_is_neither_no_nor_yes() -> None:
    line = due_of(needs("{id: t, kind: test-report, of: commit, unless: {rule: r, when: change.draft}}"))
    assert [(one.state, one.why) for one in fold(line, [])] == [(SlotState.MISSING, "condition-unknown")]


def test_complyctl_609_nothing_due_is_not_complete() -> None:
    assert not complete(())


def test_attestation_552_a_pass_without_what_ran_is_no_evidence() -> None:
    (slot,) = fold(due_of(needs(TESTS)), [evidence(counts={"cases": 0, "executed": 0})])
    assert slot.state is SlotState.UNREADABLE


def test_conforma_1554_a_selector_with_a_typo_is_named() -> None:
    head = HEAD.replace("pipeline}", "pipeline, branches: [mian]}")
    found = dead_lines(needs(SAST, head=head), Known(branches=("main",)))
    assert [one.code for one in found] == ["no-branch"]


def test_demo_a_presence_check_on_a_kind_that_never_comes_is_named() -> None:
    found = dead_lines(needs("{id: s, kind: scan.secret, of: commit}"), Known(reports=("junit",), told=()))
    assert [(one.need, one.code) for one in found] == [("s", "no-report")]


def test_an_empty_list_is_no_clean_scan_of_any_kind() -> None:
    for name in kinds():
        if not name.startswith("scan."):
            continue
        content = own.ScanFinished(
            kind=name.removeprefix("scan."), tool="t", outcome="success", findings=own.Counts(), commit=SHA,  # type: ignore[arg-type]
            tool_version="1",
        )  # fmt: skip
        (slot,) = fold(due_of(needs(f"{{id: s, kind: {name}, of: commit}}")), pieces(entry(content, "x")))
        assert (slot.state, slot.why) == (SlotState.UNREADABLE, "no-scope")


def test_538898_a_verdict_belongs_to_a_revision_and_not_to_a_clock() -> None:
    line = due_of(needs("{id: a, kind: change.approved, of: change, made_by: forge}"))
    given = evidence("change.approved", about=[("change", "7"), ("commit", SHA)], word="forge:gitlab", time=1)
    assert fold(line, [given], at=DEADLINE)[0].state is SlotState.FILLED
    moved = Subjects(commit=OTHER_SHA, change="7", run=RUN)
    assert fold(line, [given], moved)[0].why == "other-revision"


def test_a_changed_client_completes_no_contract() -> None:
    """Whatever it says of itself: outcome, verdict, completeness."""
    body = msgspec.json.encode({
        "context": {"specversion": "0.5.1", "id": "x", "source": "https://evil.example",
                    "type": "dev.cdevents.testsuiterun.finished.0.3.0", "timestamp": "2026-01-01T00:00:00Z"},
        "subject": {"id": f"{RUN}/12/tests/1", "content": {"outcome": "success", "verdict": "pass", "complete": True}},
        "customData": {"commit": SHA, "total": 500, "failed": 0, "skipped": 0, "errors": 0, "word": "own"},
    })  # fmt: skip
    known = entry(own.ReportAdded(kind="x", digest=ONE), "x", source="https://evil.example", by="evil")
    forged = msgspec.structs.replace(known, type="dev.cdevents.testsuiterun.finished.0.3.0", body=body)
    (slot,) = fold(due_of(needs(TESTS)), pieces(forged))
    assert (slot.state, slot.why) == (SlotState.REFUSED_ORIGIN, "word:source:evil")


def test_a_repository_takes_nothing_away() -> None:
    bank, own_file = needs(SAST, TESTS), needs("{id: extra, kind: coverage, of: commit}")
    found = due_of(placed(bank, "bank"), placed(own_file, "bank/core", by_repository=True))
    assert [one.need.id for one in found.needs] == ["sast", "tests", "extra"]
    assert weakened([bank], own_file) == ()
