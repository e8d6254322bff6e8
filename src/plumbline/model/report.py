"""What a file that a tool wrote says: tests, coverage, findings, components and the like, as frozen values.

A report is read from bytes by the room ``reports``. Nothing here is believed: counts are counts of what is listed, and
what a header says otherwise is a defect.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text


class Defect(msgspec.Struct, frozen=True):
    """Something wrong in a file that could be read nevertheless."""

    code: str  # such as "header-disagrees"
    message: Text
    where: str = ""  # an element, a JSON pointer or a line


class Layer(StrEnum):
    """Which layer of the system a test looks at."""

    UNKNOWN = ""
    UNIT = "unit"
    COMPONENT = "component"
    INTERFACE = "interface"
    USER = "user"


class CaseOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"  # an assertion did not hold
    ERROR = "error"  # it came to no verdict of its own
    SKIPPED = "skipped"


class TestCase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One test case with its last result. Its identity is file, class, name and parameters together."""

    __test__ = False

    name: str
    file: str = ""
    class_name: str = ""
    parameters: str = ""
    outcome: CaseOutcome
    seconds: float | None = None  # None: not said, or not to be believed
    line: int = 0
    message: str = ""  # of the failure, error or skip; the beginning of it
    details: str = ""  # stack trace or output; the beginning of it
    retries: tuple[CaseOutcome, ...] = ()  # results before the last one in the same run, the first one first
    layer: Layer = Layer.UNKNOWN
    properties: dict[str, str] = {}

    @property
    def key(self) -> str:
        """The identity as one text, stable over runs."""
        return "\x1f".join((self.file, self.class_name, self.name, self.parameters))


class TestRun(msgspec.Struct, frozen=True, kw_only=True, tag="tests"):
    """The cases of one file, each identity once."""

    __test__ = False

    cases: tuple[TestCase, ...] = ()
    suite: str = ""
    dialect: str = ""  # pytest, surefire, jest, ...; empty: not told apart


class FileCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one source file that can be executed: those that were, and those that were not; each sorted."""

    path: str
    hit: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    branches_hit: int = 0
    branches: int = 0


class Coverage(msgspec.Struct, frozen=True, kw_only=True, tag="coverage"):
    """``lines`` and ``lines_hit``: what a report says that has no lines of its own (only totals); else counted."""

    files: tuple[FileCoverage, ...] = ()
    lines: int = 0
    lines_hit: int = 0
    branches: int = 0
    branches_hit: int = 0
    functions: int = 0
    functions_hit: int = 0
    roots: tuple[str, ...] = ()  # folders that the paths are in, as the tool says


class ScanKind(StrEnum):
    """What a scan looks for; the words of the event ``scan.finished``, and quality besides."""

    SAST = "sast"
    DEPENDENCY = "dependency"
    SECRET = "secret"  # noqa: S105
    LICENCE = "licence"
    CONTAINER = "container"
    DAST = "dast"
    INFRASTRUCTURE = "infrastructure"
    QUALITY = "quality"
    OTHER = "other"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a scanner found. ``secret``: the value of a found secret, for its keyed digest alone; whoever
    stores or shows a finding takes it away."""

    rule: str  # as the tool names it
    title: str = ""
    message: str = ""
    severity: Severity = Severity.UNKNOWN
    severity_said: str = ""  # as the tool says it: a level, a score, a vector
    path: str = ""  # relative to the repository
    line: int = 0
    end_line: int = 0
    column: int = 0
    snippet: str = ""  # the lines around, as far as the report has them; never of a secret
    identifiers: tuple[str, ...] = ()  # CVE-..., GHSA-..., CWE-..., sorted
    package: str = ""  # a package URL with its version
    fixed_in: tuple[str, ...] = ()
    image: str = ""
    object: str = ""  # what else it is about: an address, a resource, an operation
    suppressed: str = ""  # why the tool itself does not count it
    secret: str = ""
    tool_fingerprint: str = ""


class Findings(msgspec.Struct, frozen=True, kw_only=True, tag="findings"):
    """One scan. ``scope``: what was looked at, as the report itself proves it; empty: it does not say, and then an
    empty list is no data and never a clean scan."""

    kind: ScanKind
    findings: tuple[Finding, ...] = ()
    scope: tuple[str, ...] = ()
    rules: str = ""  # version or digest of the rule set
    rule_ids: tuple[str, ...] = ()  # the rules that were applied, sorted, where the report lists more than those it hit
    finished: bool = True  # False: the scan itself says that it failed or was cut short


