"""From checks to policies to a verdict: only pass passes, and whatever decides nothing says why."""

from __future__ import annotations

import pytest
from tests.gates.policies import AT, DAY, PIPELINE, WORDS, built, cel, known, outcome, standing, text

from plumbline.gates import Asked, evaluate, evaluation
from plumbline.gates import asked as selected_by
from plumbline.model.contract import Subjects
from plumbline.model.fact import Fact, Lack, Window
from plumbline.model.gate import FactValue, GateAct, Outcome, Stage

PASS, FAIL, NO_DATA, ERROR, WAIVED = Outcome
FINE = cel("fine", "tests.failed == 0", "tests.failed")
GOOD = known(tests__failed=0)
DATES = {0: "2026-09-01", 1: "2026-10-01", 2: "2026-11-01", 3: "2026-12-01"}


def verdict(*sources, facts=GOOD, asked=PIPELINE, waived=None, at=AT):
    return evaluate([standing(one) for one in sources], facts, at=at, asked=asked, waived=waived or {})


def test_all_checks_have_to_pass():
    two = text(FINE, cel("more", "tests.errors == 0", "tests.errors"))
    assert outcome(two, known(tests__failed=0, tests__errors=0)) is PASS
    assert outcome(two, known(tests__failed=0, tests__errors=1)) is FAIL
    assert outcome(two, known(tests__failed=0)) is NO_DATA
    assert outcome(two, known(tests__failed=1)) is FAIL  # what failed is said, though something is missing besides


def test_a_condition_that_comes_to_no_answer_is_an_error():
    source = text(cel("one", "tests.failed / tests.executed == 0", "tests.failed", "tests.executed"))
    found = verdict(source, facts=known(tests__failed=1, tests__executed=0))
    assert found.outcome is ERROR
    assert "divide by zero" in found.judged[0].checks[0].detail
    assert outcome(source, known(tests__failed="one", tests__executed=1)) is ERROR


def test_a_fact_in_needs_that_is_missing_is_no_data_though_the_condition_does_not_look_at_it():
    source = text(cel("one", "tests.failed == 0", "tests.failed", "tests.executed"))
    assert outcome(source, known(tests__failed=0)) is NO_DATA
    assert outcome(source, known(tests__failed=0, tests__executed=1)) is PASS


def test_reason_and_remedy_come_with_what_did_not_pass_and_only_then():
    [good] = verdict(text(FINE)).judged[0].checks
    [bad] = verdict(text(FINE), facts=known(tests__failed=1)).judged[0].checks
    assert (good.reason, good.remedy) == (None, None)
    assert (bad.reason.zh, bad.remedy.en) == ("不对", "Mend it")


PASSING = Asked(act=GateAct.PIPELINE)
TYPO = text(FINE, selector="{act: [pipeline], branches: [realease/*]}")
ON_MAIN = text(FINE, selector="{act: [pipeline], branches: [main]}")
OF_CLASS_A = text(FINE, selector="{act: [pipeline], classes: [A]}")
IN_PRODUCTION = text(FINE, selector="{act: [pipeline], tiers: [production]}")
NOT_MEANT = text(built("one", "tests-passed", more="applies: 'tests.failed > 5'"))


@pytest.mark.parametrize(
    ("sources", "asked", "reason"),
    [
        ([], PIPELINE, "no-policy"),
        ([text(FINE, selector="{act: [merge]}")], PIPELINE, "nothing-selected"),
        ([TYPO], PIPELINE, "nothing-selected"),
        ([ON_MAIN], PASSING, "unknown-selection"),
        ([OF_CLASS_A], PIPELINE, "unknown-selection"),
        ([IN_PRODUCTION], PIPELINE, "unknown-selection"),
        ([NOT_MEANT], PIPELINE, "nothing-applies"),
        ([text(built("one", "tests-passed", more=f"enforced_from: {DATES[2]}"))], PIPELINE, "nothing-enforced"),
        ([text(built("one", "tests-passed", more=f"retired_by: {DATES[0]}"))], PIPELINE, "nothing-enforced"),
    ],
)
def test_what_decides_nothing_is_no_data_and_says_why(sources, asked, reason):
    found = verdict(*sources, asked=asked)
    assert (found.outcome, found.reason, found.goes_on) == (NO_DATA, reason, False)


def test_a_policy_that_this_server_cannot_read_stays_in_force_as_an_error():
    unreadable = text(built("one", "from-the-future"))
    for broken, reason in (("version_needed: 99\n", "newer-policy"), (unreadable, "unreadable-policy")):
        found = verdict(text(FINE), broken)
        assert (found.outcome, found.reason) == (ERROR, reason)
        assert found.judged[1].problems


def test_policies_that_are_passed_over_are_listed_with_what_by():
    found = verdict(text(FINE), text(FINE, selector="{act: [merge]}"),
                    text(FINE, selector="{act: [pipeline], branches: [release/*]}"))  # fmt: skip
    assert found.outcome is PASS
    assert [one.by for one in found.passed_over] == ["act", "branch"]


def test_the_worst_policy_decides_and_one_on_trial_does_not():
    failing = text(cel("bad", "tests.failed > 0", "tests.failed"))
    trial = text(cel("bad", "tests.failed > 0", "tests.failed", more=f"enforced_from: {DATES[2]}"))
    assert verdict(text(FINE), failing).outcome is FAIL
    found = verdict(text(FINE), trial)
    assert found.outcome is PASS
    assert found.judged[1].checks[0].outcome is FAIL
    assert found.judged[1].checks[0].advisory


