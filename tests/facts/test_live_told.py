"""What registered tools tell of tests, scans, deployments and environments, beside what the server does itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.facts.events import digest
from tests.facts.live import BAD, PLACE, Live, deploy, publish, scan

from plumbline.model.fact import UNDECIDED, Lack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def live(live: Live) -> Live:
    return live.watched()


def case(
    live: Live, name: str, run: str, outcome: str = "success", *, kind: str = "", trigger: str = "", suite: str = ""
) -> None:
    of = {"testCase": {"id": name, **({"type": kind} if kind else {})}}
    if trigger:
        live.told("testcaserun.started.0.3.0", run, {**PLACE, **of, "trigger": {"type": trigger}})
    said = {**PLACE, **of, "outcome": outcome, **({"testSuiteRun": {"id": suite}} if suite else {})}
    live.told("testcaserun.finished.0.3.0", run, said)


def suite(live: Live, run: str, commit: str = "", outcome: str = "success") -> None:
    live.told("testsuiterun.finished.0.3.0", run, {**PLACE, "outcome": outcome}, {"commit": commit} if commit else {})


# tests
def test_interface_cases_are_those_of_the_type_integration(live: Live) -> None:
    name = "interface-cases-in-the-case-base"
    assert live.fact(name).lack is Lack.NO_SOURCE
    case(live, "a", "r1")
    assert live.fact(name).lack is Lack.TOO_FEW
    case(live, "b", "r2", kind="unit")
    assert live.fact(name).value == 0
    case(live, "c", "r3", kind="integration")
    assert live.fact(name).value == 1


def test_a_run_that_is_silent_for_a_day_came_to_no_verdict(live: Live) -> None:
    name = "runs-with-a-machine-verdict"
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    suite(live, "s1")
    suite(live, "s2", outcome="error")
    assert live.share(name, 90) == (1, 2)
    live.told("testsuiterun.started.0.3.0", "s3", PLACE)
    assert live.share(name, 90) == (1, 2)
    live.later(1.1)
    assert live.share(name, 90) == (1, 3)


def test_a_failure_is_a_false_alarm_where_the_case_passes_later_on_the_same_commit(live: Live) -> None:
    name = "failures-later-judged-false"
    suite(live, "s1", "a" * 40)
    suite(live, "s2", "b" * 40)
    case(live, "c", "r0", "success", suite="s1")
    assert live.fact(name, 90).lack is Lack.TOO_FEW  # nothing failed
    live.later(0.01)
    case(live, "c", "r1", "failure", suite="s1")
    assert live.share(name, 90) == (0, 1)
    live.later(0.01)
    case(live, "c", "r2", "success", suite="s2")
    assert live.share(name, 90) == (0, 1)
    case(live, "c", "r3", "success", suite="s1")
    assert live.share(name, 90) == (1, 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("user-level-cases-run-automatically", "e2e"), ("interface-and-unit-cases-run-automatically", "unit")],
)
def test_a_case_is_automatic_where_nobody_starts_it_by_hand(live: Live, name: str, kind: str) -> None:
    case(live, "a", "r1", kind=kind)
    assert live.fact(name, 90).lack is Lack.NO_SOURCE  # nobody tells what starts any
    case(live, "a", "r2", kind=kind, trigger="pipeline")
    case(live, "b", "r3", kind=kind)
    assert (live.share(name, 90), live.fact(name, 90).excluded) == ((1, 1), {UNDECIDED: 1})
    case(live, "b", "r4", kind=kind, trigger="manual")
    assert live.share(name, 90) == (1, 2)


def test_kinds_beside_functions_are_told_by_type_or_name(live: Live) -> None:
    run, registered = "of-the-seven-kinds-kinds-with-a-run-in-the-window", "non-functional-kinds-with-registered-cases"
    assert live.fact(run, 180).lack is Lack.NO_SOURCE
    case(live, "adds numbers", "r0")
    assert live.fact(run, 180).lack is Lack.TOO_FEW  # nobody tells of what kind it is
    case(live, "adds numbers", "r1", kind="unit")
    case(live, "load of a file, its security and recovery", "r5", kind="unit")
    assert live.fact(run, 180).value == 0
    case(live, "a", "r2", kind="performance")
    case(live, "Soak of the queue", "r3")
    case(live, "chaos/one", "r4", "error")
    assert (live.fact(run, 180).value, live.fact(registered).value) == (2, 3)
    case(live, "转账兼容性测试", "r6")
    assert live.fact(run, 180).value == 3


# scans
def test_scans_name_their_rules_and_the_common_ones_are_those_of_the_most(live: Live) -> None:
    one, common = (
        "repositories-scanned-with-the-team-s-rule-set",
        "repositories-of-the-organisation-on-the-common-rule-set",
    )
    live.write("ann")
    assert live.fact(one).lack is Lack.NO_SOURCE
    scan(live, "bank/core")
    assert live.share(one) == (0, 1)
    scan(live, "bank/core", rules=digest("ours"))
    assert live.share(one) == (1, 1)
    assert live.fact(common).lack is Lack.TOO_FEW  # one has nothing in common with any
    for name, rules in (("apps", "bank's"), ("cards", "bank's")):
        live.add(name, "")
        live.write("ann", path=f"bank/{name}")
        scan(live, f"bank/{name}", rules=digest(rules))
    assert (live.share(one, path="bank"), live.share(common, path="bank")) == ((3, 3), (2, 3))


def test_a_scan_follows_a_run_of_its_commit(live: Live) -> None:
    name = "scans-started-by-pipeline-or-commit"
    head = live.write("ann")
    scan(live, "bank/core", commit=head)
    assert live.fact(name, 90).lack is Lack.NO_SOURCE  # no run is known
    live.later(1)
    live.run()
    live.later(30)
    assert live.fact(name, 90).lack is Lack.TOO_FEW  # none since runs were told of
    scan(live, "bank/core", commit=head)
    scan(live, "bank/core")
    scan(live, "bank/core", commit="f" * 40)
    assert (live.share(name, 90), live.fact(name, 90).excluded) == ((1, 2), {UNDECIDED: 1})


# deployments
def test_a_deployment_carries_what_it_says_that_it_carries(live: Live) -> None:
    name = "deployments-that-carry-exactly-one-application"
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    deploy(live, "d1")
    assert live.fact(name, 90).lack is Lack.UNDECIDED
    deploy(live, "d2", service={"id": "core"})
    deploy(live, "d3", parts=[{"name": "core", "outcome": "success"}])
    deploy(live, "d4", parts=[{"name": one, "outcome": "success"} for one in ("core", "apps")])
    assert (live.share(name, 90), live.fact(name, 90).excluded) == ((2, 3), {UNDECIDED: 1})


def test_a_deployment_fetches_what_the_store_says_it_handed_out(live: Live) -> None:
    name, purl = "deployments-that-fetched-from-the-store", "pkg:maven/com.bank/core@1"
    publish(live, purl, "one")
    deploy(live, "d1", digest=digest("one"))
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    live.told("artifact.downloaded.0.2.0", purl, {})
    assert live.share(name, 90) == (0, 1)
    deploy(live, "d2", digest=digest("one"))
    deploy(live, "d3", artifactId=purl)
    deploy(live, "d4", artifactId="pkg:maven/com.bank/core@2")
    assert live.share(name, 90) == (2, 4)
    live.later(2)
    deploy(live, "d5", digest=digest("one"))
    assert live.share(name, 90) == (2, 5)


def test_production_takes_packages_from_the_store_and_configuration_from_a_commit_on_record(live: Live) -> None:
    name = "production-deployments-whose-digest-and-configuration-revision"
    head = live.write("ann")
    deploy(live, "d0", digest=digest("one"), commit=head)
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    publish(live, "pkg:maven/com.bank/core@1", "one")
    assert live.share(name, 90) == (0, 1)
    deploy(live, "d1", digest=digest("one"), commit=head)
    deploy(live, "d2", digest=digest("one"), commit="f" * 40)
    deploy(live, "d3", digest=digest("two"), commit=head)
    deploy(live, "d4", "staging", digest=digest("two"))
    assert live.share(name, 90) == (1, 4)


def test_a_deployment_records_the_definition_and_the_schema_of_its_environment(live: Live) -> None:
    definition = "deployments-that-record-digest-and-environment-definition"
    schema = "deployments-that-record-the-schema-version"
    deploy(live, "d1", digest=digest("one"))
    assert live.fact(definition, 90).lack is live.fact(schema, 90).lack is Lack.NO_SOURCE
    live.told("configItem.verified", "os", {**PLACE, "digest": digest("image")})
    live.told("dataChange.applied", "V7", {**PLACE, "digest": digest("V7"), "outcome": "failure"})
    assert (live.share(definition, 90), live.share(schema, 90)) == ((0, 1), (0, 1))
    live.told("dataChange.applied", "V7", {**PLACE, "digest": digest("V7"), "outcome": "success"})
    deploy(live, "d2", digest=digest("one"))
    deploy(live, "d3")
    deploy(live, "d4", "staging", digest=digest("one"))
    assert (live.share(definition, 90), live.share(schema, 90)) == ((1, 4), (2, 3))


def test_data_changes_run_from_scripts_where_a_run_made_their_deployment(live: Live) -> None:
    name = "data-changes-run-from-a-script"
    change = {**PLACE, "digest": digest("V7"), "outcome": "success"}
    live.told("dataChange.applied", "V7", change)
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    run = live.run().uid
    live.later(30)
    deploy(live, "d1", run=run)
    live.told("dataChange.applied", "V8", change)
    assert live.share(name, 90) == (0, 1)
    live.told("dataChange.applied", "V9", {**change, "deployment": "d1"})
    assert live.share(name, 90) == (1, 2)


GATED = "test: {stage: test, script: [make]}\nship: {stage: deploy, script: [make], environment: production}\n"


@pytest.mark.parametrize(
    ("text", "bad", "share"),
    [
        (GATED, {}, (1, 1)),
        (GATED.replace("script: [make]}\nship", "script: [make], allow_failure: true}\nship"), {}, (0, 1)),
        (GATED.replace("script: [make]}\nship", "script: [make], allow_failure: true}\nship"), {"test": BAD}, (0, 1)),
        ("ship: {stage: deploy, script: [make], environment: production}\n", {}, (0, 1)),
        ("test: {stage: .post, script: [make]}\n" + GATED.split("\n")[1] + "\n", {}, (0, 1)),
        ("test: {script: [make]}\n", {}, (None, None)),
    ],
)
def test_a_test_binds_where_production_comes_after_it(
    tmp_path: Path, text: str, bad: dict[str, Any], share: tuple[int | None, int | None]
) -> None:
    live = Live(tmp_path, {".gitlab-ci.yml": text})
    live.run(bad)
    assert live.share("delivery-pipelines-with-a-binding-test-gate") == share
    live.close()


def test_the_way_of_a_released_work_item_is_on_record_where_it_was_told_and_built(live: Live) -> None:
    name = "released-work-items-whose-stage-history-is-recorded"
    ticket = {"summary": "s", "creator": "ann", "uri": "https://t.example/1"}
    live.told("ticket.created.0.2.0", "PAY-1", ticket)
    live.run()
    deploy(live, "d1", commit=live.write("ann"))
    live.later(30)
    assert live.fact(name, 90).lack is Lack.TOO_FEW  # nothing with a work item was released
    head = live.write("ann", message="PAY-1: pay")
    live.run()
    deploy(live, "d2", commit=head)
    assert live.share(name, 90) == (1, 1)
    live.told("ticket.updated.0.2.0", "PAY-2", {"uri": "https://t.example/2"})  # when it came nobody told
    deploy(live, "d3", commit=live.write("ann", message="PAY-2: pay more"))
    assert live.share(name, 90) == (1, 2)


# environments
def test_an_environment_is_ready_so_long_after_its_request(live: Live) -> None:
    name = "request-to-ready-median"
    ticket = {"summary": "s", "creator": "ann", "uri": "https://t.example/1"}
    live.told("ticket.created.0.2.0", "ENV-1", ticket)
    live.later(3)
    live.told("environment.created.0.3.0", "core/uat", {"name": "uat"}, {"tier": "staging"})
    assert live.fact(name, 180).lack is Lack.NO_SOURCE
    live.told("link.asserted", "core/other", {"kind": "requested by", "target": {"id": "ENV-1"}})
    assert live.fact(name, 180).lack is Lack.TOO_FEW
    live.told("link.asserted", "core/uat", {"kind": "requested by", "target": {"id": "ENV-1"}})
    assert live.fact(name, 180).values == (pytest.approx(3 * 86_400, abs=60),)


def test_versions_of_an_environment_are_what_a_tool_recorded_lately(live: Live) -> None:
    name = "environments-with-tool-recorded-versions"
    deploy(live, "d1")
    assert live.fact(name).lack is Lack.NO_SOURCE
    live.told("configItem.verified", "os", {**PLACE, "digest": digest("image")})
    deploy(live, "d2", "staging")
    assert live.share(name) == (1, 2)
    live.later(91)
    assert live.share(name) == (0, 2)


def made(live: Live, name: str, tier: str, **how: str) -> None:
    live.told("environment.created.0.3.0", f"core/{name}", {"name": name}, {"tier": tier, **how})


def test_an_environment_is_made_by_automation_where_a_run_or_a_template_made_it(live: Live) -> None:
    name = "environments-created-by-automation"
    assert live.fact(name, 180).lack is Lack.NO_SOURCE
    made(live, "a", "testing")
    assert live.fact(name, 180).lack is Lack.UNDECIDED
    made(live, "b", "testing", run="of another tool")
    made(live, "c", "testing", template="base/3")
    made(live, "d", "testing", person="ann")
    assert (live.share(name, 180), live.fact(name, 180).excluded) == ((2, 3), {UNDECIDED: 1})


def test_self_service_takes_who_asked_and_a_run_on_record(live: Live) -> None:
    name = "environments-requested-and-built-on-the-platform"
    made(live, "a", "testing", run="of another tool", person="ann")
    assert live.fact(name, 180).lack is Lack.NO_SOURCE
    run = live.run().uid
    live.later(30)
    made(live, "b", "testing", run=run)
    assert live.share(name, 180) == (0, 1)
    made(live, "c", "testing", run=run, person="ann")
    assert live.share(name, 180) == (1, 2)


def test_development_environments_come_from_a_template(live: Live) -> None:
    name = "development-environments-made-from-a-registered-template-or"
    assert live.fact(name).lack is Lack.NO_SOURCE
    made(live, "uat", "staging", template="base/3")
    assert live.fact(name).lack is Lack.TOO_FEW
    made(live, "dev-ann", "development", template="base/3")
    made(live, "dev-bob", "development", person="bob")
    assert live.share(name) == (1, 2)
    live.told("environment.deleted.0.3.0", "core/dev-bob", {})
    assert live.share(name) == (1, 1)
