"""Lines gathered file by file: a line that is told of twice is one line, and hit if anybody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.report import Coverage, FileCoverage
from plumbline.reports import limits
from plumbline.reports.paths import place
from plumbline.reports.xml import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.reports.defects import Defects

MOST_LINES = 3_000_000  # of all files of a report together


class FileLines:
    """The lines of one file: whether each was hit; branches by line: how many were taken, of how many."""

    __slots__ = ("branches", "counted", "lines")

    def __init__(self) -> None:
        self.lines: dict[int, bool] = {}
        self.branches: dict[int, tuple[int, int]] = {}
        self.counted = 0  # lines that were counted against the limit

    def line(self, number: int, hit: bool) -> None:
        if hit or number not in self.lines:
            self.lines[number] = hit

    def branch(self, number: int, taken: int, of: int) -> None:
        """The same branches told again are no others: the larger numbers hold."""
        before = self.branches.get(number, (0, 0))
        self.branches[number] = (max(before[0], min(taken, of)), max(before[1], of))


class CoverageFiles:
    """Files by their path; ``root``: the folder of the repository where the report was made, "" where not known."""

    def __init__(self, root: str, defects: Defects) -> None:
        self._root, self._defects = root, defects
        self._files: dict[str, FileLines] = {}
        self._said: dict[str, FileLines | None] = {}
        self._absolute = False
        self._last: FileLines | None = None
        self._lines = 0

    def file(self, said: str) -> FileLines | None:
        """The file with this path; None where it lies outside of the repository, and does not count."""
        self._count()
        if said in self._said:
            self._last = self._said[said]
            return self._last
        found = place(said, self._root)
        if found.outside or not found.path:
            self._defects.add("outside-repository", t("A file lies outside the repository; it is left out."), said)
            self._said[said] = None
            return None
        if found.absolute and not self._absolute:
            self._absolute = True
            self._defects.add("absolute-path", t("Paths begin at the root of the machine that wrote the report."), said)
        if len(self._said) >= limits.FILES:
            raise RefusedError("too-many", t("The file tells of more than {most} source files.", most=limits.FILES))
        self._last = self._said[said] = self._files.setdefault(found.path, FileLines())
        return self._last

    def _count(self) -> None:
        """Count the lines that the file before has by now."""
        if self._last is not None:
            self._lines += len(self._last.lines) - self._last.counted
            self._last.counted = len(self._last.lines)
            if self._lines > MOST_LINES:
                raise RefusedError("too-many", t("The file tells of more than {most} lines.", most=MOST_LINES))

    def made(self, roots: Sequence[str] = (), functions: tuple[int, int] = (0, 0)) -> Coverage:
        """All of it. ``functions``: how many were hit, of how many."""
        files = tuple(_file(path, self._files[path]) for path in sorted(self._files))
        return Coverage(
            files=files,
            lines=sum(len(file.hit) + len(file.missed) for file in files),
            lines_hit=sum(len(file.hit) for file in files),
            branches=sum(file.branches for file in files),
            branches_hit=sum(file.branches_hit for file in files),
            functions=functions[1],
            functions_hit=functions[0],
            roots=tuple(limits.name(root) for root in roots[:100]),
        )


def _file(path: str, found: FileLines) -> FileCoverage:
    return FileCoverage(
        path=path,
        hit=tuple(sorted(number for number, hit in found.lines.items() if hit)),
        missed=tuple(sorted(number for number, hit in found.lines.items() if not hit)),
        branches_hit=sum(taken for taken, _ in found.branches.values()),
        branches=sum(of for _, of in found.branches.values()),
    )


def line_number(said: str) -> int:
    """A line number; 0 where it is none, or beyond a million."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def hits(said: str) -> int:
    """How often a line was hit; below 0 (an overflow in the tool) or no number is never."""
    try:
        return max(0, int(float(said[:30])))
    except (ValueError, OverflowError):
        return 0


def compare(said: int | None, counted: int, defects: Defects) -> None:
    """Hold the lines that a header counts against those that are listed."""
    if said is not None and said != counted:
        defects.add(
            "header-disagrees", t("The header counts {said} lines; {counted} are listed.", said=said, counted=counted)
        )
