"""Deployments, recovery and traces, against answers worked out by hand."""

from __future__ import annotations

import pytest
from msgspec import UNSET
from tests.facts.events import Records, ago, commit, digest

from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.model.fact import Lack
from plumbline.trace import Deployment

CFR = "change-failure-rate"
RESTORE = "time-to-restore-after-a-failed-deployment-median"


@pytest.fixture
def records() -> Records:
    return Records()


def test_attempts_of_one_are_one_deployment(records: Records) -> None:
    records.deploy("d1", ago(2), "failure", attempt=1)
    records.deploy("d1", ago(1.9), attempt=2)
    records.deploy("d1", ago(1.8), attempt=3)
    records.deploy("d2", ago(1), tier="testing")
    records.deploy("d3", ago(1), intent="rollback")
    records.deploy("d4", ago(1), "cancel")
    found = records.fact("production-deployments", 14)
    assert (found.numerator, found.denominator) == (1, pytest.approx(2))
    assert records.share("successful-production-deployments") == (3, 4)
    assert records.share("failed-production-deployments") == (1, 4)
    assert records.fact("production-deployments-per-30-d", 15).value == pytest.approx(2)


def test_no_deployment_to_production_is_no_data(records: Records) -> None:
    records.deploy("d", ago(1), tier="testing")
    assert records.fact("production-deployments").lack is Lack.TOO_FEW
    assert records.fact("days-with-two-or-more-effective-deployments").lack is Lack.TOO_FEW
    assert records.fact("change-failure-rate").lack is Lack.NO_SOURCE


def test_the_best_five_working_days_span_a_weekend(records: Records) -> None:
    for number, days in enumerate([4.5, 3.5, 2.5, 6.5, 7.5, 9.5]):  # We, Th, Fr; Mo; Su; Fr
        records.deploy(f"d{number}", ago(days))
    assert records.fact("days-with-an-effective-deployment-in-the-best-five-working-day").value == 4
    records.deploy("again", ago(2.4))
    assert records.fact("days-with-two-or-more-effective-deployments").value == 1


def test_failure_rate_needs_to_know_of_incidents(records: Records) -> None:
    for name in ("d1", "d2", "d3", "d4"):
        records.deploy(name, ago(10))
    assert records.fact(CFR).lack is Lack.NO_SOURCE
    records.incident("i1", ago(9), cause="d1", resolved=ago(8))
    records.incident("i2", ago(9), cause="d1", resolved=ago(7))
    records.incident("i3", ago(9), cause="power cut", resolved=ago(7))
    assert records.share(CFR) == (1, 4)
    assert records.fact(RESTORE).values == (3 * 86_400.0,)  # until the last of its incidents


def test_the_first_after_the_version_gone_back_to_failed(records: Records) -> None:
    records.incident("elsewhere", ago(50), resolved=ago(49))
    for name, days, version in (("v1", 9, "a"), ("v2", 8, "b"), ("v3", 7, "c")):
        records.deploy(name, ago(days), bytes_=version)
    records.deploy("back", ago(6), bytes_="a", intent="rollback", start=ago(6, 0, 10))
    found = records.fact(CFR)
    assert (found.numerator, found.denominator) == (1, 3)  # the rollback is in neither
    assert records.fact(RESTORE).values == (2 * 86_400.0,)  # v2 at 8, back at 6
    assert records.fact("time-to-roll-back-median").values == (600.0,)


def test_what_mends_and_what_is_not_over(records: Records) -> None:
    records.deploy("d1", ago(9))
    records.deploy("fix", ago(8), intent="hotfix", remediates="d1")
    records.deploy("d2", ago(7))
    records.incident("i", ago(6), cause="d2")
    records.deploy("d3", ago(5))
    assert records.share(CFR) == (2, 4)
    assert records.fact(RESTORE).values == (86_400.0, 7 * 86_400.0)  # the second so far


def test_a_deployment_that_mends_an_incident_mends_its_cause(records: Records) -> None:
    records.deploy("d1", ago(9))
    records.incident("i", ago(8.5), cause="d1", resolved=ago(8.2))
    records.deploy("fix", ago(8), intent="hotfix", remediates="i")
    assert records.share(CFR) == (1, 2)
    assert records.fact(RESTORE).values == (86_400.0,)


