"""Which stages an artifact earned, and what is missing."""

from __future__ import annotations

import pytest

from plumbline.artifacts.stages import Record, ScanTotals, TestTotals, earned, standings
from plumbline.model.artifact import Stage

GOOD = Record(
    job=7,
    built=(3,),
    over=True,
    tests=(TestTotals(report=1, passed=5),),
    scans=(ScanTotals(report=2, scope=4),),
)
B, T, S, A, R = Stage.BUILT, Stage.TESTED, Stage.SCANNED, Stage.ACCEPTED, Stage.RELEASED


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record(), ()),
        (Record(built=(3,)), ()),  # somebody says so, and no job of ours made it
        (Record(job=7), ()),
        (Record(job=7, built=(3,)), (B,)),
        (GOOD, (B, T, S)),
        (Record(job=7, built=(3,), over=True, tests=(TestTotals(report=1),)), (B,)),  # nothing was carried out
        (Record(job=7, built=(3,), over=True, tests=(TestTotals(report=1, passed=5, failed=1),)), (B,)),
        (Record(job=7, built=(3,), tests=(TestTotals(report=1, passed=5),)), (B,)),  # the pipeline goes on
        (
            Record(
                job=7, built=(3,), over=True,
                tests=(TestTotals(report=1, passed=5), TestTotals(report=2, failed=1)),
            ),
            (B,),
        ),
        (Record(job=7, built=(3,), scans=(ScanTotals(report=2),)), (B,)),  # it does not say what it looked at
        (Record(job=7, built=(3,), scans=(ScanTotals(report=2, scope=4, ended=False),)), (B,)),
        (Record(tests=GOOD.tests, scans=GOOD.scans, over=True), ()),  # not about what others made
        (Record(accepted=(8,), released=(9,)), (A, R)),
    ],
)  # fmt: skip
def test_stages(record: Record, expected: tuple[Stage, ...]) -> None:
    assert earned(record) == expected


def test_each_says_what_it_rests_on_or_what_is_missing() -> None:
    found = {one.stage: one for one in standings(GOOD)}
    assert list(found) == list(Stage)
    assert (found[B].entries, found[T].reports, found[S].reports) == ((3,), (1,), (2,))
    assert all((one.missing is None) == one.earned for one in found.values())
    assert str(found[A].missing) == "Nobody has accepted it yet."
