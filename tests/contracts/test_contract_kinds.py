"""Which entries are evidence of which kind, about what, and by whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec import UNSET
from tests.contracts.told import (
    FORGE,
    ONE,
    OTHER_SHA,
    OWN,
    RUN,
    SHA,
    SUBJECTS,
    TOOL,
    TWO,
    due_of,
    entry,
    fold,
    needs,
    pieces,
)

from plumbline.contracts import kinds, wanted_types
from plumbline.evidence.origin import told_by_tools
from plumbline.evidence.vocabulary import Reference, contents
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import cdevents_delivery as cd
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.evidence.vocabulary import own_gates as gates
from plumbline.evidence.vocabulary import own_operations as operations
from plumbline.flow.reports import contents as measured
from plumbline.model.contract import SlotState, SubjectKind

if TYPE_CHECKING:
    from plumbline.model.contract import Evidence


def one(*found: Evidence) -> Evidence:
    assert len(found) == 1, found
    return found[0]


def test_every_kind_is_told_by_a_known_event_and_says_what_it_is_about() -> None:
    known = {".".join(type_.split(".")[2:4]).removeprefix("plumbline-") for type_ in contents()}
    for name, kind in kinds().items():
        assert kind.name == name
        assert kind.of
        assert set(kind.told_by) <= known, name
        assert {count for count, _ in kind.least} <= set(kind.counts)
    assert "report.added" in wanted_types()


def run_of(facts: about.TestFacts | None = None, environment: str = "unknown", **more: Any) -> Any:
    suite = cd.TestSuite(id="bank/unit", name="unit")
    content = cd.TestSuiteRunFinished(outcome="failure", environment=Reference(id=environment), test_suite=suite)
    return entry(content, f"{RUN}/12/tests/3", facts=facts or about.TestFacts(), **more)


def test_a_run_of_tests_whatever_its_outcome() -> None:
    layers = about.TestLayers(unit=4, interface=2, unknown=1)
    facts = about.TestFacts(commit=SHA, total=9, failed=3, skipped=2, errors=0, layers=layers, report=ONE)
    whole, unit, interface = pieces(run_of(facts))
    assert (whole.word, whole.digest, whole.layer) == ("own", ONE, "")
    assert set(whole.about) == {("commit", SHA), ("run", RUN), ("job", "12")}
    assert dict(whole.counts) == {"cases": 9, "failed": 3, "skipped": 2, "errors": 0, "executed": 7}
    assert [(each.layer, dict(each.counts)["executed"]) for each in (unit, interface)] == [
        ("unit", 4),
        ("interface", 2),
    ]


def test_cases_of_cdevents_types_are_of_the_layers_that_they_are_surely_of() -> None:
    facts = about.TestFacts(commit=SHA, total=9, types=about.TestTypes(unit=4, integration=3, e2e=2))
    assert [each.layer for each in pieces(run_of(facts))] == ["", "unit", "user"]


def test_a_run_of_tests_of_an_environment_is_a_check_of_its_health() -> None:
    found = pieces(run_of(about.TestFacts(total=2), environment="prod"))
    assert [each.kind for each in found] == ["health", "test-report"]
    assert ("environment", "prod") in found[0].about


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, "no-scope"),
        ({"covers": ("src/",)}, "no-rules"),
        ({"covers": ("src/",), "rules": ONE}, ""),
        ({"covers": ("src/",), "rules_version": "2026-01"}, ""),
        ({"covers": ("src/",), "tool_version": "1.2"}, ""),
        ({"rules": ONE}, "no-scope"),
        ({"findings": own.Counts(high=1)}, ""),
        ({"findings": UNSET}, "no-counts"),
        ({"outcome": "error", "covers": ("./",), "rules": ONE}, "not-finished"),
        ({"outcome": "failure", "covers": ("./",), "rules": ONE}, ""),
    ],
)
def test_a_scan_without_findings_says_who_looked_by_what_and_where(change: dict[str, Any], problem: str) -> None:
    said = {"kind": "sast", "tool": "semgrep", "outcome": "success", "findings": own.Counts(), "commit": SHA, **change}
    if problem == "no-scope" and not change:
        said["rules"] = ONE
    found = one(*pieces(entry(own.ScanFinished(**said), f"{RUN}/12/scans/9")))
    assert (found.kind, found.tool, found.problem) == ("scan.sast", "semgrep", problem)
    assert ("run", RUN) in found.about


def test_whose_word_a_scan_is() -> None:
    content = own.ScanFinished(
        kind="secret", tool="gitleaks", outcome="success", findings=own.Counts(low=1), commit=SHA
    )
    assert one(*pieces(entry(content, "x"))).word == "own"
    assert one(*pieces(entry(content, "x", source=TOOL, by="scanner", tool="sonar"))).word == "source:scanner"
    assert one(*pieces(entry(content, "x", source=TOOL, tool="sonar"))).word == ""
    assert pieces(entry(content, "x", source=TOOL, by="scanner")) == (), "in our name from elsewhere it is no fact"


@pytest.mark.parametrize(
    ("measure", "kind", "count"),
    [
        (measured.LINE_COVERAGE, "coverage", "lines"),
        (measured.CHANGED_COVERAGE, "coverage", "lines"),
        (measured.INTERFACE_COVERAGE, "interface-coverage", "operations"),
        (measured.MUTATION_SCORE, "mutation", "mutants"),
        ("checkout/p(99)", "measurement", "samples"),
    ],
)
def test_measures(measure: str, kind: str, count: str) -> None:
    content = own.MeasurementRecorded(
        measure=measure, value=80, unit="%", commit=SHA, numerator=8, denominator=10, samples=10, report=ONE
    )
    found = one(*pieces(entry(content, f"{RUN}/12/measured/3/{measure}")))
    assert (found.kind, found.covers) == (kind, (measure,))
    assert dict(found.counts) == {"value": 80, count: 10}


@pytest.mark.parametrize(
    ("predicate", "kind"),
    [
        ("https://cyclonedx.org/bom", "sbom.cyclonedx"),
        ("https://spdx.dev/Document/v2.3", "sbom.spdx"),
        ("https://slsa.dev/provenance/v1", "provenance"),
        ("https://openvex.dev/ns/v0.2.0", "vex"),
        ("https://example.org/own/v1", "attestation"),
        ("https://slsa.dev/verification_summary/v1", "attestation"),
    ],
)
def test_attestations(predicate: str, kind: str) -> None:
    content = own.AttestationRecorded(predicate=predicate, digest=TWO, subjects=(ONE,), components=3)
    found = one(*pieces(entry(content, ONE)))
    assert (found.kind, found.about, found.digest) == (kind, (("artifact", ONE),), TWO)


def test_an_empty_bill_of_materials_fills_nothing() -> None:
    line = due_of(needs("{id: sbom, kind: sbom.cyclonedx, of: artifact, each: true}"))
    for components, state in ((3, SlotState.FILLED), (0, SlotState.UNREADABLE), (UNSET, SlotState.UNREADABLE)):
        content = own.AttestationRecorded(
            predicate="https://cyclonedx.org/bom", digest=TWO, subjects=(ONE,), components=components
        )
        assert [slot.state for slot in fold(line, pieces(entry(content, ONE)))] == [state]


def test_a_source_that_names_a_person_is_not_that_person() -> None:
    said = operations.DrillFinished(
        kind="restore", outcome="success", environment=Reference(id="production"), person="ann"
    )
    [here] = pieces(entry(said, "drill-1"))
    [told] = pieces(entry(said, "drill-1", source=TOOL, by="backup", tool="backup"))
    assert (here.word, told.word) == ("person:ann", "source:backup")


def review(decision: str, revision: str = SHA, reviewer: str = "ann", **more: Any) -> Any:
    facts = about.ReviewFacts(decision=decision, reviewer=reviewer, revision=revision)  # type: ignore[arg-type]
    return entry(core.ChangeReviewed(), "7", facts=facts, source=FORGE, **more)


def test_reviews_and_approvals() -> None:
    line = due_of(needs("{id: r, kind: change.reviewed, of: change, made_by: forge}",
                        "{id: a, kind: change.approved, of: change, made_by: 'forge:gitlab'}"))  # fmt: skip

    def states(*said: Any) -> list[str]:
        return [slot.state.value for slot in fold(line, [each for told in said for each in pieces(told)])]

    assert states(review("commented")) == ["filled", "missing"]
    assert states(review("approved")) == ["filled", "filled"]
    assert states(review("approved", seq=1 << 41), review("withdrawn", seq=1 << 42)) == ["filled", "missing"]
    assert states(review("approved", OTHER_SHA)) == ["wrong_subject", "wrong_subject"]
    assert states(review("approved", reviewer="unknown")) == ["unreadable", "unreadable"]
    assert {each.word for each in pieces(review("approved"))} == {"forge:gitlab"}


def test_what_a_person_brings_is_that_persons_word() -> None:
    said: dict[str, Any] = {"digest": ONE, "person": "ann", "commit": SHA, "run": RUN}
    counts = {"total": 5.0, "passed": 4.0, "failed": 1.0, "errors": 0.0, "skipped": 0.0}
    tests = own.ReportAdded(kind="junit", holds="tests", counts=counts, **said)
    found = one(*pieces(entry(tests, "bank/core/reports/1")))
    assert (found.kind, found.word, found.digest) == ("test-report", "person:ann", ONE)
    assert set(found.about) == {("commit", SHA), ("run", RUN)}
    own_only, theirs = (
        due_of(needs(f"{{id: t, kind: test-report, of: commit, made_by: {who}}}")) for who in ("own", "person")
    )
    assert fold(own_only, [found])[0].state is SlotState.REFUSED_ORIGIN
    assert fold(theirs, [found])[0].state is SlotState.FILLED


def test_what_a_person_brings_has_to_have_something_in_it() -> None:
    line = due_of(needs("{id: s, kind: scan.sast, of: commit, made_by: person}"))

    def why(**more: Any) -> str:
        content = own.ReportAdded(kind="sast", digest=ONE, person="ann", commit=SHA, **more)
        return fold(line, pieces(entry(content, "bank/reports/1")))[0].why

    empty = {"holds": "findings", "scan": "sast", "counts": {"findings": 0.0, "scope": 0.0}}
    assert why(problem="empty") == "empty"
    assert why() == "unreadable"
    assert why(**empty) == "no-tool"
    assert why(**empty, tool="semgrep", rules_version="1") == "no-scope"
    assert why(**empty, tool="semgrep", rules_version="1", covers=("src/",)) == ""
    assert why(holds="findings", scan="sast", counts={"findings": 3.0}) == ""
    assert why(holds="findings", scan="secret", counts={"findings": 3.0}) == ""  # of another kind: nothing to say
    assert why(problem="it is about another commit") == "not-believed"


def test_a_sender_is_a_source_by_its_name() -> None:
    counts = {"components": 3.0}
    content = own.ReportAdded(
        kind="cyclonedx", holds="components", format="spdx", digest=ONE, sender="sonar", commit=SHA, counts=counts
    )
    found = one(*pieces(entry(content, "bank/reports/1")))
    assert (found.kind, found.word) == ("sbom.spdx", "source:sonar")


def test_a_statement_counts_once_a_second_person_accepted_it() -> None:
    def said(decision: str, person: str = "bob", author: str = "ann") -> Any:
        return entry(
            operations.StatementReviewed(
                statement="statement:1", decision=decision, person=person, author=author, topic="drill", commit=SHA  # type: ignore[arg-type]
            ),
            "statement:1",
        )  # fmt: skip

    line = due_of(needs("{id: s, kind: statement, of: commit, made_by: person}"))
    assert fold(line, pieces(said("accepted")))[0].state is SlotState.FILLED
    assert fold(line, pieces(said("accepted")))[0].word == "person:ann"
    assert fold(line, pieces(said("accepted", "ann")))[0].why == "one-person"
    assert fold(line, [*pieces(said("accepted")), *pieces(said("withdrawn"))])[0].state is SlotState.MISSING
    attested = operations.StatementAttested(topic="drill", statement="It was done.", person="ann")
    assert pieces(entry(attested, "statement:1")) == ()


def test_other_kinds() -> None:
    environment = Reference(id="prod")
    deployed = own.DeploymentFinished(
        environment=environment, tier="production", outcome="failure", digest=ONE, run=RUN
    )
    found = one(*pieces(entry(deployed, "d1")))
    assert (found.kind, set(found.about)) == (
        "deployment", {("environment", "prod"), ("artifact", ONE), ("run", RUN)},
    )  # fmt: skip
    drifted = operations.ConfigItemDrifted(environment=environment, expected=ONE, found=TWO)
    assert one(*pieces(entry(drifted, "c1"))).kind == "environment.observed"
    built = core.ArtifactPackaged(change=Reference(id=SHA))
    facts = about.ArtifactFacts(digest=ONE, commit=SHA, run=RUN)
    assert set(one(*pieces(entry(built, "pkg:oci/x", facts=facts))).about) == {
        ("commit", SHA), ("artifact", ONE), ("run", RUN),
    }  # fmt: skip
    drill = operations.DrillFinished(
        kind="restore", outcome="success", environment=environment, seconds=5, person="ann"
    )
    assert (one(*pieces(entry(drill, "x"))).word, one(*pieces(entry(drill, "x"))).tool) == ("person:ann", "restore")
    approved = own.ApprovalDecided(about=ONE, decision="approved", person="ann", revision=ONE)
    assert one(*pieces(entry(approved, "x"))).about == (("artifact", ONE),)
    configured = gates.AgentConfigured(commit=SHA, files=2, digest=ONE, tool_servers=("git",))
    assert dict(one(*pieces(entry(configured, "x"))).counts) == {"files": 2, "tool_servers": 1}
    ended = gates.AgentSessionEnded(agent="a", person="ann", commits=(SHA, OTHER_SHA), lines=9)
    assert one(*pieces(entry(ended, "x"))).about == (("commit", SHA), ("commit", OTHER_SHA))
    commits = (about.CommitFact(sha=SHA, authored="2026-01-01T00:00:00Z", committed="2026-01-01T00:00:00Z",
                                work_items=("ABC-1",)),)  # fmt: skip
    seen = own.CommitObserved(repository=Reference(id="7"), ref="refs/heads/main", commits=commits)
    assert one(*pieces(entry(seen, SHA))).covers == ("ABC-1",)


def test_what_tools_may_never_tell_they_never_fill() -> None:
    """A forged delivery of every kind, from a registered source under our own name or that of a tool."""
    everything = [type_ for type_ in contents() if contents()[type_].TYPE.startswith("dev.cdeventsx.plumbline-")]
    for type_ in everything:
        kind = ".".join(type_.split(".")[2:4]).removeprefix("plumbline-")
        body = (
            f'{{"context":{{"specversion":"0.5.1","id":"x","source":"{TOOL}","type":"{type_}",'
            f'"timestamp":"2026-01-01T00:00:00Z"}},"subject":{{"id":"x","content":{{"outcome":"success"}}}}}}'
        ).encode()
        told = entry(own.ReportAdded(kind="x", digest=ONE), "x", source=TOOL, by="evil")
        for name in (type_, type_.replace("plumbline-", "evil-")):
            forged = msgspec.structs.replace(told, type=name, body=body.replace(type_.encode(), name.encode()))
            found = pieces(forged)
            assert not found or (name != type_ and kind in told_by_tools())
            assert all(each.word == "source:evil" for each in found)


@pytest.mark.parametrize("custom", [[], "x", 5, {"commit": 5, "report": [], "total": "many", "layers": [], "types": 3}])
def test_whatever_stands_in_fields_nothing_raises(custom: Any) -> None:
    for kind, content in (("testsuiterun.finished.0.3.0", {"environment": 3, "testSuite": "x"}),
                          ("change.reviewed.0.3.0", {}), ("artifact.packaged.0.3.0", {"change": []})):  # fmt: skip
        body = {"context": {"specversion": "0.5.1", "id": "x", "source": OWN, "type": f"dev.cdevents.{kind}",
                            "timestamp": "2026-01-01T00:00:00Z"},
                "subject": {"id": "x", "content": content}, "customData": custom}  # fmt: skip
        told = msgspec.structs.replace(entry(own.ReportAdded(kind="x", digest=ONE), "x"), type=f"dev.cdevents.{kind}",
                                       body=msgspec.json.encode(body))  # fmt: skip
        for found in pieces(told):
            for need_of in SubjectKind:
                if need_of in kinds()[found.kind].of:
                    who = "forge" if found.kind.startswith("change") else "own"
                    line = due_of(needs(f"{{id: n, kind: {found.kind}, of: {need_of.value}, made_by: {who}}}"))
                    assert fold(line, [found], SUBJECTS)[0].state is not SlotState.FILLED
