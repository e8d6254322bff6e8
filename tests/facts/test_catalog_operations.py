"""Environments, data changes, work items, metrics and drills, against answers worked out by hand."""

from __future__ import annotations

import pytest
from tests.facts.events import Records, ago, commit, sha

from plumbline.evidence.vocabulary import cdevents_delivery
from plumbline.model.fact import Lack


@pytest.fixture
def records() -> Records:
    return Records()


def test_classes_of_environments(records: Records) -> None:
    assert records.fact("distinct-environment-classes", None).lack is Lack.NO_SOURCE
    records.environment("app/dev", "development", ago(30))
    records.environment("app/old", "staging", ago(30))
    records.tell(cdevents_delivery.EnvironmentDeleted(), "app/old", ago(20))
    records.deploy("d1", ago(2), tier="testing")
    records.deploy("d2", ago(2), "failure", tier="testing")
    assert records.fact("distinct-environment-classes", None).value == 2
    assert records.fact("environments-of-the-class-functional-test-in-use").value == 1
    assert records.fact("environments-of-the-class-functional-test-in-use", 1).lack is Lack.TOO_FEW


def test_an_environment_that_is_deployed_to_again_is_there_again(records: Records) -> None:
    name = "distinct-environment-classes"
    records.deploy("d0", ago(5))
    records.deploy("d1", ago(4), tier="staging")
    assert records.fact(name, None).value == 2
    (place,) = {one.environment for one in records.evidence().deployments if one.tier == "staging"}
    records.tell(cdevents_delivery.EnvironmentDeleted(), place, ago(3))
    assert records.fact(name, None).value == 1
    records.deploy("d2", ago(1), tier="staging")
    assert records.fact(name, None).value == 2


def test_drift(records: Records) -> None:
    records.environment("app/dev", "development", ago(30))
    records.environment("app/production", "production", ago(30))
    assert records.fact("environments-checked-for-drift-in-the-last-day", None).lack is Lack.NO_SOURCE
    records.check("nginx", "app/dev", ago(0, 5))
    records.check("nginx", "app/production", ago(2), fine=False)
    records.check("kernel", "app/production", ago(3), fine=False)
    records.check("kernel", "app/production", ago(2))
    assert records.share("environments-checked-for-drift-in-the-last-day", None) == (1, 2)
    assert records.share("instances-whose-recorded-settings-match-the-running-ones", None) == (2, 3)


def test_data_changes_tied_to_a_record(records: Records) -> None:
    name = "data-changes-and-environment-changes-tied-to-a-change-record"
    records.data_change("c1", ago(1), "x", deployment="d1")
    records.data_change("c2", ago(1), "y")
    records.environment("app/dev", "development", ago(1))
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.ticket("T-1", ago(3))
    records.link("d1", "T-1", ago(1))
    records.link("app/dev", "unknown", ago(1))
    assert records.share(name) == (1, 3)


def test_reverse_scripts_are_in_the_newest_tree(records: Records) -> None:
    name = "data-changes-with-a-reverse-script"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.tree(code=5)
    assert records.fact(name).lack is Lack.TOO_FEW
    records.tree(migration_reversible=3, migration_irreversible=1)
    assert records.share(name) == (3, 4)


def test_who_applies_data_changes(records: Records) -> None:
    records.run("r1", ago(2), ago(1))
    records.job("r1", "migrate", ago(2), ago(1), manual=True)
    records.run("r2", ago(2), ago(1))
    records.job("r2", "migrate", ago(2), ago(1))
    for name, run in (("d1", "r1"), ("d2", "r2"), ("d3", "elsewhere")):
        records.deploy(name, ago(1), run=run)
        records.data_change(f"c-{name}", ago(1), name, deployment=name)
    records.data_change("c", ago(1), "loose")
    assert records.share("data-changes-applied-by-the-platform") == (2, 4)
    assert records.share("data-changes-not-tied-to-a-release-or-deployment") == (1, 4)
    assert records.share("data-changes-run-by-a-pipeline-step-with-a-recorded-confirmation") == (1, 4)
    records.approval("d2", ago(1.5))
    assert records.share("data-changes-run-by-a-pipeline-step-with-a-recorded-confirmation") == (2, 4)


def test_up_and_down_were_tried_before(records: Records) -> None:
    for tier in ("testing", "production"):
        records.deploy(f"d-{tier}", ago(20), tier=tier)
    for bytes_, back in (("x", ago(4)), ("y", None), ("z", ago(1))):
        records.data_change(f"t{bytes_}", ago(5), bytes_, "testing")
        if back is not None:
            records.data_change(f"b{bytes_}", back, bytes_, "testing", back=True)
        records.data_change(f"p{bytes_}", ago(2), bytes_)
    assert records.share("data-changes-whose-up-and-down-scripts-both-ran-in-a-lower") == (1, 3)