def test_by_whom_and_by_hand(records: Records) -> None:
    records.run("r1", ago(2), ago(1), commit="a")
    records.job("r1", "build", ago(2), ago(1.5))
    records.job("r1", "prod", ago(1.4), ago(1.1), manual=True)
    records.deploy("d1", ago(1.1), run="r1", commit="a")
    records.deploy("d2", ago(1.1), run="elsewhere")
    records.deploy("d3", ago(1.1), tier="testing")
    assert records.share("deployments-made-by-a-script-or-the-platform") == (2, 3)
    assert records.share("deployments-run-by-the-platform") == (1, 3)
    assert records.share("test-deployments-run-by-the-platform") == (0, 1)
    assert records.share("production-deployments-that-name-the-procedure-or-definition") == (2, 2)
    assert records.share("deployments-with-one-or-more-manual-steps") == (1, 1)
    assert records.fact("manual-working-steps-inside-a-deployment").lack is Lack.TOO_FEW  # not all are known
    records.approval("d1", ago(1.2))
    assert records.fact("manual-confirmations-per-production-delivery-median").values == (2.0,)
    assert records.share("environment-tiers-reachable-by-one-action", None)[1] == 2


def test_a_button_that_nobody_pressed_before_the_end_is_neither_a_step_nor_a_confirmation(records: Records) -> None:
    records.commits(commit("base", ago(30)), commit("m", ago(5), "ann", "base"))
    records.merge("!m", ago(4), commit("side", ago(5)), merged_as="m")
    for run, sha in (("r0", "base"), ("r1", "m")):
        records.run(run, ago(3), ago(2), commit=sha)
        records.job(run, "prod", ago(3), ago(2.5))
        records.unpressed(run, "roll back", ago(2.6))
        records.job(run, "stop", ago(1.5), ago(1.4), manual=True)
        records.deploy(f"d-{run}", ago(2.5), run=run, commit=sha)
        records.data_change(f"c-{run}", ago(2.6), run, deployment=f"d-{run}")
    assert records.share("deployments-with-one-or-more-manual-steps") == (0, 2)
    assert records.fact("manual-confirmations-per-production-delivery-median").values == (0.0, 0.0)
    assert records.share("trunk-merges-deployed-to-production-without-a-manual-step") == (1, 1)
    name = "data-changes-run-by-a-pipeline-step-with-a-recorded-confirmation"
    assert records.share(name) == (0, 2)
    records.approval("d-r1", ago(1))
    assert records.share(name) == (0, 2)  # it was done by then
    records.approval("d-r0", ago(2.7))
    assert records.share(name) == (1, 2)


def test_manual_steps_where_every_run_is_known(records: Records) -> None:
    name = "manual-working-steps-inside-a-deployment"
    records.run("r1", ago(2), ago(1))
    records.job("r1", "prod", ago(1.4), ago(1.1))
    records.deploy("d1", ago(1.1), run="r1", start=ago(1.4))
    assert records.fact(name).value == 0
    records.job("r1", "switch", ago(1.3), ago(1.2), manual=True)
    assert records.fact(name).value == 1


def test_the_press_that_begins_a_deployment_is_no_work_inside_it(records: Records) -> None:
    records.run("r1", ago(3), ago(1))
    records.job("r1", "approve", ago(2.9), ago(2.8), manual=True)
    records.job("r1", "staging", ago(2), ago(1.9), manual=True)
    records.deploy("d1", ago(1.9), tier="staging", run="r1", start=ago(2))
    records.job("r1", "prod", ago(1.5), ago(1.4), manual=True)
    records.deploy("d2", ago(1.4), run="r1", start=ago(1.5))
    assert records.fact("manual-working-steps-inside-a-deployment").value == 0


def test_flows_and_stages_of_a_rollout(records: Records) -> None:
    records.deploy("d1", ago(3))
    assert records.fact("different-flows-in-use").value == 1
    assert records.fact("production-deployments-by-a-staged-rollout").lack is Lack.NO_SOURCE
    records.deploy("d2", ago(2), intent="hotfix")
    records.deploy("d3", ago(1))
    records.tell(own.RolloutProgressed(deployment="d3", step=1, share=0.1), "d3", ago(1, 1))
    records.tell(own.RolloutProgressed(deployment="d1", step=1, share=1.0), "d1", ago(3, 1))
    assert records.fact("different-flows-in-use").value == 3
    assert records.share("production-deployments-by-a-staged-rollout") == (1, 3)


