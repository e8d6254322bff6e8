"""What is read at all is bounded, over all files of a pipeline together, and the limit is named."""

from __future__ import annotations

import pytest

from plumbline.model.problem import Problem
from plumbline.pipeline.source.syntax import MAX_READ, Quota, read

pytestmark = pytest.mark.slow


def test_the_limit_holds_for_all_files_together() -> None:
    problems: list[Problem] = []
    quota = Quota()
    half = b"a: [" + b"x," * (MAX_READ // 2 - 10) + b"]"
    assert read(half, "one.yml", problems, quota)
    assert not problems
    assert read(half, "two.yml", problems, quota)
    assert not problems
    assert read(b"a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "three.yml", problems, quota) == []
    [problem] = problems
    assert (problem.code, problem.where and problem.where.file) == ("configuration-too-large", "three.yml")
    assert str(MAX_READ) in str(problem.message)
