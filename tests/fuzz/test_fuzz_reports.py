"""A short run over mutated reports; the long one is ``python -m tests.fuzz.reports --count 300000``."""

from __future__ import annotations

import pytest
from tests.fuzz.report_mutator import ReportMutator
from tests.fuzz.reports import Judge

from plumbline.reports.parsers import parsers


@pytest.mark.parametrize("count", [600, pytest.param(6_000, marks=pytest.mark.slow)])
def test_whatever_a_file_holds_nothing_raises(count: int) -> None:
    judge = Judge(count)
    judge.run(range(count))
    assert [found.what for found in judge.findings] == [], judge.findings[0].trace
    assert sum(judge.outcomes.values()) == count
    assert judge.outcomes["read"] > count / 5


def test_every_format_has_a_seed() -> None:
    judge = Judge(1)
    judge.run(range(len(ReportMutator(1).seeds)))
    assert set(parsers()) - set(judge.read) == set(), "tests/fuzz/report_seeds: a small file of each format"