@pytest.mark.parametrize(
    "name",
    [
        "production-deployments",
        "production-deployments-per-30-d",
        "days-with-an-effective-deployment-in-the-best-five-working-day",
        "days-with-two-or-more-effective-deployments",
        "change-failure-rate",
        "time-to-restore-after-a-failed-deployment-median",
        "time-to-roll-back-median",
        "different-flows-in-use",
        "commit-to-production-median-against-180-d-earlier",
        "work-items-per-production-deployment-median",
    ],
)
def test_where_nobody_tells_what_a_deployment_is_meant_for_there_is_no_data(records: Records, name: str) -> None:
    """It may have been a rollback, which is in none of these, or is what it asks for."""
    records.commits(commit("a", ago(9)), commit("b", ago(5), "ann", "a"))
    records.deploy("d1", ago(8), commit="a")
    records.deploy("d2", ago(4), start=ago(4.1), commit="b")
    records.deploy("d3", ago(2), start=ago(2.1), intent=UNSET, attempt=UNSET)
    records.incident("i1", ago(3), "d2", ago(1))
    found = records.fact(name)
    assert (found.lack, found.excluded) == (Lack.TOO_FEW, {"intent_unknown": 1})


def test_what_does_not_ask_for_it_counts_it(records: Records) -> None:
    records.deploy("d1", ago(4), "failure", intent=UNSET, attempt=UNSET)
    records.deploy("d2", ago(2), intent=UNSET, attempt=UNSET)
    assert records.share("successful-production-deployments") == (1, 2)
    assert records.share("deployments-whose-source-revision-is-unknown") == (1, 1)


def test_attempts_that_are_told_of_without_a_number_are_of_the_newest(records: Records) -> None:
    records.deploy("d1", ago(4), "failure", start=ago(5), attempt=UNSET)
    records.deploy("d1", ago(2), start=ago(3), attempt=2)
    records.deploy("d1", ago(1.5), attempt=UNSET)
    [one] = Deployment.derive(records.evidence().of("deployment.started", "deployment.finished"))
    assert (one.attempt, one.outcome, len(one.cited)) == (2, "success", 5)


def test_what_is_deployed_resolves_to_a_revision(records: Records) -> None:
    records.deploy("d1", ago(1), commit="a")
    records.deploy("d2", ago(1), bytes_="x")
    records.deploy("d3", ago(1), bytes_="y")
    records.artifact("pkg:generic/app@1", ago(2), "x")
    assert records.share("deployed-artifacts-that-resolve-to-a-revision") == (2, 3)
    assert records.share("deployments-whose-source-revision-is-unknown") == (1, 3)
    assert records.share("deployments-whose-package-is-not-in-a-registered-artifact-store") == (2, 3)


def test_lead_time_against_earlier_and_items_of_a_deployment(records: Records) -> None:
    first = [commit("base", ago(300))]
    old = [commit(f"o{n}", ago(202), "ann", f"o{n - 1}" if n else "base", work_items=(f"T-{n}",)) for n in range(5)]
    new = [commit(f"n{n}", ago(12), "ann", f"n{n - 1}" if n else "o4", work_items=("T-9",)) for n in range(5)]
    records.commits(*first, *old, *new)
    records.deploy("d0", ago(250), commit="base")
    records.deploy("d1", ago(200), commit="o4")  # two days after
    records.deploy("d2", ago(11.5), "failure", commit="n4")
    records.deploy("d3", ago(11), commit="n4")  # one day after
    records.deploy("d4", ago(10), commit="o4", intent="rollback")
    records.deploy("d5", ago(9), commit="n4")
    assert records.fact("commit-to-production-median-against-180-d-earlier", 180).value == pytest.approx(-50)
    name = "work-items-per-production-deployment-median"
    assert records.fact(name, 220).values == (5.0, 1.0)
    assert records.fact(name, 365).excluded["before_baseline"] == 1


