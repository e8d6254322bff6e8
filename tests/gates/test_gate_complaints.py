"""What users of other platforms complained about, as far as policies are concerned. One test for each thread."""

from __future__ import annotations

from msgspec.structs import replace
from tests.gates.policies import AT, DAY, PIPELINE, built, cel, codes, known, outcome, standing, text

from plumbline.gates import Scope, built_in, documented, evaluate, evaluation, waived
from plumbline.model.contract import Subjects
from plumbline.model.gate import FactValue, GateAct, Outcome, Waiver

FINE = cel("fine", "tests.failed == 0", "tests.failed")
GOOD = known(tests__failed=0)


def verdict(*sources, facts=GOOD, at=AT, asked=PIPELINE):
    return evaluate([standing(one, name=f"p{number}") for number, one in enumerate(sources)], facts, at=at, asked=asked)


def test_2334_a_policy_that_never_ran_does_not_look_clean():
    never = text(FINE, selector="{act: [promotion]}")
    found = verdict(text(FINE), never)
    assert [one.policy for one in (*found.judged, *found.passed_over)] == ["p0", "p1"]
    assert verdict(never).outcome is Outcome.NO_DATA


def test_2337_a_policy_says_where_it_acts():
    """A policy without a kind was silently never run."""
    assert "missing-key" in codes(text(FINE, selector="{branches: [main]}"))


def test_1704_what_does_not_apply_is_listed_with_its_condition():
    source = text(FINE, built("docs", "no-secrets", more="applies: pipeline.protected"))
    facts = GOOD | known(pipeline__protected=False)
    [_, check] = verdict(source, facts=facts).judged[0].checks
    assert (check.check, check.applies, check.outcome) == ("docs", False, Outcome.NO_DATA)
    assert check.needs["pipeline.protected"].value is False


def test_2769_a_policy_can_be_tried_until_a_date_and_then_blocks():
    trial = text(cel("new", "tests.failed > 0", "tests.failed", more="enforced_from: 2026-10-01"))
    assert verdict(text(FINE), trial, at=AT).outcome is Outcome.PASS
    assert verdict(text(FINE), trial, at=AT + 30 * DAY).outcome is Outcome.FAIL


def test_2557_no_name_can_be_skipped_known_or_not():
    assert "no-skip" in codes(text(built("one", "tests-passed", more="skip: [other]")))
    assert "unknown-key" in codes("skip: [one]\n" + text(FINE))


def test_2790_a_mapping_to_a_framework_stands_in_the_policy_alone():
    [check] = (
        verdict(text(cel("one", "tests.failed == 0", "tests.failed", more="maps: [cd/cd.3.1.1]"))).judged[0].checks
    )
    assert check.maps == ("cd/cd.3.1.1",)


def test_1448_an_evaluation_names_its_policy_by_digest():
    one = standing(text(FINE))
    found = evaluate([one], GOOD, at=AT, asked=PIPELINE).judged[0]
    kept = evaluation(found, project=1, path="p", act=GateAct.PIPELINE, subjects=Subjects(), facts=GOOD, at=AT)
    assert kept.policy_digest == one.digest
    assert one.digest != standing(text(FINE) + "\n").digest


def test_1731_the_same_policy_twice_is_judged_alike_twice():
    found = verdict(text(FINE), text(FINE))
    assert found.judged[0].checks == found.judged[1].checks
    assert found.outcome is Outcome.PASS


def test_conforma_1554_a_selector_with_a_typo_is_no_success():
    found = verdict(text(FINE, selector="{act: [pipeline], branches: [mian]}"))
    assert (found.outcome, found.reason, found.passed_over[0].by) == (Outcome.NO_DATA, "nothing-selected", "branch")
    assert "unknown-word" in codes(text(FINE, selector="{act: [pipeline], tiers: [prodution]}"))


def test_conforma_2126_several_waivers_hold_for_one_line_each_in_its_own_scope():
    one = Waiver(uid="w1", node=1, path="bank", rule_set="p0", line="fine", reason="x", asked_by="ada", asked=1,
                 agreed=2, agreed_by="ben", ends=AT + DAY, commit="a" * 40)  # fmt: skip
    both = [one, replace(one, uid="w2", commit="b" * 40)]
    for commit, uid in (("a", "w1"), ("b", "w2")):
        scope = Scope(path="bank/core", commit=commit * 40)
        assert waived(both, scope, at=AT, active={"ada", "ben"}) == {("p0", "fine"): uid}


def test_ampel_116_nothing_to_look_at_is_no_soft_pass_and_all_have_to_hold():
    assert verdict(text(built("one", "sbom-each")), facts=known(sbom__artifacts=0, sbom__with_sbom=0)).outcome is (
        Outcome.NO_DATA
    )
    two = text(FINE, cel("bad", "tests.failed > 0", "tests.failed"))
    assert verdict(two).outcome is Outcome.FAIL


