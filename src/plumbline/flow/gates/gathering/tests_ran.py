"""Tests and the lines that they executed: ``tests.*``, ``coverage.*``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.gathering._ground import NOTHING, Ground, known
from plumbline.flow.reports.bases import base_coverage, base_run
from plumbline.flow.reports.held_against import BAD, Compared, compare, totals
from plumbline.model.fact import Lack
from plumbline.model.gate import FactValue
from plumbline.model.report import Layer
from plumbline.model.reported import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.reported import CoverageKept

_COUNTS = ("executed", "failed", "errors", "skipped", "flaky", "quarantined", "new_failures")
_OF_LAYER = ("executed", "failed", "errors", "skipped")
_NO_BASE = FactValue(lack=Lack.TOO_FEW.value)


def gather_tests(ground: Ground) -> Mapping[str, FactValue]:
    """Cases of all runs of the newest attempts."""
    found = {f"tests.{name}": NOTHING for name in _COUNTS}
    found |= {f"tests.{layer.value or 'unknown'}.{name}": NOTHING for layer in Layer for name in _OF_LAYER}
    compared = _compared(ground)
    if not compared:
        return found
    reports = {one.id: one for one in ground.reports}
    events = [ground.event_of(reports[one.run.report], "tests/{}:finished") for one in compared]
    held = {one.case for one in ground.tx.tests.quarantines(ground.project.id, until_after=ground.now)}
    commit = ground.pipeline.sha if ground.pipeline is not None else ""
    flaky = {one.case for one in ground.tx.tests.flaky(ground.project.id, 0) if one.commit == commit}
    sums = totals(compared, flaky, held)
    based = all("?" not in one.changes for one in compared)
    found |= {
        "tests.executed": known(sums.passed + sums.failed, events),
        "tests.failed": known(sums.failed, events),
        "tests.errors": known(sums.errors, events),
        "tests.skipped": known(sums.skipped, events),
        "tests.flaky": known(sums.flaky, events),
        "tests.quarantined": known(sums.quarantined, events),
        "tests.new_failures": known(_newly(compared), events) if based else _NO_BASE,
    }
    return {**found, **_by_layer(compared, events)}


def _newly(compared: Sequence[Compared]) -> int:
    return sum(
        outcome in BAD and change == "n"
        for one in compared
        for outcome, change in zip(one.outcomes, one.changes, strict=True)
    )


def _by_layer(compared: Sequence[Compared], events: Sequence[str]) -> Mapping[str, FactValue]:
    """Of a layer that no case says it is of there is no data."""
    found: dict[str, FactValue] = {}
    for letter, layer in LAYERS.items():
        of = [o for one in compared for o, at in zip(one.outcomes, one.layers, strict=True) if at == letter]
        if of:
            counts = {"executed": "pf", "failed": "f", "errors": "e", "skipped": "s"}
            for name, letters in counts.items():
                value = sum(one in letters for one in of)
                found[f"tests.{layer.value or 'unknown'}.{name}"] = known(value, events)
    return found


def _compared(ground: Ground) -> list[Compared]:
    tx = ground.tx
    runs = tx.tests.runs([one.id for one in ground.holding("tests")])
    bases = [base_run(tx, ground.pipeline, one) for one in runs]
    sets = tx.tests.sets({one.cases for one in runs} | {one.cases for one in bases if one is not None})
    return [
        compare(run, sets[run.cases], base, sets[base.cases] if base is not None else None)
        for run, base in zip(runs, bases, strict=True)
    ]


def gather_coverage(ground: Ground) -> Mapping[str, FactValue]:
    """Of several reports that name the same lines, the sums: a line in two of them counts twice."""
    reports = {one.id: one for one in ground.holding("coverage")}
    kept = [one for one in ground.tx.reports.coverage(reports) if one.lines] if reports else []
    found = {"coverage.lines": NOTHING, "coverage.changed": NOTHING, "coverage.base": NOTHING}
    if not kept:
        return found
    events = [ground.event_of(reports[one.report], "measured/{}/line-coverage:recorded") for one in kept]
    found["coverage.lines"] = known(_percent([(one.lines_hit, one.lines) for one in kept]), events)
    changed = [one for one in kept if one.changed >= 0]
    if len(changed) == len(kept) and any(one.changed for one in changed):
        told = [
            ground.event_of(reports[one.report], "measured/{}/changed-line-coverage:recorded")
            for one in changed
            if one.changed
        ]
        found["coverage.changed"] = known(_percent([(one.changed_hit, one.changed) for one in changed]), told)
    found["coverage.base"] = _base(ground, kept)
    return found


def _base(ground: Ground, kept: Sequence[CoverageKept]) -> FactValue:
    bases = [base_coverage(ground.tx, ground.pipeline, one) for one in kept]
    there = [(one.lines_hit, one.lines) for one in bases if one is not None]
    return known(_percent(there)) if len(there) == len(bases) and any(of for _, of in there) else _NO_BASE


def _percent(parts: Sequence[tuple[int, int]]) -> float:
    return 100 * sum(hit for hit, _ in parts) / sum(of for _, of in parts)
