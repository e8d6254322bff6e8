"""What is kept of reports: where they came from, test runs and cases, coverage, findings and what was decided about
them. Times are microseconds since the epoch; 0: not yet, never."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from plumbline.kernel import Text
from plumbline.model.report import CaseOutcome, Content, Defect, Finding, Layer, Report, ScanKind, Severity, Unreadable


class Origin(StrEnum):
    """Who brought a report, which is whose word it is."""

    JOB = "job"  # a job of ours left the file: this server says that the file said so
    PERSON = "person"  # somebody added it by hand
    SOURCE = "source"  # a registered source sent it


class SignedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding without the value of a secret, with what it is found again by; ``places``: each path, line, column,
    package, image and object."""

    finding: Finding
    signatures: tuple[str, ...]
    places: tuple[tuple[str, int, int, str, str, str], ...]


class ReadFile(msgspec.Struct, frozen=True, kw_only=True):
    """A report file with what it says. ``kind``: the key under artifacts:reports, or what it was added as. ``signed``:
    the findings of a scan, in place of those in its content."""

    kind: str
    name: str
    digest: str
    size: int
    content: Report | Unreadable
    signed: tuple[SignedFinding, ...] = ()


class ReportFile(msgspec.Struct, frozen=True, kw_only=True):
    """One of the files that a report was read from."""

    name: str
    digest: str
    size: int


class StoredReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one tool said in one job, be it in one file or in many. ``digest``: of the file, or of all their digests.
    ``holds``: the tag of its content: tests, coverage, findings, ...; empty: it could not be read."""

    id: int = 0
    project: int
    pipeline: int = 0
    job: int = 0
    series: str = ""  # what it follows on: the name of the job, or what it was added as
    commit: str = ""
    ref: str = ""  # full name
    trunk: bool = False  # of the default branch
    kind: str
    name: str
    format: str = ""
    holds: str = ""
    digest: str
    size: int = 0
    tool: str = ""
    tool_version: str = ""
    format_version: str = ""
    strict: bool = True
    about: str = ""  # what the file itself names: a commit, a digest, a repository
    flagged: str = ""  # why it is not believed to be about this commit
    counts: dict[str, float] = {}
    problem: str = ""  # the code of why it could not be read
    message: str = ""  # the same as a sentence, kept as JSON
    origin: Origin = Origin.JOB
    sender: str = ""  # the person or the source, by name
    made: str = ""  # as the file says
    created: int = 0


class ReportDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside a report, and only looked at with it."""

    files: tuple[ReportFile, ...] = ()
    defects: tuple[Defect, ...] = ()
    more_defects: int = 0
    content: Content | None = (
        None  # of bills of materials, contracts, calls, load, mutation, plans, ...; else elsewhere
    )


