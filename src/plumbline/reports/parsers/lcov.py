"""LCOV tracefiles; records of one source file from several tests are one file."""

from __future__ import annotations

from io import BytesIO, TextIOWrapper

from plumbline.kernel import t
from plumbline.model.report import Report, Unreadable
from plumbline.reports.coverage_files import CoverageFiles, FileLines, hits, line_number
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import RefusedError


class _Record:
    """A record that is open: the totals that it says itself, and its functions by their name."""

    def __init__(self, file: FileLines | None) -> None:
        self.file = file
        self.lines: set[int] = set()
        self.said: int | None = None
        self.branches: dict[int, list[bool]] = {}


class _Reading:
    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.files = CoverageFiles(source.settings.get("root", ""), self.defects)
        self.functions: dict[tuple[str, str], bool] = {}
        self.path = ""
        self.record: _Record | None = None
        self.at = 0

    def all(self, data: bytes) -> None:
        text = TextIOWrapper(BytesIO(data), "utf-8", "replace")
        for self.at, line in enumerate(text, 1):  # noqa: B020 - where we are, for defects
            keyword, _, rest = line.strip().partition(":")
            if keyword == "SF":
                self.end()
                self.path = rest
                self.record = _Record(self.files.file(rest))
            elif keyword == "end_of_record":
                self.end()
            elif self.record is not None and self.record.file is not None:
                self.take(keyword, rest.split(","), self.record, self.record.file)
        if self.record is not None:
            self.defects.add("cut-short", t("The last record has no end: the file may have been cut short."))
        self.end()

    def take(self, keyword: str, values: list[str], record: _Record, file: FileLines) -> None:
        match keyword, values:
            case "DA", [number, count, *_] if at := line_number(number):
                if count.startswith("-"):
                    self.defects.add(
                        "negative-count", t("A line was hit less than never; it counts as not hit."), self.where
                    )
                file.line(at, hits(count) > 0)
                record.lines.add(at)
            case "BRDA", [number, _, *_, taken] if (at := line_number(number)) and len(values) > 3:
                record.branches.setdefault(at, []).append(hits(taken) > 0)
            case "LF", [count]:
                record.said = line_number(count)
            case "FN", [*_, name] if len(values) > 1:
                self.functions.setdefault((self.path, name), False)
            case "FNDA", [count, *name]:
                key = (self.path, ",".join(name))
                self.functions[key] = self.functions.get(key, False) or hits(count) > 0
            case "FNA", [_, count, *name]:
                key = (self.path, ",".join(name))
                self.functions[key] = self.functions.get(key, False) or hits(count) > 0
            case (("DA" | "BRDA" | "LF" | "FN" | "FNDA" | "FNA"), _):
                self.defects.add("bad-line", t("A line of the report cannot be read; it is left out."), self.where)

    @property
    def where(self) -> str:
        return f"line {self.at}"

    def end(self) -> None:
        record, self.record = self.record, None
        if record is None or record.file is None:
            return
        for number, taken in record.branches.items():
            record.file.branch(number, sum(taken), len(taken))
        if record.said is not None and record.said != len(record.lines):
            self.defects.add(
                "header-disagrees",
                t("LF counts {said} lines; {counted} are listed.", said=record.said, counted=len(record.lines)),
                self.path,
            )


def _marks(marks: Marks) -> bool:
    first = [line for line in marks.first.splitlines() if line.strip() and not line.startswith("#")]
    return (
        marks.shape == "text"
        and bool(first)
        and first[0].startswith(("TN:", "SF:"))
        and any(line.startswith("SF:") for line in first)
    )


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    try:
        reading.all(source.data)
    except RefusedError as refused:
        return Unreadable(code=refused.code, message=refused.message)
    content = reading.files.made(functions=(sum(reading.functions.values()), len(reading.functions)))
    if not content.lines:
        return Unreadable(code="no-data", message=t("The report tells of no line of any file in the repository."))
    return Report(format="lcov", content=content, strict=not reading.defects, defects=reading.defects.all())


PART = Parser(
    name="lcov",
    title=t("Coverage as an LCOV tracefile"),
    marks=_marks,
    read=_read,
    gitlab=("coverage_report",),
    paths=("**/lcov.info", "**/*.lcov", "**/coverage.info"),
    reference="https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1",
)
