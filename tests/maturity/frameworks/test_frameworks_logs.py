"""Results in the words of others: passed is met and nothing else, and logs have the form that was published."""

from __future__ import annotations

import itertools
import json

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.maturity.frameworks.catalogues import BINDING, GEMARA, LEVELS
from tests.maturity.frameworks.log_schema import ENFORCEMENT_LOG, EVALUATION_LOG

from plumbline.evidence.attestations import read_statement
from plumbline.facts import definitions
from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, grade, reservations
from plumbline.maturity.frameworks import (
    Result,
    enforcement_log,
    evaluation_log,
    make_pack,
    read_binding,
    read_gemara,
    result_of,
    results,
    verification_summary,
)
from plumbline.model.assessment import Assessment, Finding, Judgement, Scope, Verdict
from plumbline.model.contract import Subjects
from plumbline.model.fact import Exemption, Fact, Lack
from plumbline.model.gate import CheckResult, Evaluation, GateAct, Outcome
from plumbline.model.words import Words

NOW = 1_790_000_000_000_000
CATALOGUE = read_gemara([("harbour.yaml", GEMARA)])
PACK = PackFile(make_pack(CATALOGUE, read_binding(BINDING, "b.yml", CATALOGUE, definitions()), LEVELS).pack)
REVIEWS = "merges-with-human-review/90"
W = Words(en="w", zh="词")


def made(*facts: Fact, exemptions: tuple[Exemption, ...] = ()) -> Assessment:
    by_key = {"merges-with-human-review": REVIEWS, "statement-lamps": "statement-lamps"}
    return grade(PACK, {by_key[one.name]: one for one in facts}, exemptions, Scope(subject="port", as_of=9, end=NOW))


def share(good: int, of: int = 100) -> Fact:
    return Fact(name="merges-with-human-review", numerator=good, denominator=of, events=of)


def words(one: Assessment) -> dict[str, Result]:
    return {found.criterion.id: found.result for found in results(one, PACK)}


def test_each_requirement_has_a_word() -> None:
    stated = Fact(name="statement-lamps", value=1.0)
    assert words(made(share(95), stated)) == {
        "MO-01.01": Result.PASSED, "MO-01.02": Result.UNKNOWN, "LI-01.01": Result.PASSED, "LI-01.02": Result.UNKNOWN,
    }  # fmt: skip
    assert words(made(share(10)))["MO-01.01"] is Result.FAILED
    assert words(made(share(1, 2)))["MO-01.01"] is Result.UNKNOWN  # too few
    assert words(made())["MO-01.01"] is Result.NOT_RUN  # nobody tells of it
    waiting = Fact(name="statement-lamps", value=0.0)
    assert words(made(waiting))["LI-01.01"] is Result.NEEDS_REVIEW
    assert words(made())["LI-01.01"] is Result.NOT_RUN
    stale = Fact(name="statement-lamps", lack=Lack.STALE)
    assert words(made(stale))["LI-01.01"] is Result.UNKNOWN


def test_what_is_bound_to_nothing_stands_on_the_cover_with_its_number() -> None:
    (said,) = reservations(made(share(95)))
    assert said.endswith("(2): MO-01.02, LI-01.02")


def test_a_waiver_changes_no_result_and_what_does_not_apply_says_by_which_rule() -> None:
    waived = Exemption(rule="MO-01.01", reason="dry dock", person="ann")
    one = made(share(10), exemptions=(waived,))
    assert words(one)["MO-01.01"] is Result.FAILED
    assert "waiver" in json.dumps(evaluation_log(one, PACK, "1"))
    off = Exemption(rule="MO-01.01", reason="no ropes", person="ann", second="bob", applies=False, until=NOW + 1)
    one = made(share(10), exemptions=(off,))
    assert words(one)["MO-01.01"] is Result.NOT_APPLICABLE
    assert "does not apply: no ropes (ann, bob)" in json.dumps(evaluation_log(one, PACK, "1"))


def finding(outcome: Judgement, lack: Lack | None, probe: str, value: float | None, binding: bool) -> Finding:
    return Finding(probe=probe, fact=Fact(name="f", value=value, lack=lack), title=W, outcome=outcome, lack=lack,
                   binding=binding)  # fmt: skip


FINDINGS = st.builds(
    finding,
    st.sampled_from([Judgement.MET, Judgement.NOT_MET, Judgement.UNKNOWN, Judgement.ERROR]),
    st.sampled_from([None, *Lack]),
    st.sampled_from(["share", "statement"]),
    st.sampled_from([0.0, 1.0, None]),
    st.booleans(),
)


@settings(deadline=None)
@given(st.sampled_from(Judgement), st.lists(FINDINGS, max_size=4))
def test_passed_is_met_and_nothing_else(outcome: Judgement, findings: list[Finding]) -> None:
    verdict = Verdict(criterion="c", text=W, kind="demand", outcome=outcome, findings=tuple(findings), remedy=W,
                      effort="low", required=True)  # fmt: skip
    assert (result_of(verdict) is Result.PASSED) == (outcome is Judgement.MET)
    assert (result_of(verdict) is Result.NOT_APPLICABLE) == (outcome is Judgement.NOT_APPLICABLE)