class Component(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: str = ""
    purl: str = ""
    kind: str = "library"
    licences: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()  # "sha256:..."
    ref: str = ""
    depends_on: tuple[str, ...] = ()  # refs
    scope: str = ""  # CycloneDX's words: required, optional, excluded (not in what runs); empty: not said
    properties: tuple[tuple[str, str], ...] = ()  # name and value; a name may stand there several times


class Components(msgspec.Struct, frozen=True, kw_only=True, tag="components"):
    """A bill of materials."""

    subject: Component | None = None  # what it is the bill of
    components: tuple[Component, ...] = ()
    serial: str = ""
    version: str = ""  # of the format
    complete: bool | None = None  # whether it says that nothing is missing; None: it does not say


class Operation(msgspec.Struct, frozen=True, order=True):
    """One operation of an interface: ``GET /accounts/{id}``, ``query account``, ``bank.Ledger/Post``,
    ``receive accounts.changed``."""

    verb: str
    name: str


class Contract(msgspec.Struct, frozen=True, kw_only=True, tag="contract"):
    """What an interface declares."""

    title: str = ""
    version: str = ""
    operations: tuple[Operation, ...] = ()
    style: str = ""  # openapi, asyncapi, graphql, grpc
    bases: tuple[str, ...] = ()  # paths that stand before those of operations: of ``servers``, ``basePath``


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that was really used by a test. ``asserted``: the test held something against the answer."""

    verb: str
    name: str  # the path that was called, or the operation's own name
    status: int = 0
    test: str = ""  # key or name of the test case; empty: not told
    asserted: bool | None = None  # None: not told
    skipped: bool = False


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """How a test ended that may have called something; told apart from its calls, which another process may write."""

    __test__ = False

    test: str  # as :attr:`Call.test` has it
    asserted: bool | None = None  # None: not told
    skipped: bool = False


class Calls(msgspec.Struct, frozen=True, kw_only=True, tag="calls"):
    calls: tuple[Call, ...] = ()
    tests: tuple[Tested, ...] = ()


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution with its sample count; times are milliseconds."""

    name: str
    samples: int | None = None  # None: not said
    errors: int | None = None
    mean: float | None = None
    percentiles: dict[str, float] = {}  # "p95" -> milliseconds
    per_second: float | None = None


class Load(msgspec.Struct, frozen=True, kw_only=True, tag="load"):
    measured: tuple[Sampled, ...] = ()
    thresholds: dict[str, bool] = {}  # as the tool judged them


class Mutation(msgspec.Struct, frozen=True, kw_only=True, tag="mutation"):
    killed: int = 0
    survived: int = 0
    not_covered: int = 0
    other: int = 0  # timed out, out of memory, not viable: by the tool's own words in ``details``
    details: dict[str, int] = {}


class Planned(msgspec.Struct, frozen=True, kw_only=True, tag="plan"):
    """What a change of infrastructure would do."""

    create: int = 0
    update: int = 0
    delete: int = 0
    resources: tuple[str, ...] = ()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a VEX document or an advisory says of one vulnerability in one product."""

    vulnerability: str
    aliases: tuple[str, ...] = ()  # what else the vulnerability is called
    product: str = ""  # a package URL where the document has one
    component: str = ""  # the part of the product that it is about
    status: str = ""  # not_affected, affected, fixed, under_investigation
    justification: str = ""
    impact: str = ""
    at: str = ""


class Advisories(msgspec.Struct, frozen=True, kw_only=True, tag="advisories"):
    id: str = ""
    author: str = ""
    judgements: tuple[Judgement, ...] = ()


class Attested(msgspec.Struct, frozen=True, kw_only=True, tag="attested"):
    """A foreign in-toto statement; nothing of its signature is verified by reading it."""

    predicate: str
    subjects: tuple[tuple[str, str], ...] = ()  # name, "sha256:..."
    signed_by: tuple[str, ...] = ()  # key ids, as the envelope has them


class Measures(msgspec.Struct, frozen=True, kw_only=True, tag="measures"):
    """Named numbers: generic metrics, Scorecard."""

    values: dict[str, float] = {}
    units: dict[str, str] = {}


class Variables(msgspec.Struct, frozen=True, kw_only=True, tag="variables"):
    """The names in a dotenv report; values are nobody's business here."""

    names: tuple[str, ...] = ()


Content = (
    TestRun
    | Coverage
    | Findings
    | Components
    | Contract
    | Calls
    | Load
    | Mutation
    | Planned
    | Advisories
    | Attested
    | Measures
    | Variables
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could be read."""

    format: str  # the parser that its positive mark named
    content: Content
    tool: str = ""
    tool_version: str = ""
    format_version: str = ""
    made: str = ""  # when, as the file says it
    about: str = ""  # the commit, digest or repository that the file itself names
    strict: bool = True  # whether it is valid by its format's own rules
    defects: tuple[Defect, ...] = ()


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is no report, or of which nobody can tell what it is; it fills and closes nothing."""

    code: str  # "ambiguous", "no-mark", "empty", "too-large", "malformed", "wrong-encoding", ...
    message: Text
    format: str = ""  # what it was taken for, if that was clear


class Rule(StrEnum):
    """Why a file was taken for a report, the surest first."""

    REPORTS = "reports"  # a key of ``artifacts:reports`` names it
    CONTRACT = "contract"  # the evidence that is wanted of the pipeline names it
    PATH = "path"  # tools of an ecosystem leave theirs there
    CONTENT = "content"  # it is among the artifacts, and its content has a positive mark


class FoundReport(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a job left and that looks like a report. ``format``: what its positive mark says; empty: it is too
    large to be looked at here. ``kind``: the key of ``artifacts:reports`` that would take it; empty: none does.
    ``old``: it was there before the script of the job began, from the repository or another job."""

    path: str
    rule: Rule
    ecosystem: str = ""
    glob: str = ""  # of the rule
    format: str = ""
    kind: str = ""
    size: int = 0
    old: bool = False