def test_merges_that_reach_production_untouched(records: Records) -> None:
    records.commits(commit("base", ago(30)), commit("m1", ago(5), "ann", "base"), commit("m2", ago(4), "ann", "m1"))
    for name in ("m1", "m2", "m3"):
        records.merge(f"!{name}", ago(4), commit(f"side-{name}", ago(5)), merged_as=name)
    for name, sha, manual in (("r0", "base", False), ("r1", "m1", False), ("r2", "m2", True)):
        records.run(name, ago(3), ago(2), commit=sha)
        records.job(name, "prod", ago(3), ago(2), manual=manual)
        records.deploy(
            f"d{name}", ago(2.9) if name == "r0" else ago(2.5) if name == "r1" else ago(2), commit=sha, run=name
        )
    assert records.share("trunk-merges-deployed-to-production-without-a-manual-step") == (1, 3)


def test_the_same_digest_went_through_every_lower_tier(records: Records) -> None:
    name = "production-deployments-whose-digest-was-deployed-before-in-each"
    records.deploy("p0", ago(1))
    assert records.fact(name).lack is Lack.TOO_FEW  # nobody tells digests
    records.deploy("t1", ago(5), tier="testing", bytes_="x")
    records.deploy("s1", ago(4), tier="staging", bytes_="x")
    records.deploy("t2", ago(4), tier="testing", bytes_="y")
    records.deploy("s2", ago(4), "failure", tier="staging", bytes_="y")
    records.deploy("p1", ago(3), bytes_="x")
    records.deploy("p2", ago(3), bytes_="y")
    assert records.share(name) == (1, 3)


def test_the_same_digest_was_tested_before(records: Records) -> None:
    for name, bytes_ in (("p1", "x"), ("p2", "y"), ("p3", "z")):
        records.deploy(name, ago(3), start=ago(3, 1), bytes_=bytes_)
    records.suite("s1", ago(5), bytes_="x")
    records.suite("s2", ago(5), bytes_="y")
    records.suite("s3", ago(4), "failure", bytes_="y")
    records.suite("s4", ago(2), bytes_="z")
    assert records.share("production-deployments-with-a-passed-test-verdict-on-the-same") == (1, 3)


def test_the_same_definition_and_the_chain(records: Records) -> None:
    records.commits(commit("a", ago(9), work_items=("T-1",)), commit("b", ago(9)))
    for run, sha in (("r1", "a"), ("r2", "b")):
        records.run(run, ago(6), ago(5), commit=sha)
    records.deploy("t1", ago(5), tier="testing", run="r1", commit="a")
    records.deploy("p1", ago(4), run="r1", commit="a", bytes_="x")
    records.deploy("p2", ago(4), run="r2", commit="b")
    records.deploy("p3", ago(4), commit="a")
    assert records.share("production-deployments-run-by-the-same-definition-as-the-lower") == (1, 3)
    assert records.share("production-deployments-that-trace-to-one-connected-run-chain") == (2, 3)
    assert records.share("production-deployments-with-an-unbroken-chain-from-work-item-to") == (1, 3)
    name = "production-deployments-with-the-complete-chain-requirement"
    records.artifact("pkg:generic/app@1", ago(5), "x", "a")
    records.suite("s", ago(4.5), bytes_="x")
    assert records.fact(name).lack is Lack.NO_SOURCE  # nobody tells of approvals
    records.approval("other", ago(4.2))
    records.approval(digest("x"), ago(3))  # afterwards
    assert records.share(name) == (0, 3)
    records.approval(digest("x"), ago(4.2))
    assert records.share(name) == (1, 3)


def test_that_nothing_had_to_be_rolled_back_is_no_zero(records: Records) -> None:
    name = "successful-rollbacks-or-rollback-rehearsals"
    for number in range(5):
        records.deploy(f"d{number}", ago(9 - number))
    records.drill("restore", ago(5))
    assert records.fact(name).lack is Lack.TOO_FEW
    records.deploy("back", ago(3), "failure", intent="rollback")
    assert records.fact(name).value == 0
    records.deploy("back again", ago(2), intent="rollback", tier="staging")
    assert records.fact(name).value == 1


def test_a_rehearsal_of_something_else_is_no_zero_for_a_restore(records: Records) -> None:
    records.drill("rollback", ago(5))
    assert records.fact("restore-rehearsal-passed").lack is Lack.TOO_FEW
    records.drill("restore", ago(4), "failure")
    assert records.fact("restore-rehearsal-passed").value == 0