def test_dates_make_a_check_come_be_advisory_be_enforced_and_retire():
    more = f"advisory_from: {DATES[0]}, enforced_from: {DATES[1]}, retired_by: {DATES[2]}"
    source = text(FINE, built("one", "no-secrets", more=more))
    stages = {}
    for moment in (AT - 40 * DAY, AT, AT + 20 * DAY, AT + 80 * DAY):
        found = verdict(source, at=moment)
        stages[found.judged[0].checks[1].stage] = found.outcome
    assert stages == {Stage.COMING: PASS, Stage.ADVISORY: PASS, Stage.ENFORCED: NO_DATA, Stage.RETIRED: PASS}


def test_an_advisory_check_does_not_make_a_refusal_out_of_a_pass_nor_a_pass_out_of_nothing():
    source = text(built("one", "tests-passed", more=f"enforced_from: {DATES[2]}"),
                  cel("fine", "tests.failed == 0", "tests.failed", more="applies: 'tests.failed > 9'"))  # fmt: skip
    assert verdict(source).reason == "nothing-applies"


def test_whether_a_check_applies_is_no_data_where_nobody_can_tell():
    source = text(cel("one", "tests.failed == 0", "tests.failed", more="applies: pipeline.protected"))
    assert outcome(source, GOOD) is NO_DATA
    assert outcome(source, GOOD | known(pipeline__protected=True)) is PASS
    [check] = verdict(source, facts=GOOD | known(pipeline__protected=False)).judged[0].checks
    assert (check.outcome, check.applies, check.detail) == (NO_DATA, False, "not-applicable")


def test_a_waiver_sets_aside_exactly_its_line_and_only_what_would_not_pass():
    source = text(FINE, cel("more", "tests.errors == 0", "tests.errors"))
    waived = {("red-lines", "more"): "w1"}
    bad = known(tests__failed=0, tests__errors=1)
    found = verdict(source, facts=bad, waived=waived)
    assert (found.outcome, found.goes_on) == (WAIVED, True)
    assert (found.judged[0].checks[1].judged, found.judged[0].checks[1].waiver) == (FAIL, "w1")
    assert verdict(source, facts=known(tests__failed=1, tests__errors=1), waived=waived).outcome is FAIL
    good = verdict(source, facts=known(tests__failed=0, tests__errors=0), waived=waived)
    assert (good.outcome, good.judged[0].checks[1].waiver) == (PASS, "")
    assert verdict(source, facts=bad, waived={("other", "more"): "w1"}).outcome is FAIL


def test_no_waiver_helps_where_no_check_decides():
    waived = {("red-lines", "one"): "w1"}
    for source in ("version_needed: 99\n", text(built("one", "tests-passed", more="applies: 'tests.failed > 5'"))):
        assert not verdict(source, waived=waived).goes_on


def test_signals_are_judged_by_the_code_of_the_grade():
    at = "{op: '<=', value: 5, unit: '%', window_days: 90}"
    signal = f"signal: {{probe: share, fact: gate-evaluations-waived, at: {at}}}"
    source = text(f"{{id: one, {WORDS}, {signal}}}")
    key = "gate-evaluations-waived/90"
    window = Window(AT - 90 * DAY, AT)

    def asked(**fact):
        measured = Fact(name="gate-evaluations-waived", window=window, **fact)
        return outcome(source, {key: FactValue(measured=measured)})

    assert asked(numerator=5, denominator=100) is PASS
    assert asked(numerator=6, denominator=100) is FAIL
    assert asked(numerator=0, denominator=3) is NO_DATA  # too few to say anything
    assert asked(lack=Lack.NO_SOURCE) is NO_DATA
    assert outcome(source, {}) is NO_DATA
    assert outcome(source, {key: FactValue(value=1)}) is NO_DATA


def test_what_selects_policies_comes_from_what_is_judged():
    facts = known(change__target="main", system__class="A")
    subjects = Subjects(ref="refs/heads/feature", tier="production")
    assert selected_by(GateAct.MERGE, subjects, facts) == Asked(
        act=GateAct.MERGE, branch="main", tier="production", system_class="A"
    )
    found = selected_by(GateAct.PIPELINE, subjects, {})
    assert found == Asked(act=GateAct.PIPELINE, branch="feature", tier="production")


def test_an_evaluation_keeps_what_was_looked_at_and_no_more():
    source = text(FINE, selector="{act: [pipeline], classes: [A]}")
    facts = known(tests__failed=0, system__class="A", coverage__lines=80.0)
    one = standing(source)
    found = evaluate([one], facts, at=AT, asked=selected_by(GateAct.PIPELINE, Subjects(), facts)).judged[0]
    kept = evaluation(found, project=1, path="bank/core", act=GateAct.PIPELINE, subjects=Subjects(), facts=facts, at=AT,
                      wanted=one.policy.wanted)  # fmt: skip
    assert set(kept.facts) == {"tests.failed", "system.class"}
    assert (kept.policy, kept.version, kept.policy_digest, kept.outcome) == ("red-lines", 1, one.digest, PASS)
