"""A short run over mutated events; the long one is ``python -m tests.fuzz.events --count 100000``."""

from __future__ import annotations

import pytest
from tests.fuzz.events import Judge


@pytest.mark.parametrize("count", [250, pytest.param(3_000, marks=pytest.mark.slow)])
def test_whatever_is_sent_raises_nothing_and_changes_nothing_of_ours(count: int) -> None:
    judge = Judge(count)
    judge.run(range(count))
    assert [found[:2] for found in judge.findings] == [], judge.findings[0].trace
    assert sum(judge.outcomes.values()) == count
    assert judge.outcomes["refused: event-reserved"] > count / 10
    assert judge.kinds["is a fact"] > count / 10
