"""Hold the findings of a scan against those that are known, and move each to the state that follows. Rules:

1. A scan of the default branch opens, fixes and misses findings of the project.
2. A scan of another branch is held against the default branch. It opens what is new there, and fixes and misses only
   what it alone had: what it does not have says nothing about the default branch.
3. What people decided stays. What a tool itself does not count is no finding of ours.
4. A scan that did not end, proves nothing that it looked at, or may fail, closes nothing.
5. What is the word of our jobs is moved by our jobs alone: a scan that a source sent opens what is new, and moves what
   that source told; one that a person brought closes nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.ready import ready
from plumbline.model.reported import FindingKept, FindingState, KeptFinding, Origin, ScanKept, Sighting
from plumbline.reports.findings.matching import Compared, Known, compare
from plumbline.reports.findings.places import Place
from plumbline.reports.findings.scans import Scan, Unseen, scan_of
from plumbline.reports.findings.signatures import Signed
from plumbline.reports.findings.states import Standing, State, fix, miss, see

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.flow.reports.subject import Subject
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.report import Report
    from plumbline.model.reported import ReadFile, SignedFinding, StoredReport

_GONE = frozenset({State.FIXED})
_LONGEST = 2000  # characters of a text of a finding


class _Known(msgspec.Struct, frozen=True):
    """What a finding is found again by."""

    signatures: tuple[str, ...]
    places: tuple[Place, ...]


def keep_findings(
    tx: Transaction,
    subject: Subject,
    report: StoredReport,
    file: ReadFile,
    content: Report,
    paths: frozenset[str] | None,
) -> ScanKept:
    scan = scan_of(content, may_fail=subject.may_fail)
    assert scan is not None
    found = [_signed(one) for one in file.signed if not one.finding.suppressed]
    kept = {one.finding.id: one for one in tx.findings.of_kind(report.project, scan.kind, scan.tool)}
    known = _known(tx, kept.values(), scan)
    compared = compare(known, found, scan, paths.__contains__ if paths is not None else None)
    moving = _Moving(tx, subject, report, kept)
    existing = moving.see(compared, found)
    new = moving.add(compared, found, scan)
    fixed, unseen = moving.close(compared)
    fresh = {one.finding for one in new} | {one.finding for one in existing if one.new}
    made = ScanKept(
        report=report.id,
        project=report.project,
        pipeline=report.pipeline,
        job=report.job,
        series=report.series,
        commit=report.commit,
        ref=report.ref,
        trunk=report.trunk,
        kind=scan.kind,
        tool=scan.tool,
        tool_version=scan.tool_version,
        rules=scan.rules,
        scope=len(scan.scope),
        ended=scan.finished,
        new=len(fresh),
        existing=len(existing) + len(new) - len(fresh),
        fixed=fixed,
        unseen=unseen,
        created=report.created,
        told=msgspec.msgpack.encode(scan),
    )
    tx.findings.add_scan(made, [*existing, *new])
    return made


class _Moving:
    """The findings of one tool, moved by one scan."""

    def __init__(self, tx: Transaction, subject: Subject, report: StoredReport, kept: dict[int, KeptFinding]) -> None:
        self._tx, self._subject, self._report, self._kept = tx, subject, report, kept
        self._now = report.created
        self._brought = _brought(tx, kept.values())
        self._word = _word(report)

    def see(self, compared: Compared, found: Sequence[Signed]) -> list[Sighting]:
        """Those that are known: only what is another now is written one by one."""
        same, sightings = [], []
        for number, at in compared.existing:
            kept, one = self._kept[number], found[at]
            finding, standing = kept.finding, standing_of(kept)
            moves = (self._report.trunk or not finding.trunk) and self._is_of_its_word(number)
            after = see(standing, self._now) if moves else standing
            new = standing.state in _GONE if self._report.trunk else not (finding.trunk or self._is_before(finding))
            place = one.places[0]
            sightings.append(Sighting(number, place.path, place.line, new or not self._counts(finding)))
            if not moves:
                continue
            changed = _described(self._taken_over(finding), one)
            changed = msgspec.structs.replace(
                changed,
                trunk=finding.trunk or self._report.trunk,
                last=self._now,
                last_report=self._report.id,
                ref=self._report.ref,
            )
            known = _packed(one)
            beside = msgspec.structs.replace(
                changed, last=finding.last, last_report=finding.last_report, ref=finding.ref
            )
            if after == standing and beside == finding and known == kept.known:
                same.append(number)
            else:
                self._write(kept, changed, after, known)
        self._tx.findings.seen(same, self._report.id, self._now, self._report.ref)
        return sightings

    def _counts(self, finding: FindingKept) -> bool:
        """Whether it was on the default branch before this scan; of a scan of another branch, there or on that."""
        return finding.trunk or not self._report.trunk

    def _is_before(self, finding: FindingKept) -> bool:
        """A finding of another branch alone is new on every branch but that of the merge request's target."""
        return bool(self._subject.target) and finding.ref == self._subject.target

    def _is_of_its_word(self, number: int) -> bool:
        """Whether it may be moved by whoever this scan is the word of."""
        return not self._word or self._brought.get(number, "") == self._word

    def _taken_over(self, finding: FindingKept) -> FindingKept:
        """What somebody brought, and a job of ours has seen by now, is as if the job had found it: its commit says who
        wrote the change."""
        if self._word or finding.id not in self._brought:
            return finding
        author = self._subject.author[:300]
        return msgspec.structs.replace(finding, first_report=self._report.id, commit=self._report.commit, author=author)

    def add(self, compared: Compared, found: Sequence[Signed], scan: Scan) -> list[Sighting]:
        made = []
        for at in compared.new:
            one = found[at]
            blank = FindingKept(
                project=self._report.project,
                kind=scan.kind,
                tool=scan.tool,
                trunk=self._report.trunk,
                commit=self._report.commit,
                author=self._subject.author[:300],
                first=self._now,
                last=self._now,
                first_report=self._report.id,
                last_report=self._report.id,
                ref=self._report.ref,
            )
            standing = Standing(opened=self._now)
            made.append(KeptFinding(_described(blank, one), _packed(one), msgspec.msgpack.encode(standing)))
        stored = self._tx.findings.add(made)
        return [Sighting(one.id, one.path, one.line, new=True) for one in stored]

    def close(self, compared: Compared) -> tuple[int, int]:
        """How many are gone, and of how many nobody can tell."""
        fixed = unseen = 0
        by_hand = self._subject.origin is Origin.PERSON
        gone = () if by_hand else compared.fixed
        missed = [(number, why.value) for number, why in compared.unseen]
        missed += [(number, Unseen.BY_HAND.value) for number in compared.fixed] if by_hand else []
        for number in gone:
            kept = self._kept[number]
            standing = standing_of(kept)
            if standing.state in _GONE or not self._concerns(kept.finding):
                continue
            fixed += 1
            if self._moves(kept.finding):
                self._write(kept, msgspec.structs.replace(kept.finding, why=""), fix(standing, self._now))
        for number, why in missed:
            kept = self._kept[number]
            standing = standing_of(kept)
            if standing.state in _GONE or not self._concerns(kept.finding):
                continue
            unseen += 1
            if self._moves(kept.finding):
                self._write(kept, msgspec.structs.replace(kept.finding, why=why), miss(standing))
        return fixed, unseen

    def _concerns(self, finding: FindingKept) -> bool:
        return (finding.trunk or finding.ref == self._report.ref) and self._is_of_its_word(finding.id)

    def _moves(self, finding: FindingKept) -> bool:
        return finding.trunk if self._report.trunk else not finding.trunk and finding.ref == self._report.ref

    def _write(self, kept: KeptFinding, finding: FindingKept, standing: Standing, known: bytes | None = None) -> None:
        changed = stands(KeptFinding(finding, kept.known if known is None else known, b""), standing)
        if not self._tx.findings.change(changed):
            raise RuntimeError(f"finding {finding.id} changed inside a transaction")


