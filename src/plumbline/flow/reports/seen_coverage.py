"""What people see of coverage. Values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.reported import CoverageKept, FileLines, StoredReport
    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node


class FileCovered(NamedTuple):
    """``changed``, ``changed_hit``: of the lines that the change touched those that can be executed, and were."""

    path: str
    lines: int
    hit: int
    branches: int
    branches_hit: int
    changed: int
    changed_hit: int

    @property
    def percent(self) -> float | None:
        return percent(self.hit, self.lines)


class CoverageSeen(NamedTuple):
    """One report: of the newest attempt of a job, or brought by somebody. ``base``: what it is held against."""

    report: StoredReport
    kept: CoverageKept
    base: CoverageKept | None
    files: Sequence[FileCovered]

    @property
    def percent(self) -> float | None:
        return percent(self.kept.lines_hit, self.kept.lines)

    @property
    def change(self) -> float | None:
        """In percentage points against the base."""
        before = percent(self.base.lines_hit, self.base.lines) if self.base is not None else None
        return None if before is None or self.percent is None else self.percent - before

    @property
    def changed_percent(self) -> float | None:
        """Of the lines that the change touched; None: not known, or it touched none that can be executed."""
        return percent(self.kept.changed_hit, self.kept.changed)


class PipelineCoverage(NamedTuple):
    project: Node
    pipeline: StoredPipeline
    reports: Sequence[CoverageSeen]


class ProjectCoverage(NamedTuple):
    """``trend``: of the default branch, the oldest first."""

    project: Node
    trend: Sequence[CoverageKept]


class FileSeen(NamedTuple):
    """``source``: the lines of the file at that commit; None where the copy of the repository does not have it."""

    project: Node
    report: StoredReport
    file: FileLines
    source: Sequence[str] | None


def percent(hit: int, of: int) -> float | None:
    """None where there is nothing to be a part of."""
    return 100 * hit / of if of > 0 else None