@pytest.mark.parametrize(
    "facts", [(), (share(95),), (share(10), Fact(name="statement-lamps", value=0.0)), (share(1, 2),)]
)
def test_an_evaluation_log_has_the_published_form(facts: tuple[Fact, ...]) -> None:
    one = made(*facts)
    log = evaluation_log(one, PACK, "0.1.0")
    jsonschema.validate(json.loads(json.dumps(log)), EVALUATION_LOG)
    of = {each["control"]["entry-id"]: each for each in log["evaluations"]}
    assert list(of) == ["MO-01", "LI-01"]
    assert of["MO-01"]["assessment-logs"][0]["applicability"] == ["small", "large"]
    assert of["MO-01"]["assessment-logs"][1]["steps-executed"] == 0
    assert log["metadata"]["mapping-references"][0]["id"] == "harbour"
    for each in of.values():
        if each["result"] == "Passed":
            assert all(log["result"] == "Passed" for log in each["assessment-logs"])
    assert log["result"] != "Passed"  # something is bound to nothing
    assert one.digest in log["metadata"]["description"]


CHECKS = st.builds(
    CheckResult,
    check=st.just("c"),
    title=st.just(W),
    outcome=st.sampled_from(Outcome),
    judged=st.sampled_from(Outcome),
    advisory=st.booleans(),
    waiver=st.sampled_from(["", "w1"]),
    maps=st.sampled_from([(), ("osps/AC-01",)]),
)


def evaluation(outcome: Outcome, *checks: CheckResult, **more: object) -> Evaluation:
    plain = {"project": 1, "path": "port/boat", "act": GateAct.MERGE, "subjects": Subjects(commit="a" * 40),
             "policy": "ropes", "version": 2, "policy_digest": f"sha256:{'0' * 64}", "node": "port", "uid": "e1",
             "at": NOW}  # fmt: skip
    return Evaluation(**{**plain, **more}, outcome=outcome, checks=checks)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.sampled_from(Outcome), st.lists(CHECKS, min_size=1, max_size=4))
def test_clear_comes_from_passed_alone(outcome: Outcome, checks: list[CheckResult]) -> None:
    log = enforcement_log(evaluation(outcome, *checks), "0.1.0")
    jsonschema.validate(json.loads(json.dumps(log)), ENFORCEMENT_LOG)
    if log["disposition"] == "Clear":
        assert outcome is Outcome.PASS
    if outcome in (Outcome.NO_DATA, Outcome.ERROR):
        assert log["disposition"] == "Undetermined"


def check(outcome: Outcome, judged: Outcome | None = None, **more: object) -> CheckResult:
    return CheckResult(check="c", title=W, outcome=outcome, judged=judged or outcome, **more)  # type: ignore[arg-type]


def test_what_a_gate_did_has_a_word() -> None:
    passed, failed = check(Outcome.PASS), check(Outcome.FAIL)
    waived = check(Outcome.WAIVED, Outcome.FAIL, waiver="w1")
    said = [
        (Outcome.PASS, (passed,), "Clear"), (Outcome.FAIL, (passed, failed), "Enforced"),
        (Outcome.WAIVED, (waived,), "Tolerated"), (Outcome.NO_DATA, (check(Outcome.NO_DATA),), "Undetermined"),
        (Outcome.PASS, (check(Outcome.FAIL, advisory=True),), "Undetermined"),
        (Outcome.PASS, (passed, check(Outcome.FAIL, advisory=True)), "Clear"),
    ]  # fmt: skip
    for outcome, checks, disposition in said:
        assert enforcement_log(evaluation(outcome, *checks), "1")["disposition"] == disposition
    log = enforcement_log(evaluation(Outcome.WAIVED, waived), "1")
    (action,) = log["actions"]
    assert action["justification"]["assessments"][0]["result"] == "Failed"
    assert action["justification"]["exceptions"] == [{"reference-id": "waivers", "remarks": "w1"}]
    with pytest.raises(PlumblineError) as caught:
        enforcement_log(evaluation(Outcome.NO_DATA), "1")
    assert caught.value.code == "nothing-evaluated"


@pytest.mark.parametrize("outcome", Outcome)
def test_a_verification_summary_passes_where_the_gate_passed_alone(outcome: Outcome) -> None:
    digest = f"sha256:{'b' * 64}"
    one = evaluation(outcome, check(outcome), subjects=Subjects(commit="a" * 40, artifacts=(digest,)))
    statement = read_statement(verification_summary(one, "urn:plumbline:port"))
    assert statement.predicate_type == "https://slsa.dev/verification_summary/v1"
    assert statement.is_about(digest)
    assert statement.is_about(f"gitCommit:{'a' * 40}")
    predicate = msgspec.json.decode(statement.predicate)
    assert predicate["verificationResult"] == ("PASSED" if outcome is Outcome.PASS else "FAILED")
    assert "verifiedLevels" not in predicate
    with pytest.raises(PlumblineError) as caught:
        verification_summary(evaluation(outcome, subjects=Subjects()), "urn:plumbline:port")
    assert caught.value.code == "no-subject"


def test_words_of_a_control_are_the_worst_of_its_requirements() -> None:
    from plumbline.maturity.frameworks.results import together

    for one, other in itertools.product(Result, repeat=2):
        found = together([one, other])
        assert found in (one, other)
        assert (found is Result.PASSED) <= ({one, other} <= {Result.PASSED, Result.NOT_APPLICABLE})