def _word(report: StoredReport) -> str:
    """Whose word it is; empty: of a job of ours."""
    return "" if report.origin is Origin.JOB else f"{report.origin.value}:{report.sender}"


def _brought(tx: Transaction, kept: Iterable[KeptFinding]) -> dict[int, str]:
    """Those that no job of ours has seen yet, and whose word each is. Where the first report is gone, it was a job."""
    every = list(kept)
    words = {one.id: _word(one) for one in tx.reports.brought({one.finding.first_report for one in every})}
    return {one.finding.id: words[first] for one in every if (first := one.finding.first_report) in words}


def standing_of(kept: KeptFinding) -> Standing:
    return msgspec.msgpack.decode(kept.standing, type=ready(Standing))


def stands(kept: KeptFinding, standing: Standing) -> KeptFinding:
    """As it stands now, with the columns that follow."""
    until = standing.acceptance.until if standing.acceptance is not None else 0
    finding = msgspec.structs.replace(
        kept.finding, state=FindingState(standing.state.value), due=standing.due, until=until
    )
    return KeptFinding(finding, kept.known, msgspec.msgpack.encode(standing))


def _known(tx: Transaction, kept: Iterable[KeptFinding], scan: Scan) -> list[Known]:
    """Each with the scan that had it last; one whose report is gone counts as one of this scan's rules."""
    every = list(kept)
    scans = {
        one.report: msgspec.msgpack.decode(one.told, type=ready(Scan))
        for one in tx.findings.scans({one.finding.last_report for one in every})
        if one.told
    }
    found = []
    for one in every:
        known = msgspec.msgpack.decode(one.known, type=ready(_Known))
        found.append(
            Known(
                id=one.finding.id,
                rule=one.finding.rule,
                signatures=known.signatures,
                places=known.places,
                severity=one.finding.severity,
                scan=scans.get(one.finding.last_report, scan),
            )
        )
    return found


def _signed(one: SignedFinding) -> Signed:
    return Signed(finding=one.finding, signatures=one.signatures, places=tuple(Place(*place) for place in one.places))


def _packed(one: Signed) -> bytes:
    return msgspec.msgpack.encode(_Known(one.signatures, one.places))


def _described(finding: FindingKept, one: Signed) -> FindingKept:
    """With what the scan says of it."""
    said = one.finding
    return msgspec.structs.replace(
        finding,
        rule=said.rule[:_LONGEST],
        title=said.title[:_LONGEST],
        message=said.message[:_LONGEST],
        severity=said.severity,
        severity_said=said.severity_said[:_LONGEST],
        path=one.places[0].path[:_LONGEST],
        line=one.places[0].line,
        identifiers=said.identifiers[:50],
        package=said.package[:_LONGEST],
        fixed_in=said.fixed_in[:50],
        object=(said.object or said.image)[:_LONGEST],
    )