class CaseName(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of a test case, and its number here."""

    id: int = 0
    file: str = ""
    class_name: str = ""
    name: str
    parameters: str = ""

    @property
    def title(self) -> str:
        """As people call it."""
        shown = f"{self.name}[{self.parameters}]" if self.parameters else self.name
        return f"{self.class_name}.{shown}" if self.class_name else shown


class TestSet(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases a run has, in its order; most runs have those of the one before. ``layers``: a letter for each."""

    __test__ = False

    id: int = 0
    project: int
    digest: bytes
    cases: tuple[int, ...]
    layers: bytes = b""


LAYERS = {"-": Layer.UNKNOWN, "u": Layer.UNIT, "c": Layer.COMPONENT, "i": Layer.INTERFACE, "x": Layer.USER}
OUTCOMES = {"p": CaseOutcome.PASSED, "f": CaseOutcome.FAILED, "e": CaseOutcome.ERROR, "s": CaseOutcome.SKIPPED}
LAYER_LETTERS = {layer: letter for letter, layer in LAYERS.items()}
OUTCOME_LETTERS = {outcome: letter for letter, outcome in OUTCOMES.items()}
NO_TIME = 0xFFFFFFFF  # milliseconds: not told


class TestRunKept(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a suite. ``outcomes``: a letter for each case of its set; ``times``: its milliseconds."""

    __test__ = False

    report: int
    project: int
    pipeline: int = 0
    job: int = 0
    series: str = ""
    commit: str = ""
    ref: str = ""
    trunk: bool = False
    total: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    retried: int = 0  # came to more than one result
    milliseconds: int = 0  # of all cases that told theirs
    created: int = 0
    cases: int = 0  # id of its set
    outcomes: bytes = b""
    times: bytes = b""

    @property
    def bad(self) -> int:
        return self.failed + self.errors

    @property
    def executed(self) -> int:
        return self.total - self.skipped


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one result that is more than passed: its words. ``retries``: letters, the first result first."""

    report: int
    case: int
    outcome: CaseOutcome
    retries: str = ""
    message: str = ""
    details: str = ""


class FlakyCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that passed and failed on one revision."""

    project: int
    case: int
    commit: str
    series: str
    created: int


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """A case that is executed, counted and shown, and of which everybody knows not to wait for. Ends by itself."""

    id: int = 0
    project: int
    case: int
    owner: str
    reason: str
    until: int
    created: int = 0
    by: str = ""
    ended: int = 0  # before its time
    ended_by: str = ""

    def holds(self, now: int) -> bool:
        return not self.ended and self.until > now


class CoverageKept(msgspec.Struct, frozen=True, kw_only=True):
    """``changed``, ``changed_hit``: lines of the change that can be executed, and those that were; -1: not known.
    ``base``: the commit that the change was held against."""

    report: int
    project: int
    pipeline: int = 0
    series: str = ""
    commit: str = ""
    ref: str = ""
    trunk: bool = False
    lines: int = 0
    lines_hit: int = 0
    branches: int = 0
    branches_hit: int = 0
    functions: int = 0
    functions_hit: int = 0
    changed: int = -1
    changed_hit: int = -1
    base: str = ""
    created: int = 0


class FileLines(NamedTuple):
    """One file of a coverage report. ``changed``: lines of it that the change touched; empty where nobody knows."""

    path: str
    hit: tuple[int, ...]
    missed: tuple[int, ...]
    branches_hit: int = 0
    branches: int = 0
    changed: tuple[int, ...] = ()


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A number that a report holds, such as the interface coverage, with what it was made of."""

    report: int
    project: int
    name: str
    value: float
    unit: str = ""
    numerator: float | None = None
    denominator: float | None = None
    samples: int | None = None


class FindingState(StrEnum):
    """One state each."""

    OPEN = "open"
    FIXED = "fixed"
    UNSEEN = "unseen"  # a later scan did not show it, and could not have told that it is gone
    ACCEPTED = "accepted"  # an exception holds
    FALSE_POSITIVE = "false_positive"
    DUPLICATE = "duplicate"


class ScanKept(msgspec.Struct, frozen=True, kw_only=True):
    """One scan. ``clean``: it ended, proved what it looked at, and found nothing; without ``scope`` an empty scan is no
    data."""

    report: int
    project: int
    pipeline: int = 0
    job: int = 0
    series: str = ""
    commit: str = ""
    ref: str = ""
    trunk: bool = False
    kind: ScanKind
    tool: str = ""
    tool_version: str = ""
    rules: str = ""
    scope: int = 0  # things that it proves to have looked at
    ended: bool = True  # False: it says itself that it failed or was cut short
    new: int = 0
    existing: int = 0
    fixed: int = 0
    unseen: int = 0
    created: int = 0
    told: bytes = b""  # the scan as its report tells it

    @property
    def found(self) -> int:
        return self.new + self.existing

    @property
    def clean(self) -> bool | None:
        """None: no data."""
        if self.found:
            return False
        return True if self.ended and self.scope else None


class FindingKept(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of a project over all its scans. ``signatures``: by which it is found again, the best first."""

    id: int = 0
    project: int
    kind: ScanKind
    tool: str = ""
    rule: str = ""
    title: str = ""
    message: str = ""
    severity: Severity = Severity.UNKNOWN
    severity_said: str = ""
    path: str = ""
    line: int = 0
    identifiers: tuple[str, ...] = ()
    package: str = ""
    fixed_in: tuple[str, ...] = ()
    object: str = ""
    state: FindingState = FindingState.OPEN
    why: str = ""  # of its state, in a word
    trunk: bool = False  # it was on the default branch
    commit: str = ""  # that it was seen on first
    author: str = ""  # of that commit
    first: int = 0
    last: int = 0
    first_report: int = 0
    last_report: int = 0
    ref: str = ""  # that it was seen on last
    due: int = 0
    until: int = 0  # the end of an exception
    version: int = 0


class KeptFinding(NamedTuple):
    """With what it is found again by, and how it stands: both packed, as those make them who use them."""

    finding: FindingKept
    known: bytes
    standing: bytes


class Sighting(NamedTuple):
    """Where a finding was in one scan, and whether it was new then."""

    finding: int
    path: str
    line: int
    new: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided about a finding. ``approver``: another person; empty: not approved yet, or none is
    needed."""

    id: int = 0
    finding: int
    state: FindingState
    owner: str
    reason: str
    by: str
    approver: str = ""
    needs_approval: bool = False
    until: int = 0  # 0: for good
    created: int = 0
    approved: int = 0
    ended: int = 0
    ended_by: str = ""

    def holds(self, now: int) -> bool:
        approved = bool(self.approved) or not self.needs_approval
        return not self.ended and approved and (not self.until or self.until > now)


class Taken(NamedTuple):
    """What became of a file that was taken in."""

    report: StoredReport | None
    known: bool  # the same bytes were there already, and nothing changed
    message: Text | None = None


class ChangedLines(NamedTuple):
    """The lines that a change added or changed, by path, and the commit that it was held against."""

    base: str
    lines: dict[str, tuple[int, ...]]


class ReadReports(NamedTuple):
    """All that was read when a job ended. ``changed`` None: nobody knows, or nobody has to."""

    files: tuple[ReadFile, ...] = ()
    changed: ChangedLines | None = None
    paths: frozenset[str] | None = None  # of all files of the commit, where scans or coverage were read
    lines: tuple[Text, ...] = ()  # the same for people, who read the log


NO_REPORTS = ReadReports()
