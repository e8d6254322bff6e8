"""Paths of a coverage report found among the files of the repository: exactly, or by the only path that ends alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Coverage
from plumbline.reports.coverage_merged import merged_files

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.model.report import FileCoverage


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """``coverage`` has only files of the repository, by their path there. ``ambiguous``: paths of the report that
    several files of the repository could be; ``unknown``: those that are none of its files. Both are left out."""

    coverage: Coverage
    ambiguous: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def placed(coverage: Coverage, paths: Collection[str]) -> Placed:
    """``paths``: all files of the repository at the revision that was tested.

    Tools write paths from some folder inside (``bank/a.py`` of ``src/bank/a.py``, JaCoCo from its source folder), or
    from the root of a machine (``home/u/app/src/bank/a.py``).
    """
    known = frozenset(paths)
    by_name: dict[str, list[str]] = {}
    for path in known:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    found: list[FileCoverage] = []
    ambiguous: list[str] = []
    unknown: list[str] = []
    for file in coverage.files:
        if file.path in known:
            found.append(file)
            continue
        alike = [path for path in by_name.get(file.path.rpartition("/")[2], ()) if _ends_alike(path, file.path)]
        if len(alike) == 1:
            found.append(msgspec.structs.replace(file, path=alike[0]))
        else:
            (ambiguous if alike else unknown).append(file.path)
    files = merged_files(found)
    placed_coverage = msgspec.structs.replace(
        coverage,
        files=files,
        lines=sum(len(file.hit) + len(file.missed) for file in files) if coverage.files else coverage.lines,
        lines_hit=sum(len(file.hit) for file in files) if coverage.files else coverage.lines_hit,
        branches=sum(file.branches for file in files) if coverage.files else coverage.branches,
        branches_hit=sum(file.branches_hit for file in files) if coverage.files else coverage.branches_hit,
    )
    return Placed(coverage=placed_coverage, ambiguous=tuple(ambiguous), unknown=tuple(unknown))


def _ends_alike(one: str, other: str) -> bool:
    return one.endswith(f"/{other}") or other.endswith(f"/{one}")
