"""What reports said, in a few lines for whoever reads a job's log or the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.reports.keep_coverage import merge as merge_coverage
from plumbline.flow.reports.merged_runs import merge, name_of
from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.report import CaseOutcome, Coverage, Findings, Report, TestRun, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.kernel import Text
    from plumbline.model.reported import ReadFile

MOST_NAMED = 5  # tests that failed; and files that could not be read
_BAD = (CaseOutcome.FAILED, CaseOutcome.ERROR)


def spoken(files: Sequence[ReadFile]) -> list[Text]:
    """One line a subject: tests, coverage, each scan, each file that could not be read."""
    reports = [(file, file.content) for file in files if isinstance(file.content, Report)]
    runs = [one.content for _, one in reports if isinstance(one.content, TestRun)]
    coverages = [one.content for _, one in reports if isinstance(one.content, Coverage)]
    lines = [_tests(runs)] if runs else []
    if coverages and (total := merge_coverage(coverages)).lines:
        percent = f"{100 * total.lines_hit / total.lines:.1f}"
        lines.append(t("coverage: {percent} % of {lines} lines", percent=percent, lines=total.lines))
    for file, one in reports:
        if isinstance(one.content, Findings):
            lines.append(_scan(file, one, one.content))
    lines += _unreadable(files)
    return lines


def _tests(runs: Sequence[TestRun]) -> Text:
    merged = merge(runs)
    bad = [one for one in merged.cases if one.outcome in _BAD]
    total, skipped = len(merged.cases), merged.count(CaseOutcome.SKIPPED)
    counted = nt("tests: {count}", "tests: {count}", total)
    if skipped:
        counted = t("{counted}, {skipped} skipped", counted=counted, skipped=skipped)
    if not bad:
        return t("{counted}, none failed", counted=counted) if total > skipped else counted
    names = ", ".join(name_of(one).title for one in bad[:MOST_NAMED])
    more = len(bad) - MOST_NAMED
    if more > 0:
        return t("{counted}, {failed} failed ({names} and {more} more)", counted=counted, failed=len(bad), names=names,
                 more=more)  # fmt: skip
    return t("{counted}, {failed} failed ({names})", counted=counted, failed=len(bad), names=names)


def _scan(file: ReadFile, report: Report, found: Findings) -> Text:
    tool = report.tool or report.format
    if not found.finished:
        return t("{tool}: the scan did not come to its end ({file})", tool=tool, file=file.name)
    if found.findings:
        return nt("{tool}: {count} finding", "{tool}: {count} findings", len(found.findings), tool=tool)
    if found.scope:
        return t("{tool}: nothing found", tool=tool)
    return t("{tool}: an empty list, and nothing says what was looked at: no data ({file})", tool=tool, file=file.name)


def _unreadable(files: Sequence[ReadFile]) -> Iterator[Text]:
    bad = [(file, file.content) for file in files if isinstance(file.content, Unreadable)]
    for file, one in bad[:MOST_NAMED]:
        yield t("{file}: could not be read as a report: {reason}", file=file.name, reason=one.message)
    if len(bad) > MOST_NAMED:
        more = len(bad) - MOST_NAMED
        yield nt("{count} more file could not be read", "{count} more files could not be read", more)
