"""JaCoCo XML: lines by their instructions; groups of modules are gone through."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.report import Coverage, Report, Unreadable
from plumbline.reports.coverage_files import CoverageFiles, FileLines, compare, hits, line_number
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, XmlStream


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.files = CoverageFiles(source.settings.get("root", ""), self.defects)
        self.package = ""
        self.file: FileLines | None = None
        self.inside = 0  # how many groups, packages, classes and source files are open
        self.totals: dict[str, tuple[int, int]] = {}  # covered, of
        holders = ("group", "package", "class", "sourcefile")
        self.stream = XmlStream(
            {
                **dict.fromkeys(holders, self.open),
                "package": self.open_package,
                "sourcefile": self.open_file,
                "line": self.line,
                "counter": self.counter,
            },
            dict.fromkeys(holders, self.close),
        )

    def open(self, _: Attributes) -> None:
        self.inside += 1

    def close(self, _: str) -> None:
        self.inside -= 1
        self.file = None

    def open_package(self, attributes: Attributes) -> None:
        self.inside += 1
        self.package = attributes.get("name", "").strip("/")

    def open_file(self, attributes: Attributes) -> None:
        self.inside += 1
        self.file = self.files.file("/".join(filter(None, (self.package, attributes.get("name", "")))))

    def line(self, attributes: Attributes) -> None:
        if self.file is None:
            return
        number = line_number(attributes.get("nr", ""))
        covered, missed = hits(attributes.get("ci", "")), hits(attributes.get("mi", ""))
        if not number or not covered + missed:
            self.defects.add("bad-line", t("A line has no number or no instruction."), f"line {self.stream.line}")
            return
        self.file.line(number, covered > 0)
        taken = hits(attributes.get("cb", ""))
        if of := taken + hits(attributes.get("mb", "")):
            self.file.branch(number, taken, of)

    def counter(self, attributes: Attributes) -> None:
        """Take the totals of the whole report, which stand below the root itself."""
        if not self.inside:
            covered, missed = whole(attributes.get("covered", "")), whole(attributes.get("missed", ""))
            if covered is not None and missed is not None:
                self.totals[attributes.get("type", "")[:40]] = (covered, covered + missed)


def _marks(marks: Marks) -> bool:
    known = {"sessioninfo", "group", "package", "counter"}
    return marks.shape == "xml" and marks.root == "report" and bool(marks.children) and known >= set(marks.children)


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    totals = reading.totals
    content = reading.files.made(functions=totals.get("METHOD", (0, 0)))
    if content.lines:
        if "LINE" in totals:
            compare(totals["LINE"][1], content.lines, reading.defects)
    elif "LINE" in totals:
        lines, branches, methods = (totals.get(name, (0, 0)) for name in ("LINE", "BRANCH", "METHOD"))
        content = Coverage(
            lines=lines[1], lines_hit=lines[0], branches=branches[1], branches_hit=branches[0],
            functions=methods[1], functions_hit=methods[0],
        )  # fmt: skip
        reading.defects.add("no-lines", t("The report has totals and no lines: nothing can be said of changed lines."))
    else:
        return Unreadable(
            code="no-data",
            message=t(
                "The report tells of no line: no class was run, or classes were built without debug information."
            ),
        )
    return Report(
        format="jacoco", content=content, tool="jacoco", strict=not reading.defects, defects=reading.defects.all()
    )


PART = Parser(
    name="jacoco",
    title=t("Coverage as JaCoCo XML"),
    marks=_marks,
    read=_read,
    gitlab=("coverage_report", "jacoco"),
    paths=("**/target/site/jacoco*/jacoco.xml", "**/build/reports/jacoco/**/*.xml"),
    reference="https://www.jacoco.org/jacoco/trunk/coverage/report.dtd",
)
