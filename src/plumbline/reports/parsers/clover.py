"""Clover XML, as OpenClover, PHPUnit and istanbul write it: statements and conditions are lines, methods functions."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.report import Report, Unreadable
from plumbline.reports.coverage_files import CoverageFiles, FileLines, hits, line_number
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, XmlStream


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.files = CoverageFiles(source.settings.get("root", ""), self.defects)
        self.file: FileLines | None = None
        self.of_tests = False
        self.functions = [0, 0]
        self.made = self.version = ""
        self.stream = XmlStream(
            {"coverage": self.begin, "testproject": self.tests, "file": self.open, "line": self.line},
            {"testproject": self.end_tests, "file": self.close},
        )

    def begin(self, attributes: Attributes) -> None:
        self.made, self.version = attributes.get("generated", "")[:40], attributes.get("clover", "")[:40]

    def tests(self, _: Attributes) -> None:
        self.of_tests = True

    def end_tests(self, _: str) -> None:
        self.of_tests = False

    def open(self, attributes: Attributes) -> None:
        said = attributes.get("path") or attributes.get("name", "")
        self.file = None if self.of_tests else self.files.file(said)

    def close(self, _: str) -> None:
        self.file = None

    def line(self, attributes: Attributes) -> None:
        if self.file is None:
            return
        number, kind = line_number(attributes.get("num", "")), attributes.get("type", "stmt")
        if not number:
            self.defects.add("bad-line", t("A line has no number."), f"line {self.stream.line}")
            return
        hit = hits(attributes.get("count", "0")) > 0
        if kind == "method":
            self.functions[0] += hit
            self.functions[1] += 1
            return
        taken = [hits(attributes.get(name, "0")) > 0 for name in ("truecount", "falsecount")]
        if kind == "cond":
            self.file.branch(number, sum(taken), 2)
        self.file.line(number, hit or (kind == "cond" and any(taken)))


def _marks(marks: Marks) -> bool:
    children = set(marks.children)
    return (
        marks.shape == "xml" and marks.root == "coverage" and bool(children) and children <= {"project", "testproject"}
    )


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    hit, of = reading.functions
    content = reading.files.made(functions=(hit, of))
    if not content.lines:
        return Unreadable(code="no-data", message=t("The report tells of no line of any file in the repository."))
    return Report(
        format="clover", content=content, tool_version=reading.version, made=reading.made,
        strict=not reading.defects, defects=reading.defects.all(),
    )  # fmt: skip


PART = Parser(
    name="clover",
    title=t("Coverage as Clover XML"),
    marks=_marks,
    read=_read,
    gitlab=("coverage_report",),
    paths=("**/clover.xml",),
    reference="https://openclover.org/doc/manual/latest/developer-guide--report-format.html",
)
