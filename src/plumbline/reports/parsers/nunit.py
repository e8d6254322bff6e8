"""NUnit XML of versions 3 (``test-run``) and 2 (``test-results``), whole or of one suite (``test-suite``)."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer, Report, TestCase, TestRun, Unreadable
from plumbline.reports import limits
from plumbline.reports.cases import Cases, layer_of
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import duration, whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, XmlStream

_RESULTS = {
    "Passed": CaseOutcome.PASSED,
    "Success": CaseOutcome.PASSED,
    "Warning": CaseOutcome.PASSED,
    "Failed": CaseOutcome.FAILED,
    "Failure": CaseOutcome.FAILED,
    "Error": CaseOutcome.ERROR,
    "NotRunnable": CaseOutcome.ERROR,
    "Cancelled": CaseOutcome.ERROR,
    "Skipped": CaseOutcome.SKIPPED,
    "Ignored": CaseOutcome.SKIPPED,
    "Inconclusive": CaseOutcome.SKIPPED,  # an assumption did not hold
}
_ERRORS = {"Error", "Invalid", "Cancelled"}  # labels of a failure that is none of an assertion


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.cases = Cases()
        self.header: Attributes = {}
        self.layers = [layer_of(source.settings.get("layer", ""), self.defects, "settings")]
        self.fixtures: list[str] = []
        self.case: Attributes | None = None
        self._fresh()
        self.stream = XmlStream(
            {
                "test-run": self.begin,
                "test-results": self.begin,
                "test-suite": self.open,
                "test-case": self.open_case,
                "property": self.property,
                "attachment": self.aside,
                "assertion": self.aside,
            },
            {
                "test-suite": self.close,
                "test-case": self.close_case,
                "message": self.message,
                "stack-trace": self.trace,
                "attachment": self.back,
                "assertion": self.back,
            },
            texts=("message", "stack-trace"),
        )

    def _fresh(self) -> None:
        self.said = self.details = ""
        self.properties: dict[str, str] = {}
        self.own_layer: Layer | None = None
        self.beside = 0  # elements that have a message which is not the case's

    def begin(self, attributes: Attributes) -> None:
        self.header = attributes

    def open(self, attributes: Attributes) -> None:
        self.header = self.header or attributes
        self.layers.append(self.layers[-1])
        class_name = attributes.get("classname") or (
            attributes.get("fullname") or attributes.get("name", "") if attributes.get("type") == "TestFixture" else ""
        )
        self.fixtures.append(class_name or (self.fixtures[-1] if self.fixtures else ""))

    def close(self, _: str) -> None:
        self.layers.pop()
        self.fixtures.pop()

    def open_case(self, attributes: Attributes) -> None:
        self.case = attributes
        self._fresh()

    def aside(self, _: Attributes) -> None:
        self.beside += 1

    def back(self, _: str) -> None:
        self.beside -= 1

    def property(self, attributes: Attributes) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if name.lower() == "layer":
            if self.case is None:
                self.layers[-1] = layer_of(value, self.defects, self.fixtures[-1] if self.fixtures else "")
            else:
                self.own_layer = layer_of(value, self.defects, self.case.get("name", ""))
        elif self.case is not None and name and len(self.properties) < limits.PROPERTIES:
            self.properties[limits.kept(name, 200)] = limits.kept(value, limits.VALUE)

    def message(self, text: str) -> None:
        if self.case is not None and not self.beside and not self.said:
            self.said = limits.kept(text.strip())

    def trace(self, text: str) -> None:
        if self.case is not None and not self.beside and not self.details:
            self.details = limits.kept(text.strip(), limits.DETAILS)

    def close_case(self, _: str) -> None:
        if self.case is not None:
            self.cases.add(self._made(self.case))
        self.case = None

    def _made(self, said: Attributes) -> TestCase:
        result = said.get("result") or _without_result(said)
        outcome = _RESULTS.get(result)
        if outcome is None:
            self.defects.add(
                "bad-result",
                t("A case has the result '{result}', which is none.", result=result[:80]),
                said.get("name", ""),
            )
            outcome = CaseOutcome.ERROR
        if outcome is CaseOutcome.FAILED and said.get("label") in _ERRORS:
            outcome = CaseOutcome.ERROR
        seconds, wrong = duration(said.get("duration") or said.get("time", ""))
        if wrong:
            self.defects.add(wrong, t("A duration is no number, negative or absurd."), said.get("name", ""))
        class_name, name, parameters = self._named(said)
        return TestCase(
            name=limits.name(name),
            class_name=limits.name(class_name),
            parameters=limits.name(parameters),
            outcome=outcome,
            seconds=seconds,
            message=self.said,
            details=self.details,
            layer=self.layers[-1] if self.own_layer is None else self.own_layer,
            properties=self.properties,
        )

    def _named(self, said: Attributes) -> tuple[str, str, str]:
        """Class, method and arguments. Version 2 has all of them in the name alone."""
        full = said.get("fullname") or said.get("name", "")
        head, _, arguments = full.partition("(")
        class_name = said.get("classname") or (self.fixtures[-1] if self.fixtures else "")
        if "methodname" in said:
            name, method = said.get("name", ""), said["methodname"]
            rest = name.removeprefix(method)
            if rest != name and rest[:1] == "(" and rest[-1:] == ")":
                return class_name, method, rest[1:-1]
            return class_name, name or method, ""
        class_of, _, method = head.rpartition(".")
        if arguments.endswith(")"):
            return class_of or class_name, method, arguments[:-1]
        return class_of or class_name, (method or head) if not arguments else full, ""


def _without_result(said: Attributes) -> str:
    """The result as version 2 said it at first, in two attributes."""
    if said.get("executed") == "False":
        return "Ignored"
    return {"True": "Passed", "False": "Failed"}.get(said.get("success", ""), "")


def _marks(marks: Marks) -> bool:
    return marks.shape == "xml" and (
        (marks.root == "test-suite" and {"type", "asserts"} <= marks.attributes.keys())
        or (marks.root == "test-run" and "testcasecount" in marks.attributes)
        or (marks.root == "test-results" and bool({"not-run", "total"} & marks.attributes.keys()))
    )


def _read(source: Source, marks: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    cases = reading.cases.all()
    header = reading.header
    said = whole(header.get("testcasecount", ""))
    if said is not None and said != reading.cases.seen:
        reading.defects.add(
            "header-disagrees",
            t("The header counts {said} cases; {counted} are listed.", said=said, counted=reading.cases.seen),
        )
    return Report(
        format="nunit",
        content=TestRun(cases=cases, suite=limits.name(header.get("name", "")), dialect="nunit"),
        tool="nunit",
        tool_version=header.get("engine-version", "")[:40],
        format_version="3" if "testcasecount" in marks.attributes else "2",
        made=(header.get("start-time") or header.get("date", ""))[:40],
        strict=not reading.defects,
        defects=reading.defects.all(),
    )


PART = Parser(
    name="nunit",
    title=t("Test results of NUnit"),
    marks=_marks,
    read=_read,
    gitlab=("junit",),
    paths=("**/TestResult.xml", "**/nunit-*.xml"),
    reference="https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html",
)
