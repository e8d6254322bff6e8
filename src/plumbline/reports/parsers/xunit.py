"""xUnit.net XML, version 2 and 3: assemblies, collections, tests."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer, Report, TestCase, TestRun, Unreadable
from plumbline.reports import limits
from plumbline.reports.cases import Cases, layer_of
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import duration, whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.paths import place
from plumbline.reports.xml import Attributes, XmlStream

_RESULTS = {
    "Pass": CaseOutcome.PASSED,
    "Fail": CaseOutcome.FAILED,
    "Skip": CaseOutcome.SKIPPED,
    "NotRun": CaseOutcome.SKIPPED,
}


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.cases = Cases()
        self.root = source.settings.get("root", "")
        self.layer = layer_of(source.settings.get("layer", ""), self.defects, "settings")
        self.assembly: Attributes = {}
        self.first: Attributes = {}
        self.seen = 0  # cases of the assembly that is open
        self.test: Attributes | None = None
        self._fresh()
        self.stream = XmlStream(
            {
                "assembly": self.open,
                "test": self.open_test,
                "trait": self.trait,
                "error": self.error,
            },
            {
                "assembly": self.close,
                "test": self.close_test,
                "message": self.take_message,
                "stack-trace": self.take_trace,
                "reason": self.take_message,
            },
            texts=("message", "stack-trace", "reason"),
        )

    def _fresh(self) -> None:
        self.message = self.details = ""
        self.properties: dict[str, str] = {}
        self.own_layer: Layer | None = None

    def open(self, attributes: Attributes) -> None:
        self.assembly, self.seen = attributes, self.cases.seen
        self.first = self.first or attributes

    def close(self, _: str) -> None:
        said, counted = whole(self.assembly.get("total", "")), self.cases.seen - self.seen
        if said is not None and said != counted:
            self.defects.add(
                "header-disagrees",
                t("The header counts {said} cases; {counted} are listed.", said=said, counted=counted),
                self.assembly.get("name", ""),
            )

    def error(self, attributes: Attributes) -> None:
        """Keep what failed outside of any test, such as the cleanup of a collection."""
        self.defects.add(
            "error-outside-cases",
            t("Something failed outside of any test case."),
            attributes.get("name", "") or attributes.get("type", ""),
        )

    def open_test(self, attributes: Attributes) -> None:
        self.test = attributes
        self._fresh()

    def trait(self, attributes: Attributes) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if self.test is None:
            return
        if name.lower() == "layer":
            self.own_layer = layer_of(value, self.defects, self.test.get("name", ""))
        elif name and len(self.properties) < limits.PROPERTIES:
            self.properties[limits.kept(name, 200)] = limits.kept(value, limits.VALUE)

    def take_message(self, text: str) -> None:
        if self.test is not None and not self.message:
            self.message = limits.kept(text.strip())

    def take_trace(self, text: str) -> None:
        if self.test is not None and not self.details:
            self.details = limits.kept(text.strip(), limits.DETAILS)

    def close_test(self, _: str) -> None:
        if self.test is not None:
            self.cases.add(self._made(self.test), self.assembly.get("name", ""))
        self.test = None

    def _made(self, said: Attributes) -> TestCase:
        outcome = _RESULTS.get(said.get("result", ""))
        if outcome is None:
            self.defects.add(
                "bad-result",
                t("A case has the result '{result}', which is none.", result=said.get("result", "")[:80]),
                said.get("name", ""),
            )
            outcome = CaseOutcome.ERROR
        seconds, wrong = duration(said.get("time", ""))
        if wrong:
            self.defects.add(wrong, t("A duration is no number, negative or absurd."), said.get("name", ""))
        full = said.get("name", "")
        class_name, method = said.get("type", ""), said.get("method", "")
        begin = f"{class_name}.{method}("
        parameters = full[len(begin) : -1] if method and full.startswith(begin) and full.endswith(")") else ""
        plain = parameters or full in (f"{class_name}.{method}", f"{begin})")
        at = place(said.get("source-file", ""), self.root)
        return TestCase(
            name=limits.name(method if plain else full or method),
            class_name=limits.name(class_name),
            parameters=limits.name(parameters),
            file=at.path,
            line=min(whole(said.get("source-line", "")) or 0, limits.LINE),
            outcome=outcome,
            seconds=seconds,
            message=self.message,
            details=self.details,
            layer=self.layer if self.own_layer is None else self.own_layer,
            properties=self.properties,
        )


def _marks(marks: Marks) -> bool:
    if marks.shape != "xml" or marks.namespace:
        return False
    if marks.root == "assemblies":
        return set(marks.children) <= {"assembly"}
    return marks.root == "assembly" and "test-framework" in marks.attributes


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    first = reading.first
    made = " ".join(filter(None, (first.get("run-date", ""), first.get("run-time", ""))))
    return Report(
        format="xunit",
        content=TestRun(cases=reading.cases.all(), suite=limits.name(first.get("name", "")), dialect="xunit"),
        tool="xunit",
        tool_version=limits.kept(first.get("test-framework", ""), 100),
        made=made[:40],
        strict=not reading.defects,
        defects=reading.defects.all(),
    )


PART = Parser(
    name="xunit",
    title=t("Test results of xUnit.net"),
    marks=_marks,
    read=_read,
    gitlab=("junit",),
    paths=("**/xunit*.xml",),
    reference="https://xunit.net/docs/format-xml-v2",
)
