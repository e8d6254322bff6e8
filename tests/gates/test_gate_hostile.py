"""Conditions by somebody who means harm: they come to an end, and what they get around is no pass."""

from __future__ import annotations

import time

import pytest
from tests.gates.policies import cel, known, outcome, text

from plumbline.gates import fact_types, read_policy
from plumbline.judging.expressions import Expression, compiled
from plumbline.model.gate import Outcome


def test_a_condition_cannot_be_made_to_take_for_ever():
    """Backtracking would take longer than the age of the earth for the first of these."""
    paths = ("a" * 5000 + "b", *("src/x" for _ in range(200)))
    began = time.monotonic()
    for when in (
        'change.paths.all(p, p.matches("^(a+)+$"))',
        "change.paths.all(a, change.paths.all(b, a != b || a == b))",
        "change.paths.all(a, change.paths.all(b, change.paths.all(c, change.paths.all(d, a + b + c + d != \"\"))))",
    ):  # fmt: skip
        source = text(cel("one", when.replace("'", "''"), "change.paths"))
        assert outcome(source, known(change__paths=paths)) in (Outcome.PASS, Outcome.FAIL, Outcome.ERROR)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "when",
    [
        "tests . failed == 0",
        "tests.\nfailed == 0",
        "`tests.failed` == 0",
        "tests.`failed` == 0",
        "[tests][0].failed == 0",
        ".tests.failed == 0",
        "tests['failed'] == 0",
        "true || tests.failed == 0",
        "false ? tests.failed == 0 : true",
        "[1].all(tests, tests == 1) || tests.failed == 0",
        "has(tests.failed) || true",
        "/* */ tests.failed == 0",
        "true // tests.failed",
        '"tests.failed" == "tests.failed"',
        'r"\'" == "x" || tests.failed == 0 || true || "\'" == ""',
        "'''a''' == 'b' || tests.failed < 100 || true",
    ],
)  # fmt: skip
def test_however_a_fact_is_named_a_condition_without_its_value_does_not_hold(when):
    found = compiled(when, {"tests.failed": fact_types()["tests.failed"]})
    if isinstance(found, Expression) and found.names:
        assert found.ask({}).holds is None
        assert found.ask({"tests.failed": 0}).holds in (True, False, None)


def test_a_name_that_is_written_otherwise_is_asked_for_as_well():
    """Else a condition could come to an answer though a fact is missing."""
    types = {name: fact_types()[name] for name in ("tests.failed", "pipeline.jobs")}
    for when in ("pipeline.jobs > 0 || tests . failed == 0", "pipeline.jobs > 0 || tests\n.failed == 0",
                 "pipeline.jobs > 0 || .tests.failed == 0", "pipeline.jobs > 0 || tests.//x\nfailed == 0",
                 "pipeline.jobs > 0 || r'\\' == 'x' || tests.failed == 0 || 'y' == ''"):  # fmt: skip
        found = compiled(when, types)
        assert not isinstance(found, Expression) or found.ask({"pipeline.jobs": 1}).holds is None


@pytest.mark.parametrize("depth", [10, 1000, 20_000])
def test_depth_and_length_are_refused_or_read_and_never_raised(depth):
    for when in ("(" * depth + "tests.failed" + ")" * depth + " == 0", "!" * depth + "(tests.failed == 0)",
                 " && ".join(["tests.failed == 0"] * depth)):  # fmt: skip
        read_policy(text(cel("one", when, "tests.failed")))


def test_names_of_files_that_are_no_text_and_numbers_without_bounds_are_no_trap():
    source = text(cel("one", 'change.paths.exists(p, p.startsWith("src/"))', "change.paths"))
    assert outcome(source, known(change__paths=("src/\udce9.c",))) is Outcome.PASS
    huge = text(cel("one", "tests.failed == 0", "tests.failed"))
    for number in (10**30, float("inf"), float("nan")):
        assert outcome(huge, known(tests__failed=number)) is Outcome.ERROR
