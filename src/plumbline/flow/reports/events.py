"""What reports of own jobs said, as events for the ledger: the word of this server that the file said so.

A suite may have tens of thousands of cases, and the ledger keeps everything for ever. So each run is one event with all
its counts, and of its cases the ledger names at most :data:`MOST_NAMED`: those that did not pass, those with both
results on one commit, those whose result changed; and of the others a few of each layer, others in each run. How many
are named stands in the event of the run.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import Reference, own_delivery
from plumbline.evidence.vocabulary import cdevents_delivery as cd
from plumbline.evidence.vocabulary import facts as about
from plumbline.flow.pipelines.chains import chain_of
from plumbline.model.ready import ready
from plumbline.model.report import Layer, ScanKind, Severity
from plumbline.model.reported import LAYERS
from plumbline.reports.findings.scans import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Literal

    from plumbline.evidence import Content
    from plumbline.evidence.vocabulary import Facts
    from plumbline.flow.reports.contents import Measured
    from plumbline.flow.reports.keep_tests import KeptTests
    from plumbline.flow.reports.subject import Subject
    from plumbline.model.event import EventDraft
    from plumbline.model.report import Findings
    from plumbline.model.reported import CaseName, ScanKept, StoredReport

    CaseType = Literal["unit", "integration", "e2e"]

MOST_NAMED = 200  # cases of one run that have an entry of their own
MOST_COVERED = 500  # things that a scan looked at and its entry names
FEW = 20  # of these, cases of which there is nothing to tell but that they were executed
TYPES: dict[Layer, str] = {
    Layer.UNIT: "unit",
    Layer.COMPONENT: "integration",
    Layer.INTERFACE: "integration",
    Layer.USER: "e2e",
}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_SCANS = {ScanKind.QUALITY: "other"}  # of which the event has no word
_OUTCOMES = {"p": "success", "f": "failure", "e": "error"}
_LONGEST = 1000  # characters of the name of a case


def _decode_scan(told: bytes) -> Scan:
    return msgspec.msgpack.decode(told, type=ready(Scan))


class ReportEvents:
    """Tells of one report; ``now`` in microseconds since the epoch."""

    def __init__(self, source: str, subject: Subject, now: int) -> None:
        self._source, self._subject, self._now = source, subject, now
        self._chain = chain_of(source, subject.project, subject.commit) if subject.commit else ""

    def tests(
        self, report: StoredReport, kept: KeptTests, named: Sequence[int], names: dict[int, CaseName], quarantined: int
    ) -> Iterator[EventDraft]:
        """``named``: positions of the cases that get an entry."""
        suite = self._suite(report)
        run = f"{self._subject.uid}/tests/{report.id}"
        environment = Reference(id=self._subject.environment or "unknown")
        began = self._subject.began or self._now
        trigger = cd.TestTrigger(type="pipeline")
        started = cd.TestSuiteRunStarted(environment=environment, trigger=trigger, test_suite=suite)
        yield self._tell(started, run, "started", began)
        reference = Reference(id=run, source=self._source)
        for at in named:
            case = self._case(kept, at, names)
            letter = chr(kept.merged.outcomes[at])
            uid = f"{run}/{kept.cases[at]}"
            if letter == "s":
                skipped = cd.TestCaseRunSkipped(environment=environment, test_suite_run=reference, test_case=case)
                yield self._tell(skipped, uid, "skipped")
                continue
            begun = cd.TestCaseRunStarted(
                environment=environment, trigger=trigger, test_suite_run=reference, test_case=case
            )
            yield self._tell(begun, uid, "started", began)
            finished = cd.TestCaseRunFinished(
                outcome=_OUTCOMES[letter],  # type: ignore[arg-type]
                environment=environment,
                test_suite_run=reference,
                test_case=case,
            )
            yield self._tell(finished, uid, "finished")
        ended = cd.TestSuiteRunFinished(outcome=_outcome(kept), environment=environment, test_suite=suite)
        yield self._tell(ended, run, "finished", facts=self._facts(report, kept, len(named), quarantined))

    def measured(self, report: StoredReport, measures: Iterable[Measured]) -> Iterator[EventDraft]:
        for one in measures:
            content = own_delivery.MeasurementRecorded(
                measure=one.name,
                value=one.value,
                unit=one.unit or "1",
                commit=report.commit or UNSET,
                numerator=UNSET if one.numerator is None else one.numerator,
                denominator=UNSET if one.denominator is None else one.denominator,
                samples=UNSET if one.samples is None else one.samples,
                series=report.series or UNSET,
                report=report.digest,
            )
            yield self._tell(content, f"{self._subject.uid}/measured/{report.id}/{one.name}", "recorded")

    def scanned(self, report: StoredReport, scan: ScanKept, severities: Sequence[Severity]) -> EventDraft:
        """A scan that says what it looked at, or found something. One that neither did nor does is no data."""
        counts = {one: severities.count(one) for one in Severity}
        content = own_delivery.ScanFinished(
            kind=cast("Any", _SCANS.get(scan.kind, scan.kind.value)),
            tool=scan.tool or report.format,
            outcome="error" if not scan.ended else "failure" if severities else "success",
            findings=own_delivery.Counts(
                critical=counts[Severity.CRITICAL],
                high=counts[Severity.HIGH],
                medium=counts[Severity.MEDIUM],
                low=counts[Severity.LOW],
                info=counts[Severity.INFO],
                unknown=counts[Severity.UNKNOWN],
            ),
            tool_version=scan.tool_version or UNSET,
            rules=scan.rules if _DIGEST.match(scan.rules) else UNSET,
            report=report.digest,
            commit=report.commit or UNSET,
            rules_version=_rules(scan.rules) or UNSET,
            covers=_looked_at(_decode_scan(scan.told).scope) or UNSET,
            looked_at=scan.scope,
        )
        return self._tell(content, f"{self._subject.uid}/scans/{report.id}", "finished")

    def added(self, report: StoredReport, problem: str, scan: Findings | None = None) -> EventDraft:
        """Somebody brought it."""
        by_person = report.origin == "person"
        content = own_delivery.ReportAdded(
            kind=report.kind,
            digest=report.digest,
            person=report.sender if by_person else UNSET,
            sender=UNSET if by_person else report.sender,
            holds=report.holds or UNSET,
            problem=problem or UNSET,
            commit=report.commit or UNSET,
            run=self._subject.uid or UNSET,
            format=report.format or UNSET,
            scan=_SCANS.get(scan.kind, scan.kind.value) if scan is not None else UNSET,
            tool=report.tool or UNSET,
            tool_version=report.tool_version or UNSET,
            rules_version=(scan.rules[:_LONGEST] or UNSET) if scan is not None else UNSET,
            covers=(_looked_at(scan.scope) or UNSET) if scan is not None else UNSET,
            counts=report.counts or UNSET,
        )
        return self._tell(content, f"{self._subject.path}/reports/{report.id}", "added")

    def tell(self, content: Content, subject: str, what: str) -> EventDraft:
        return self._tell(content, subject, what)

    def _suite(self, report: StoredReport) -> cd.TestSuite:
        """Its version is the commit that its scripts are of, where a job of ours ran them from there."""
        return cd.TestSuite(
            id=f"{self._subject.path}/{report.series}",
            version=report.commit or UNSET,
            name=report.series or UNSET,
        )

    def _case(self, kept: KeptTests, at: int, names: dict[int, CaseName]) -> cd.TestCase:
        name = names[kept.cases[at]]
        type_ = TYPES.get(LAYERS[chr(kept.merged.layers[at])])
        return cd.TestCase(
            id=f"{name.file}::{name.title}"[:_LONGEST] if name.file else name.title[:_LONGEST],
            name=name.title[:_LONGEST],
            type=cast("CaseType", type_) if type_ else UNSET,
            version=kept.run.commit or UNSET,
        )

    def _facts(self, report: StoredReport, kept: KeptTests, named: int, quarantined: int) -> about.TestFacts:
        run = kept.run
        return about.TestFacts(
            commit=run.commit or UNSET,
            total=run.total,
            failed=run.failed,
            skipped=run.skipped,
            errors=run.errors,
            flaky=len(kept.flaky),
            quarantined=quarantined,
            named=named,
            types=types_of(kept),
            layers=layers_of(kept),
            report=report.digest,
            project=self._subject.path,
        )

    def _tell(self, content: Content, subject: str, what: str, time: int = 0, facts: Facts | None = None) -> EventDraft:
        return write_event(
            content,
            id=f"{subject}:{what}",
            source=self._source,
            subject=subject,
            time=time or self._now,
            facts=facts,
            chain=self._chain,
            project=self._subject.path,
            checked=not isinstance(content, (cd.TestCaseRunStarted, cd.TestCaseRunFinished, cd.TestCaseRunSkipped)),
        )


def types_of(kept: KeptTests) -> about.TestTypes:
    """How many cases of each type came to a verdict."""
    found = {"unit": 0, "integration": 0, "e2e": 0, "unknown": 0}
    for letter, outcome in zip(kept.merged.layers, kept.merged.outcomes, strict=True):
        if outcome in b"pf":
            found[TYPES.get(LAYERS[chr(letter)], "unknown")] += 1
    return about.TestTypes(**found)


def layers_of(kept: KeptTests) -> about.TestLayers | UnsetType:
    """The same by layer; unset: nobody told any."""
    found = Counter[str]()
    for letter, outcome in zip(kept.merged.layers, kept.merged.outcomes, strict=True):
        if outcome in b"pf":
            found[LAYERS[chr(letter)].value or "unknown"] += 1
    return about.TestLayers(**found) if found.keys() - {"unknown"} else UNSET


def _rules(version: str) -> str:
    return "" if _DIGEST.match(version) else version[:_LONGEST]


def _looked_at(scope: Sequence[str]) -> tuple[str, ...]:
    """At most :data:`MOST_COVERED` of what was looked at: folders, then of each folder a file, then the others."""
    folders = [one for one in scope if one.endswith("/")]
    firsts = {one.rpartition("/")[0]: one for one in reversed(scope) if not one.endswith("/")}
    found = dict.fromkeys([*folders, *sorted(firsts.values()), *scope])
    return tuple(one[:_LONGEST] for one in found if one)[:MOST_COVERED]


def chosen(kept: KeptTests, before: dict[int, str]) -> list[int]:
    """Positions of the cases that get an entry, the gravest first. ``before``: the letters of the run before."""
    outcomes, flaky = kept.merged.outcomes.decode(), {one.case for one in kept.flaky}
    bad = [at for at, letter in enumerate(outcomes) if letter in "fe"]
    both = [at for at, case in enumerate(kept.cases) if case in flaky] if flaky else []
    changed = [
        at
        for at, (case, letter) in enumerate(zip(kept.cases, outcomes, strict=True))
        if case in before and before[case] != letter
    ]
    grave = list(dict.fromkeys([*bad, *both, *changed]))[: MOST_NAMED - FEW]
    return list(dict.fromkeys([*grave, *_few(kept)]))


def _few(kept: KeptTests) -> list[int]:
    """Of each layer as many, others in each run."""
    by_layer: dict[int, list[int]] = {}
    for at, (layer, outcome) in enumerate(zip(kept.merged.layers, kept.merged.outcomes, strict=True)):
        if outcome in b"pf":
            by_layer.setdefault(layer, []).append(at)
    each = FEW // max(1, len(by_layer))
    found = []
    for places in by_layer.values():
        start = kept.run.report * each % len(places)
        found += (places[start:] + places[:start])[:each]
    return found


def _outcome(kept: KeptTests) -> Literal["success", "failure", "error"]:
    """A run without a verdict of any case succeeded at nothing."""
    if kept.run.bad:
        return "failure" if kept.run.failed else "error"
    return "success" if kept.run.executed else "error"