def test_complyctl_609_nothing_applicable_is_no_success():
    found = verdict(text(cel("one", "tests.failed == 0", "tests.failed", more="applies: tests.failed > 0")))
    assert (found.outcome, found.reason, found.goes_on) == (Outcome.NO_DATA, "nothing-applies", False)


def test_pvtr_380_unknown_is_not_counted_as_no():
    """Thousands of false "Failed": nobody knew, and it was said to be wrong."""
    assert outcome(text(FINE), known(tests__failed=None)) is Outcome.NO_DATA
    assert outcome(text(built("one", "no-secrets")), {}) is Outcome.NO_DATA


def test_fdc3_343_a_source_that_answers_nothing_is_not_green():
    """A weekly assessment was green for a month while every request was refused."""
    lacks = {name: FactValue(lack="no_source") for name in documented()}
    for name, check in built_in().items():
        given = {"changed-line-coverage": "{at_least: 1}", "load": "{p99_ms: 1}", "licences": "{allow: [MIT]}",
                 "no-new-findings": "{kinds: [sast]}"}.get(name, "")  # fmt: skip
        assert outcome(text(built("one", name, given)), lacks) is Outcome.NO_DATA, check.title


def test_attestation_552_an_outcome_comes_with_the_list_of_what_was_asked():
    [judged] = verdict(text(FINE, built("more", "no-secrets"))).judged
    assert [one.check for one in judged.checks] == ["fine", "more"]
    assert all(one.needs for one in judged.checks)


def test_devguard_1790_a_finding_whose_severity_is_not_known_does_not_pass():
    facts = {f"findings.new.{one}": 0 for one in ("critical", "high", "medium", "low", "info")}
    facts |= {"findings.new.unknown": 1, "findings.scanned": ("sast",)}
    assert outcome(text(built("one", "no-new-findings", "{kinds: [sast]}")), known(**facts)) is Outcome.NO_DATA


def test_gitlab_538898_a_verdict_belongs_to_a_revision_and_not_to_a_clock():
    """Controls were set back to pending every twelve hours. Here the same facts give the same verdict."""
    first = verdict(text(FINE), at=AT)
    assert all(verdict(text(FINE), at=AT + hours * 3_600_000_000) == first for hours in (12, 24, 24 * 365))
    kept = evaluation(first.judged[0], project=1, path="p", act=GateAct.PIPELINE, subjects=Subjects(commit="a" * 40),
                      facts=GOOD, at=AT)  # fmt: skip
    assert kept.subjects.commit == "a" * 40


def test_gitlab_588370_what_went_on_in_spite_of_a_refusal_is_told():
    """Merging despite failed controls left no trace: here what was judged stands beside what a waiver made of it."""
    bad = known(tests__failed=1)
    found = evaluate([standing(text(FINE))], bad, at=AT, asked=PIPELINE, waived={("red-lines", "fine"): "w1"})
    [check] = found.judged[0].checks
    assert (found.outcome, check.judged, check.waiver) == (Outcome.WAIVED, Outcome.FAIL, "w1")


def test_demo_a_presence_check_where_the_kind_never_comes_does_not_pass():
    """The banking demo of a peer lost two checks that were attached where their kind can never match."""
    assert (
        outcome(text(built("one", "provenance-each")), known(sbom__artifacts=1, sbom__with_sbom=1)) is Outcome.NO_DATA
    )


def test_a_clients_verdict_is_no_fact():
    """Facts are counts and names; none is an outcome that somebody else came to."""
    claimed = ("verdict", "compliant", "passed", "outcome", "approved", "compliance")
    assert not [name for name in documented() if name.rpartition(".")[2] in claimed]
    assert "unknown-fact" in codes(text(cel("one", "tests.passed", "tests.passed")))


def test_an_empty_list_is_no_clean_scan():
    empty = {f"findings.new.{one}": 0 for one in ("critical", "high", "medium", "low", "info", "unknown")}
    facts = known(**empty, findings__secrets=0, findings__scanned=())
    assert outcome(text(built("one", "no-new-findings", "{kinds: [sast]}")), facts) is Outcome.NO_DATA
    assert outcome(text(built("one", "no-secrets")), facts) is Outcome.NO_DATA


def test_a_policy_below_never_loosens_one_above():
    above = text(cel("strict", "tests.failed == 0", "tests.failed"))
    below = text(cel("strict", "tests.failed < 100", "tests.failed"))
    for sources in ((above, below), (below, above)):
        assert verdict(*sources, facts=known(tests__failed=1)).outcome is Outcome.FAIL
