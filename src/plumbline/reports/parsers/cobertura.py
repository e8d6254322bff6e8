"""Cobertura XML, as coverage.py, istanbul, coverlet, gocover-cobertura and gcovr write it."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.report import Report, Unreadable
from plumbline.reports import limits
from plumbline.reports.coverage_files import CoverageFiles, FileLines, compare, hits, line_number
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.paths import place
from plumbline.reports.xml import Attributes, XmlStream

_CONDITIONS = re.compile(r"\((\d{1,6})/(\d{1,6})\)")


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.root = source.settings.get("root", "")
        self.files = CoverageFiles(self.root, self.defects)
        self.sources: list[str] = []
        self.header: Attributes = {}
        self.file: FileLines | None = None
        self.in_method = False
        self.method_hit = False
        self.functions = [0, 0]
        self.stream = XmlStream(
            {"coverage": self.begin, "class": self.class_, "method": self.method, "line": self.line},
            {"source": self.source, "class": self.end_class, "method": self.end_method},
            texts=("source",),
        )

    def begin(self, attributes: Attributes) -> None:
        self.header = attributes

    def source(self, text: str) -> None:
        if text.strip() and len(self.sources) < 100:
            self.sources.append(text.strip())

    def class_(self, attributes: Attributes) -> None:
        self.file = self.files.file(self._inside(attributes.get("filename", "")))

    def _inside(self, filename: str) -> str:
        """The path from the one source folder, if it is known where in the repository that is."""
        if len(self.sources) != 1 or not self.root or not filename or filename.startswith("/"):
            return filename
        found = place(self.sources[0], self.root)
        return f"{found.path}/{filename}" if found.path and not found.outside else filename

    def end_class(self, _: str) -> None:
        self.file = None

    def method(self, _: Attributes) -> None:
        self.in_method, self.method_hit = True, False

    def end_method(self, _: str) -> None:
        self.in_method = False
        self.functions[0] += self.method_hit
        self.functions[1] += 1

    def line(self, attributes: Attributes) -> None:
        """Take a line once, though it stands in its method and in its class."""
        if self.file is None:
            return
        number = line_number(attributes.get("number", ""))
        if not number:
            self.defects.add("bad-line", t("A line has no number."), f"line {self.stream.line}")
            return
        hit = hits(attributes.get("hits", "0")) > 0
        self.method_hit = self.method_hit or (hit and self.in_method)
        self.file.line(number, hit)
        if found := _CONDITIONS.search(attributes.get("condition-coverage", "")):
            self.file.branch(number, int(found[1]), int(found[2]))


def _marks(marks: Marks) -> bool:
    return (
        marks.shape == "xml"
        and marks.root == "coverage"
        and "project" not in marks.children
        and ("line-rate" in marks.attributes or "packages" in marks.children)
    )


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    hit, of = reading.functions
    content = reading.files.made(reading.sources, (hit, of))
    if not content.files:
        return Unreadable(code="no-data", message=t("The report tells of no line of any file in the repository."))
    compare(whole(reading.header.get("lines-valid", "")), content.lines, reading.defects)
    return Report(
        format="cobertura",
        content=content,
        tool_version=limits.kept(reading.header.get("version", ""), 100),
        made=reading.header.get("timestamp", "")[:40],
        strict=not reading.defects,
        defects=reading.defects.all(),
    )


PART = Parser(
    name="cobertura",
    title=t("Coverage as Cobertura XML"),
    marks=_marks,
    read=_read,
    gitlab=("coverage_report", "cobertura"),
    paths=("**/coverage.xml", "**/cobertura.xml", "**/cobertura-coverage.xml", "**/coverage.cobertura.xml"),
    reference="https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd",
)
