"""TRX of Visual Studio and ``dotnet test``; the rows of a data-driven test count, and not the test that holds them."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Report, TestCase, TestRun, Unreadable
from plumbline.reports import limits
from plumbline.reports.cases import Cases, layer_of
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, RefusedError, XmlStream

_NAMESPACE = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"
_DURATION = re.compile(r"(?:(\d{1,5})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)")
_RESULTS = {
    "Passed": CaseOutcome.PASSED,
    "PassedButRunAborted": CaseOutcome.PASSED,
    "Warning": CaseOutcome.PASSED,
    "Completed": CaseOutcome.PASSED,
    "Failed": CaseOutcome.FAILED,
    "Error": CaseOutcome.ERROR,
    "Timeout": CaseOutcome.ERROR,
    "Aborted": CaseOutcome.ERROR,
    "NotRunnable": CaseOutcome.ERROR,
    "Disconnected": CaseOutcome.ERROR,
    "InProgress": CaseOutcome.ERROR,
    "NotExecuted": CaseOutcome.SKIPPED,
    "Inconclusive": CaseOutcome.SKIPPED,
    "Pending": CaseOutcome.SKIPPED,
}


class _Result:
    """A result that is open or done; what it belongs to is told later in the file."""

    __slots__ = ("attributes", "details", "inner", "message")

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.message = self.details = ""
        self.inner = False


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.layer = layer_of(source.settings.get("layer", ""), self.defects, "settings")
        self.open: list[_Result] = []
        self.done: list[_Result] = []
        self.tests: dict[str, tuple[str, str]] = {}  # id -> class, method
        self.test = self.name = self.made = ""
        self.total: int | None = None
        self.stream = XmlStream(
            {
                "TestRun": self.begin,
                "Times": self.times,
                "UnitTestResult": self.open_result,
                "UnitTest": self.open_test,
                "TestMethod": self.method,
                "Counters": self.counters,
            },
            {"UnitTestResult": self.close_result, "Message": self.message, "StackTrace": self.trace},
            texts=("Message", "StackTrace"),
        )

    def begin(self, attributes: Attributes) -> None:
        self.name = attributes.get("name", "")

    def times(self, attributes: Attributes) -> None:
        self.made = attributes.get("start", "")[:40]

    def open_result(self, attributes: Attributes) -> None:
        if self.open:
            self.open[-1].inner = True
        self.open.append(_Result(attributes))

    def close_result(self, _: str) -> None:
        result = self.open.pop()
        if not result.inner:
            if len(self.done) >= limits.CASES:
                raise RefusedError("too-many", t("The file has more than {most} test cases.", most=limits.CASES))
            self.done.append(result)

    def message(self, text: str) -> None:
        if self.open and not self.open[-1].message:
            self.open[-1].message = limits.kept(text.strip())

    def trace(self, text: str) -> None:
        if self.open and not self.open[-1].details:
            self.open[-1].details = limits.kept(text.strip(), limits.DETAILS)

    def open_test(self, attributes: Attributes) -> None:
        self.test = attributes.get("id", "")

    def method(self, attributes: Attributes) -> None:
        class_name = attributes.get("className", "").partition(",")[0]  # what follows is the assembly
        self.tests[self.test] = (class_name, attributes.get("name", ""))

    def counters(self, attributes: Attributes) -> None:
        self.total = whole(attributes.get("total", ""))

    def cases(self) -> Cases:
        cases = Cases()
        for result in self.done:
            cases.add(self._made(result))
        return cases

    def _made(self, result: _Result) -> TestCase:
        said = result.attributes
        outcome = _RESULTS.get(said.get("outcome", "Passed"))
        full = said.get("testName", "")
        if outcome is None:
            self.defects.add(
                "bad-result", t("A case has the result '{result}', which is none.", result=said["outcome"][:80]), full
            )
            outcome = CaseOutcome.ERROR
        class_name, method = self.tests.get(said.get("testId", ""), ("", ""))
        name, parameters = _named(full, class_name, method)
        return TestCase(
            name=limits.name(name),
            class_name=limits.name(class_name),
            parameters=limits.name(parameters),
            outcome=outcome,
            seconds=self._seconds(said.get("duration", ""), full),
            message=result.message,
            details=result.details,
            layer=self.layer,
        )

    def _seconds(self, said: str, name: str) -> float | None:
        if not said:
            return None
        found = _DURATION.fullmatch(said)
        if not found:
            self.defects.add("bad-number", t("A duration is not of the form hours:minutes:seconds."), name)
            return None
        days, hours, minutes, seconds = found.groups()
        value = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + float(seconds)
        if value > limits.LONGEST:
            self.defects.add("absurd-duration", t("A duration is longer than thirty days."), name)
            return None
        return value


def _named(full: str, class_name: str, method: str) -> tuple[str, str]:
    """Name and parameters: ``Ns.Class.Adds(x: 1)``, ``Adds (1,2)``, ``Adds(1,2)``; a display name stays as it is."""
    short = full.removeprefix(f"{class_name}.") if class_name else full
    bare = method.rpartition(".")[2]
    rest = short.removeprefix(bare) if bare else short
    if bare and rest != short:
        rest = rest.strip()
        if not rest:
            return bare, ""
        if rest[0] == "(" and rest[-1] == ")":
            return bare, rest[1:-1]
    return short or bare, ""


def _marks(marks: Marks) -> bool:
    return marks.shape == "xml" and marks.root == "TestRun" and marks.namespace == _NAMESPACE


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    cases = reading.cases()
    if reading.total is not None and reading.total != cases.seen:
        reading.defects.add(
            "header-disagrees",
            t("The header counts {said} cases; {counted} are listed.", said=reading.total, counted=cases.seen),
        )
    return Report(
        format="trx",
        content=TestRun(cases=cases.all(), suite=limits.name(reading.name), dialect="trx"),
        tool="vstest",
        made=reading.made,
        strict=not reading.defects,
        defects=reading.defects.all(),
    )


PART = Parser(
    name="trx",
    title=t("Test results of Visual Studio (TRX)"),
    marks=_marks,
    read=_read,
    gitlab=("junit",),
    paths=("**/TestResults/**/*.trx", "**/*.trx"),
    reference="https://learn.microsoft.com/dotnet/core/tools/dotnet-test",
)
