"""Keep the coverage of a job: all its files as one, in total and of the lines that the change touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.model.reported import CoverageKept, FileLines
from plumbline.reports.coverage_merged import merged_files
from plumbline.reports.coverage_paths import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.report import Coverage
    from plumbline.model.reported import ChangedLines, StoredReport
    from plumbline.reports.coverage_paths import Placed


class MergedCoverage(NamedTuple):
    """``lines``, ``lines_hit``: counted where there are lines, else as the reports say."""

    files: Sequence[FileLines]
    lines: int
    lines_hit: int
    branches: int
    branches_hit: int
    functions: int
    functions_hit: int
    ambiguous: Sequence[str] = ()


def merge(reports: Sequence[Coverage], paths: frozenset[str] | None = None) -> MergedCoverage:
    """A line is hit if any report says so. ``paths``: of all files of the commit, among which the files of the reports
    are found; those that could be several of them are left out, and named. None: nobody has them."""
    ambiguous: dict[str, None] = {}
    if paths is not None:
        found = [placed(one, paths) for one in reports]
        reports = [_with_unknown(report, one) for report, one in zip(reports, found, strict=True)]
        ambiguous = dict.fromkeys(path for one in found for path in one.ambiguous)
    files = [
        FileLines(one.path, one.hit, one.missed, one.branches_hit, one.branches)
        for one in merged_files(file for report in reports for file in report.files)
    ]
    bare = [one for one in reports if not one.files]
    return MergedCoverage(
        files,
        sum(len(one.hit) + len(one.missed) for one in files) + sum(one.lines for one in bare),
        sum(len(one.hit) for one in files) + sum(one.lines_hit for one in bare),
        sum(one.branches for one in files) + sum(one.branches for one in bare),
        sum(one.branches_hit for one in files) + sum(one.branches_hit for one in bare),
        sum(one.functions for one in reports),
        sum(one.functions_hit for one in reports),
        tuple(ambiguous),
    )


def _with_unknown(report: Coverage, found: Placed) -> Coverage:
    """What is no file of the repository, such as code that the build made, was executed all the same."""
    unknown = frozenset(found.unknown)
    others = tuple(file for file in report.files if file.path in unknown)
    return msgspec.structs.replace(report, files=(*found.coverage.files, *others))


def with_change(
    files: Iterable[FileLines], changed: Mapping[str, Sequence[int]], *, exact: bool = False
) -> list[FileLines]:
    """Each with the lines that the change touched. ``exact``: the paths are those of the repository. Else a path of the
    report that lacks a prefix is the one changed path that ends so; where several do, nobody can tell."""
    found = []
    named: dict[str, list[str]] = {}
    for path in changed:
        named.setdefault(path.rpartition("/")[2], []).append(path)
    for one in files:
        lines = changed.get(one.path)
        if lines is None and not exact:
            alike = named.get(one.path.rpartition("/")[2], ())
            ending = [path for path in alike if path.endswith(f"/{one.path}")]
            lines = changed[ending[0]] if len(ending) == 1 else ()
        found.append(one._replace(changed=tuple(lines or ())))
    return found


def keep_coverage(
    tx: Transaction, report: StoredReport, merged: MergedCoverage, changed: ChangedLines | None, *, exact: bool = False
) -> CoverageKept:
    """``exact``: the paths of the files are those of the repository."""
    files = with_change(merged.files, changed.lines, exact=exact) if changed is not None else merged.files
    touched = touched_hit = -1
    if changed is not None and merged.files:
        touched = sum(len({*one.hit, *one.missed}.intersection(one.changed)) for one in files)
        touched_hit = sum(len(set(one.hit).intersection(one.changed)) for one in files)
    kept = CoverageKept(
        report=report.id,
        project=report.project,
        pipeline=report.pipeline,
        series=report.series,
        commit=report.commit,
        ref=report.ref,
        trunk=report.trunk,
        lines=merged.lines,
        lines_hit=merged.lines_hit,
        branches=merged.branches,
        branches_hit=merged.branches_hit,
        functions=merged.functions,
        functions_hit=merged.functions_hit,
        changed=touched,
        changed_hit=touched_hit,
        base=changed.base if changed is not None else "",
        created=report.created,
    )
    tx.reports.put_coverage(kept, files)
    return kept
