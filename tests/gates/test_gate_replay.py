"""An evaluation done again gives the same outcome, the same checks, and the same bytes; anywhere, from a file alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from msgspec.structs import replace
from tests.gates.policies import AT, DAY, WORDS, built, cel, known, standing, text

from plumbline.gates import asked as selected_by
from plumbline.gates import canonical, evaluate, evaluation, exported, read_exported, replayed
from plumbline.kernel import PlumblineError
from plumbline.model.contract import Subjects
from plumbline.model.fact import Fact, Window
from plumbline.model.gate import FactValue, GateAct, Outcome

SIGNAL = "signal: {probe: share, fact: gate-evaluations-waived, at: {op: '<=', value: 5, unit: '%', window_days: 90}}"
SOURCE = text(
    built("tests", "tests-passed"),
    cel("docs", "change.paths.exists(p, p.startsWith(\"docs/\"))", "change.paths", more="applies: pipeline.protected"),
    built("coverage", "changed-line-coverage", "{at_least: 80}", "enforced_from: 2027-01-01"),
    f"{{id: waivers, {WORDS}, {SIGNAL}}}",
    selector="{act: [merge], branches: [main], classes: [A]}",
)  # fmt: skip
MEASURED = Fact(name="gate-evaluations-waived", numerator=1, denominator=100, window=Window(AT - 90 * DAY, AT))
FACTS = known(
    tests__executed=3, tests__failed=1, tests__errors=0, change__paths=("src/a", "docs/b"), pipeline__protected=True,
    coverage__changed=79.25, change__target="main", system__class="A",
) | {"gate-evaluations-waived/90": FactValue(measured=MEASURED)}  # fmt: skip
SUBJECTS = Subjects(commit="c" * 40, ref="refs/heads/feature", change="7")


def made(waived=None, facts=FACTS):
    one = standing(SOURCE)
    asked = selected_by(GateAct.MERGE, SUBJECTS, facts)
    [found] = evaluate([one], facts, at=AT, asked=asked, waived=waived or {}).judged
    return evaluation(found, project=1, path="bank/core", act=GateAct.MERGE, subjects=SUBJECTS, facts=facts, at=AT,
                      uid="e1", wanted=one.policy.wanted)  # fmt: skip


@pytest.mark.parametrize("waived", [None, {("red-lines", "tests"): "w1"}])
@pytest.mark.parametrize("lacking", ["", *FACTS])
def test_the_same_bytes_come_out(waived, lacking):
    kept = made(waived, {name: value for name, value in FACTS.items() if name != lacking})
    assert canonical(replayed(kept, SOURCE)) == canonical(kept)


def test_the_outcome_is_made_anew_and_not_copied():
    kept = made()
    assert kept.outcome is Outcome.FAIL
    forged = replace(
        kept, outcome=Outcome.PASS, checks=tuple(replace(one, outcome=Outcome.PASS) for one in kept.checks)
    )
    assert replayed(forged, SOURCE).outcome is Outcome.FAIL
    moved = replace(kept, facts={**kept.facts, "tests.failed": FactValue(value=0)})
    assert replayed(moved, SOURCE).outcome is Outcome.PASS
    assert canonical(replayed(moved, SOURCE)) != canonical(moved)


def test_another_text_is_refused():
    with pytest.raises(PlumblineError) as caught:
        replayed(made(), SOURCE + "# more\n")
    assert caught.value.code == "policy-differs"


def test_a_file_is_enough_to_do_it_again_in_another_process():
    kept = made({("red-lines", "tests"): "w1"})
    data = exported(kept, SOURCE)
    read = read_exported(data)
    assert canonical(read.evaluation) == canonical(kept)
    program = (
        "import sys; from plumbline.gates import *\n"
        "one = read_exported(sys.stdin.buffer.read())\n"
        "sys.stdout.buffer.write(canonical(replayed(one.evaluation, one.policy)))"
    )
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, timeout=60, check=True)
    assert done.stdout == canonical(kept)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"format": 9}', b"\xff", b'{"format":1,"evaluation":{},"policy":""}']
)
def test_what_is_no_evaluation_is_said_to_be_none(data):
    with pytest.raises(PlumblineError) as caught:
        read_exported(data, "x.json")
    assert caught.value.code == "evaluation-unreadable"


def test_the_same_evaluation_is_the_same_file():
    assert exported(made(), SOURCE) == exported(made(facts=dict(reversed(FACTS.items()))), SOURCE)
