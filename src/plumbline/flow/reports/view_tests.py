"""See what the tests of a pipeline, of a job or of a project came to.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for, project_for
from plumbline.flow.reports.bases import base_run
from plumbline.flow.reports.held_against import BAD, CHANGES, KNOWN, Compared, by_layer, compare, totals
from plumbline.flow.reports.seen_tests import (
    EVERY_TEST,
    CaseHistory,
    CaseOrder,
    CaseRun,
    CaseSeen,
    ProjectTests,
    RunSeen,
    TestFilter,
    TestsSeen,
)
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.reported import LAYERS, NO_TIME, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import CaseName, CaseResult, Quarantine, StoredReport, TestRunKept
    from plumbline.model.server import StoredJob, StoredPipeline

LAST = 20  # runs of a series that are looked at for "failed n of the last m"
HISTORY = 100  # results of one case
TREND = 60  # runs of a project
SLOWEST = 10
_DAY = 86_400_000_000
FLAKY_FOR = 30 * _DAY  # a case is called flaky for so long after it was seen to be
_Row = tuple[int, int]  # which run, and which case of it


def view_tests(actor: Actor, tools: ReportTools, pipeline: int, chosen: TestFilter = EVERY_TEST) -> TestsSeen:
    """Of a pipeline, or of one job of it."""
    with tools.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_REPORTS, pipeline)
        reports = unit.tx.reports.of_pipelines([pipeline])
        return _seen(unit, found, reports, chosen)


def seen_of(unit: UnitOfWork, pipeline: StoredPipeline, chosen: TestFilter = EVERY_TEST) -> TestsSeen:
    """The same inside a unit that asked already."""
    return _seen(unit, pipeline, unit.tx.reports.of_pipelines([pipeline.id]), chosen)


def view_case(actor: Actor, tools: ReportTools, project: int, case: int) -> CaseHistory:
    with tools.units.view(actor) as unit:
        node = project_for(unit, use_cases.VIEW_REPORTS, project)[0]
        name = unit.tx.tests.case(project, case)
        if name is None:
            raise not_found(t("There is no test case {case} in this project.", case=case))
        runs = _runs_of_case(unit.tx, project, case)
        ran = [one for one in runs if one.outcome.value != "skipped"]
        bad = sum(one.outcome.value in ("failed", "error") for one in ran)
        flaky = [one for one in unit.tx.tests.flaky(project, 0) if one.case == case]
        held = [one for one in unit.tx.tests.quarantines(project) if one.case == case]
        return CaseHistory(node, name, runs, (bad, len(ran)), flaky, held)


def view_project_tests(actor: Actor, tools: ReportTools, project: int) -> ProjectTests:
    """Over time: its default branch, its flaky cases, and who is in quarantine."""
    with tools.units.view(actor) as unit:
        node = project_for(unit, use_cases.VIEW_REPORTS, project)[0]
        trend = list(reversed(unit.tx.tests.runs_before(project, "", TREND, trunk=True)))
        flaky = unit.tx.tests.flaky(project, unit.now - FLAKY_FOR)
        held = unit.tx.tests.quarantines(project, until_after=unit.now)
        names = unit.tx.tests.names({one.case for one in flaky} | {one.case for one in held})
        commits: dict[int, set[str]] = defaultdict(set)
        newest = {one.case: one for one in reversed(flaky)}
        for one in flaky:
            commits[one.case].add(one.commit)
        ranked = sorted(commits.items(), key=lambda one: (-len(one[1]), one[0]))
        pipelines = {one.pipeline: unit.tx.pipelines.get(one.pipeline) for one in trend if one.pipeline}
        return ProjectTests(
            node,
            trend,
            trend[-1].pipeline if trend else 0,
            [(names[case], len(of), newest[case]) for case, of in ranked if case in names],
            [(names[one.case], one) for one in held if one.case in names],
            {number: str(found.state) for number, found in pipelines.items() if found is not None},
        )


def find_cases(actor: Actor, tools: ReportTools, project: int, text: str, limit: int = 50) -> Sequence[CaseName]:
    """Cases by a part of their name, class or file."""
    with tools.units.view(actor) as unit:
        project_for(unit, use_cases.VIEW_REPORTS, project)
        return unit.tx.tests.find(project, text, limit)


def _seen(unit: UnitOfWork, pipeline: StoredPipeline, reports: Sequence[StoredReport], chosen: TestFilter) -> TestsSeen:
    tx = unit.tx
    by_report = {one.id: one for one in reports}
    runs = _runs(tx, pipeline, by_report, chosen.job)
    counted = [one for one in runs if not one.stale] if not chosen.job else runs
    compared = _compared(tx, counted)
    quarantines = {one.case: one for one in tx.tests.quarantines(pipeline.project, until_after=unit.now)}
    flaky = {one.case for one in tx.tests.flaky(pipeline.project, unit.now - FLAKY_FOR)}
    rows = [(number, at) for number, one in enumerate(compared) for at in range(len(one.outcomes))]
    rows = _filtered(tx, compared, rows, chosen, flaky, quarantines)
    _order(tx, compared, rows, chosen, quarantines)
    show = _Shower(tx, compared, quarantines, flaky)
    slow = [(number, at) for number, one in enumerate(compared) for at in one.slowest(SLOWEST)]
    slow.sort(key=lambda row: -compared[row[0]].times[row[1]])
    return TestsSeen(
        tx.tree.ancestors(pipeline.project)[0],
        pipeline,
        runs,
        totals(compared, flaky, quarantines),
        by_layer(compared),
        show.cases(rows[chosen.offset : chosen.offset + chosen.limit]),
        len(rows),
        show.cases(slow[:SLOWEST]),
        [one for one in reports if one.kind == "junit" and (one.problem or one.flagged)],
    )


def _runs(tx: Transaction, pipeline: StoredPipeline, reports: Mapping[int, StoredReport], job: int) -> list[RunSeen]:
    jobs = {one.id: one for one in tx.jobs.of(pipeline.id)}
    newest: dict[str, StoredJob] = {one.name: one for one in jobs.values()}
    found = []
    for run in tx.tests.runs([one.id for one in reports.values() if one.holds == "tests"]):
        if job and run.job != job:
            continue
        of = jobs.get(run.job)
        stale = of is not None and newest[of.name].id != of.id
        found.append(RunSeen(reports[run.report], run, base_run(tx, pipeline, run), of, stale))
    return found


def _compared(tx: Transaction, runs: Sequence[RunSeen]) -> list[Compared]:
    wanted = {one.run.cases for one in runs} | {one.base.cases for one in runs if one.base is not None}
    sets = tx.tests.sets(wanted)
    return [
        compare(one.run, sets[one.run.cases], one.base, sets[one.base.cases] if one.base is not None else None)
        for one in runs
    ]


def _filtered(
    tx: Transaction,
    compared: Sequence[Compared],
    rows: list[_Row],
    chosen: TestFilter,
    flaky: Collection[int],
    quarantines: Mapping[int, Quarantine],
) -> list[_Row]:
    if chosen.outcomes:
        letters = {letter for letter, outcome in OUTCOMES.items() if outcome in chosen.outcomes}
        rows = [(of, at) for of, at in rows if compared[of].outcomes[at] in letters]
    if chosen.layers:
        letters = {letter for letter, layer in LAYERS.items() if layer in chosen.layers}
        rows = [(of, at) for of, at in rows if compared[of].layers[at] in letters]
    if chosen.changes:
        letters = {letter for letter, change in CHANGES.items() if change in chosen.changes}
        rows = [(of, at) for of, at in rows if compared[of].changes[at] in letters]
    if chosen.flaky:
        rows = [(of, at) for of, at in rows if compared[of].cases[at] in flaky]
    if chosen.quarantined:
        rows = [(of, at) for of, at in rows if compared[of].cases[at] in quarantines]
    if chosen.words.strip():
        words = chosen.words.strip().casefold()
        names = tx.tests.names({compared[of].cases[at] for of, at in rows})
        fits = {case for case, one in names.items() if words in f"{one.file} {one.title}".casefold()}
        rows = [(of, at) for of, at in rows if compared[of].cases[at] in fits]
    return rows


def _order(
    tx: Transaction,
    compared: Sequence[Compared],
    rows: list[_Row],
    chosen: TestFilter,
    quarantines: Mapping[int, Quarantine],
) -> None:
    if chosen.order is CaseOrder.SLOWEST:
        rows.sort(key=lambda row: -_known(compared[row[0]].times[row[1]]))
    elif chosen.order is CaseOrder.NAME:
        names = tx.tests.names({compared[of].cases[at] for of, at in rows})
        rows.sort(key=lambda row: names[compared[row[0]].cases[row[1]]].title)
    else:
        ranks = [one.gravity() for one in compared]
        if quarantines:
            for number, one in enumerate(compared):
                for at, case in enumerate(one.cases):
                    if case in quarantines and one.outcomes[at] in BAD:
                        ranks[number][at] = KNOWN
        rows.sort(key=lambda row: ranks[row[0]][row[1]])


def _known(milliseconds: int) -> int:
    return -1 if milliseconds == NO_TIME else milliseconds


class _Shower:
    """Shows the few cases that are looked at, with what is known of them."""

    def __init__(
        self,
        tx: Transaction,
        compared: Sequence[Compared],
        quarantines: Mapping[int, Quarantine],
        flaky: Collection[int],
    ) -> None:
        self._tx, self._compared, self._quarantines, self._flaky = tx, compared, quarantines, flaky
        self._words: dict[int, Mapping[int, CaseResult]] = {}

    def cases(self, rows: Sequence[_Row]) -> list[CaseSeen]:
        names = self._tx.tests.names({self._compared[of].cases[at] for of, at in rows})
        failed = _failed_of(self._tx, self._compared, rows)
        return [self._case(self._compared[of], at, names, failed) for of, at in rows]

    def _case(
        self, of: Compared, at: int, names: Mapping[int, CaseName], failed: Mapping[tuple[str, int], tuple[int, int]]
    ) -> CaseSeen:
        run, case = of.run, of.cases[at]
        if run.report not in self._words:
            self._words[run.report] = self._tx.tests.results(run.report)
        return CaseSeen(
            names[case],
            run.report,
            run.job,
            run.series,
            LAYERS[of.layers[at]],
            OUTCOMES[of.outcomes[at]],
            of.seconds(at),
            self._words[run.report].get(case),
            CHANGES[of.changes[at]],
            case in self._flaky,
            self._quarantines.get(case),
            failed.get((run.series, case), (0, 0)),
        )


def _failed_of(
    tx: Transaction, compared: Sequence[Compared], rows: Sequence[_Row]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Of the cases that did not pass: in how many of the last runs of its series it did not, of how many in which it
    was executed, this one included."""
    wanted: dict[str, tuple[int, int, set[int]]] = {}
    for of, at in rows:
        if compared[of].outcomes[at] in BAD:
            run = compared[of].run
            wanted.setdefault(run.series, (run.project, run.report, set()))[2].add(compared[of].cases[at])
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for series, (project, report, cases) in wanted.items():
        runs = tx.tests.runs_before(project, series, LAST, before=report + 1)
        counted = {case: [0, 0] for case in cases}
        for outcomes in _letters(tx, runs, cases):
            for case, letter in outcomes.items():
                if letter != "s":
                    counted[case][0] += letter in BAD
                    counted[case][1] += 1
        found |= {(series, case): (bad, ran) for case, (bad, ran) in counted.items()}
    return found


def _letters(tx: Transaction, runs: Sequence[TestRunKept], cases: Collection[int]) -> list[dict[int, str]]:
    """Of each run the letters of these cases, as far as it has them."""
    sets = tx.tests.sets({one.cases for one in runs})
    places = {number: [(at, case) for at, case in enumerate(of.cases) if case in cases] for number, of in sets.items()}
    return [{case: chr(one.outcomes[at]) for at, case in places[one.cases]} for one in runs]


def _runs_of_case(tx: Transaction, project: int, case: int) -> list[CaseRun]:
    words = {one.report: one for one in tx.tests.results_of(case, HISTORY)}
    runs = tx.tests.runs_before(project, "", 3 * HISTORY)
    sets = tx.tests.sets({one.cases for one in runs})
    places = {number: of.cases.index(case) for number, of in sets.items() if case in of.cases}
    found = []
    for one in runs:
        at = places.get(one.cases)
        if at is None:
            continue
        time = int.from_bytes(one.times[4 * at : 4 * at + 4], sys.byteorder)
        seconds = None if time == NO_TIME else time / 1000
        found.append(CaseRun(one, OUTCOMES[chr(one.outcomes[at])], seconds, words.get(one.report)))
    return found[:HISTORY]