def test_withdrawn_work_items_and_their_code(records: Records) -> None:
    stayed = "withdrawn-work-items-whose-code-stayed-in-the-release-line"
    records.commits(
        commit("a", ago(9), work_items=("T-1",)), commit("b", ago(9), work_items=("T-2",)),
        commit("c", ago(9), work_items=("T-3",)), commit("c2", ago(9), work_items=("T-3",)),
        commit("d", ago(9), work_items=("T-4",)), commit("u", ago(4.5), reverts=("a",)),
        commit("v", ago(2), reverts=("b",)), commit("w", ago(4.5), reverts=("c",)),
    )  # fmt: skip
    records.ticket("T-4", ago(20), ago(5))
    assert records.fact(stayed).lack is Lack.TOO_FEW  # nothing was withdrawn
    for name in ("T-1", "T-2", "T-3", "T-5"):
        records.ticket(name, ago(20), ago(5), "withdrawn")
    assert records.share("withdrawn-work-items-with-a-linked-revert") == (2, 3)  # T-5 has no code
    assert records.share("withdrawn-work-items-whose-state-and-code-agree-within-one-day") == (1, 3)
    assert records.fact(stayed).value == 1


def test_taking_back_a_merge_takes_back_what_it_brought(records: Records) -> None:
    records.merge("!1", ago(8), commit("a", ago(9)), merged_as="m")
    records.commits(commit("a", ago(9), work_items=("T-1",)), commit("u", ago(5), reverts=("m",)))
    records.ticket("T-1", ago(20), ago(5), "withdrawn")
    assert records.share("withdrawn-work-items-with-a-linked-revert") == (1, 1)
    records.merge("!2", ago(5), commit("u", ago(5), reverts=("m",)), merged_as="n")
    records.commits(commit("n", ago(5), work_items=("T-1",)))  # Merge ... Revert "T-1 ..."
    assert records.share("withdrawn-work-items-with-a-linked-revert") == (1, 1)
    records.merge("!3", ago(4), commit("w", ago(4)), merged_as="o")
    records.commits(commit("o", ago(4), work_items=("T-1",)))
    assert records.share("withdrawn-work-items-with-a-linked-revert") == (0, 1)


def test_metrics(records: Records) -> None:
    records.metric("a", ago(50), 1.0)
    records.metric("a", ago(20), 2.0, "2")
    records.metric("b", ago(20), None)  # no data
    records.metric("c", ago(200), 1.0)
    assert records.fact("metrics-with-values").value == 1
    assert records.share("metrics-with-stored-values") == (1, 3)
    assert records.fact("metrics-with-a-stored-history", None).value == 1
    assert records.fact("metric-definitions-with-more-than-one-version", 365).value == 1
    assert records.fact("age-of-the-newest-metric-definition-change", None).value == 20 * 86_400
    assert records.fact("metric-definitions-with-more-than-one-version", 10).lack is Lack.TOO_FEW


def test_drills(records: Records) -> None:
    assert records.fact("restore-rehearsal-passed", 365).lack is Lack.NO_SOURCE
    records.drill("restore", ago(50), seconds=7200)
    records.drill("rollback", ago(50), "failure")
    assert records.fact("restore-rehearsal-passed", 365).value == 1
    assert records.fact("last-restore-rehearsal-time-until-service-is-back", 365).value == 7200
    assert records.fact("successful-rollbacks-or-rollback-rehearsals", 365).value == 0
    records.drill("restore", ago(10), "failure", seconds=60)
    assert records.fact("last-restore-rehearsal-time-until-service-is-back", 365).lack is Lack.TOO_FEW
    records.deploy("d", ago(1), intent="rollback")
    assert records.fact("successful-rollbacks-or-rollback-rehearsals", 365).value == 1


def test_what_a_correction_names_does_not_count(records: Records) -> None:
    from plumbline.evidence.vocabulary import own_operations

    records.drill("restore", ago(50))
    wrong = records.tell(own_operations.DrillFinished(kind="restore", outcome="success"), "drill", ago(40))
    records.tell(
        own_operations.LedgerCorrected(corrects=wrong, corrects_source="/plumbline", reason="r", person="ann"),
        "c",
        ago(1),
    )
    assert records.fact("restore-rehearsal-passed", 365).value == 1
    assert sha("x") != sha("y")


def test_a_set_of_metrics_is_renewed_on_days_when_definitions_change(records: Records) -> None:
    name = "metric-set-reviews-or-new-versions"
    assert records.fact(name, 365).lack is Lack.NO_SOURCE
    for metric in ("a", "b"):
        for days, version in ((9, "1"), (8, "1")):
            records.metric(metric, ago(days), 1.0, version)
    assert records.fact(name, 365).value == 0
    records.metric("a", ago(7), 1.0, "2")
    records.metric("b", ago(6.9), 1.0, "2")
    assert records.fact(name, 365).value == 1
    records.metric("a", ago(3), 1.0, "3")
    assert records.fact(name, 365).value == 2
