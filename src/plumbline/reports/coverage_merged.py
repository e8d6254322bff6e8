"""Coverage of several files of one run as one: a line is hit if any of them says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Coverage, FileCoverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Merged(msgspec.Struct, frozen=True):
    """``totals_alone``: how many reports have totals and no lines; they are left out where others have lines, or where
    there are several, for nobody can tell which lines they have in common."""

    coverage: Coverage
    totals_alone: int = 0


def merged(reports: Sequence[Coverage]) -> Merged:
    """Of the branches of a file that several reports tell of, the larger numbers hold, which is the least that is
    sure. Functions have no names here: they are known of a single report alone."""
    if len(reports) == 1:
        return Merged(reports[0], 0 if reports[0].files else 1)
    files = merged_files(file for report in reports for file in report.files)
    roots = tuple(dict.fromkeys(root for report in reports for root in report.roots))
    coverage = Coverage(
        files=files,
        lines=sum(len(file.hit) + len(file.missed) for file in files),
        lines_hit=sum(len(file.hit) for file in files),
        branches=sum(file.branches for file in files),
        branches_hit=sum(file.branches_hit for file in files),
        roots=roots,
    )
    return Merged(coverage, sum(not report.files for report in reports))


def merged_files(files: Iterable[FileCoverage]) -> tuple[FileCoverage, ...]:
    """Each path once, in the order of the paths."""
    by_path: dict[str, list[FileCoverage]] = {}
    for file in files:
        by_path.setdefault(file.path, []).append(file)
    return tuple(_one(by_path[path]) for path in sorted(by_path))


def _one(files: list[FileCoverage]) -> FileCoverage:
    if len(files) == 1:
        return files[0]
    hit = {line for file in files for line in file.hit}
    missed = {line for file in files for line in file.missed} - hit
    return FileCoverage(
        path=files[0].path,
        hit=tuple(sorted(hit)),
        missed=tuple(sorted(missed)),
        branches_hit=max(file.branches_hit for file in files),
        branches=max(file.branches for file in files),
    )
