"""Coverage: of a pipeline by file, of one file line by line, and of a project over time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import view_pipeline
from plumbline.flow.reports.seen_coverage import FileCovered
from plumbline.flow.reports.view_coverage import view_coverage, view_covered_file, view_project_coverage
from plumbline.flow.reports.view_reports import list_reports
from plumbline.kernel import t
from plumbline.model.person import fold
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Shown, api_command, shows
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.reported import percent
from plumbline.web.series_charts import Point, line_of
from plumbline.web.test_series import shown_bases
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.reports.seen_coverage import CoverageSeen, FileSeen
    from plumbline.model.reported import CoverageKept
    from plumbline.web.series_charts import Series

LINES = 5000  # of a file that are shown
_DRAWN = "M2.5 13.5V2.5M2.5 13.5h11M5 11l3-4 2.5 2L13.5 4"

_KIND: ListKind[FileCovered] = ListKind(
    "coverage",
    (
        Column("path", t("File"), lambda row: row.path, sorts=True),
        Column("share", t("Lines"), lambda row: row.percent, sorts=True, unit="%"),
        Column("missed", t("Not covered"), lambda row: row.lines - row.hit, sorts=True, number=True),
        Column("changed", t("Changed lines"), lambda row: row.changed or None, sorts=True),
        Column("unseen", t("Changed, not covered"), lambda row: row.changed - row.changed_hit if row.changed else None,
               sorts=True, number=True),
        Column("branches", t("Branches of the code"), lambda row: row.branches or None, shown=False),
    ),
    ("q", "changed", "report"),
    key=lambda row: row.path,
)  # fmt: skip


@shows("/pipelines/{pipeline:int}/coverage", use_case=use_cases.VIEW_REPORTS, inside="coverage", slow=True)
def of_pipeline(ask: Ask) -> Shown | Raw:
    seen = view_coverage(ask.actor, ask.tools.reports, ask.numbers["pipeline"])
    pipeline, listing = seen.pipeline, listing_of(ask, _KIND)
    reports = list_reports(ask.actor, ask.tools.reports, pipeline.id)
    chosen = _chosen(seen.reports, listing.chosen.get("report", ""))
    words = fold(listing.chosen.get("q", ""))
    files = [
        one
        for one in (sorted(chosen.files, key=lambda file: file.hit - file.lines) if chosen else ())
        if (not words or words in fold(one.path)) and (one.changed or not listing.chosen.get("changed"))
    ]
    file = listing.file_of_all(ask, files)
    if file is not None:
        return file
    values = {
        "pipeline": pipeline,
        "ancestors": find(ask, pipeline.project)[1],
        "links_itself": True,
        "covered": seen.reports,
        "chosen": chosen,
        "bases": shown_bases([one.base for one in seen.reports]),
        "listing": listing.with_all(files),
        "narrowed": bool(set(listing.chosen) - {"report"}),
        "reports": [one for one in reports if one.holds == "coverage" or one.kind == "coverage_report"],
        "command": api_command(f"/pipelines/{pipeline.id}/coverage"),
    }
    return Shown("coverage.html", values)


def _chosen(reports: Sequence[CoverageSeen], text: str) -> CoverageSeen | None:
    """That which the address names, else the first."""
    return next((one for one in reports if str(one.report.id) == text), reports[0] if reports else None)


@shows("/pipelines/{pipeline:int}/coverage/file", use_case=use_cases.VIEW_REPORTS, inside="coverage", slow=True)
def file(ask: Ask) -> Shown:
    """``report``: its id; ``path``: as the report names the file."""
    pipeline = view_pipeline(ask.actor, ask.tools.pipelines, ask.numbers["pipeline"]).pipeline
    found = view_covered_file(ask.actor, ask.tools.reports, ask.number("report"), ask.text("path"))
    lines = _lines(found)
    one = found.file
    values = {
        "pipeline": pipeline,
        "ancestors": find(ask, found.project.id)[1],
        "links_itself": True,
        "file": one,
        "report": found.report,
        "lines": None if lines is None else lines[:LINES],
        "more": max(0, len(lines) - LINES) if lines else 0,
        "missed_said": _ranges(one.missed),
    }
    return Shown("coverage_file.html", values)


def _lines(found: FileSeen) -> list[tuple[int, str, str, bool]] | None:
    """Number, text, whether it was reached, whether the change touched it."""
    if found.source is None:
        return None
    marks = dict.fromkeys(found.file.hit, "hit") | dict.fromkeys(found.file.missed, "missed")
    changed = set(found.file.changed)
    return [(at, text, marks.get(at, ""), at in changed) for at, text in enumerate(found.source, 1)]


def _ranges(lines: Sequence[int]) -> str:
    """``3-5, 9``."""
    found: list[list[int]] = []
    for line in lines:
        if found and found[-1][1] == line - 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


@shows("/projects/{node:int}/coverage", use_case=use_cases.VIEW_REPORTS, entries=(
    Entry("coverage", t("Coverage"), Group.BUILD, kinds=PROJECTS, order=4, drawn=_DRAWN),))  # fmt: skip
def of_project(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    trend = view_project_coverage(ask.actor, ask.tools.reports, node.id).trend
    series: dict[str, list[CoverageKept]] = {}
    for one in trend:
        series.setdefault(one.series, []).append(one)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "series": [(name, _line(kept), list(reversed(kept))) for name, kept in series.items()],
        "command": api_command(f"/projects/{node.id}/coverage"),
    }
    return Shown("project_coverage.html", values)


def _line(kept: Sequence[CoverageKept]) -> Series | None:
    return line_of([
        Point(
            f"/pipelines/{one.pipeline}/coverage" if one.pipeline else f"/ledger?q={quote(one.commit)}",
            str(t("{commit}: {share} of {lines} lines", commit=one.commit[:8],
                  share=percent(one.lines_hit, one.lines), lines=f"{one.lines:,}")),
            one.created,
            one.lines_hit / one.lines,
        )
        for one in kept
        if one.lines
    ])  # fmt: skip


PART = (of_pipeline, file, of_project)
