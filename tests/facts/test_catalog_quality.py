"""Tests, scans, gates, artifacts and releases, against answers worked out by hand."""

from __future__ import annotations

import json

import pytest
from tests.facts.events import Records, ago, commit, digest

from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import Reference, cdevents_delivery, own_observation
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.evidence.vocabulary.fields import Sbom
from plumbline.model.fact import Lack, Origin


@pytest.fixture
def records() -> Records:
    return Records()


def test_layers_and_kinds_need_types(records: Records) -> None:
    records.case("r0", "untyped", ago(1))
    assert records.fact("layers-with-executed-cases").lack is Lack.TOO_FEW
    for run, case, kind in (("r1", "a", "unit"), ("r2", "b", "unit"), ("r3", "c", "e2e"), ("r4", "d", "functional")):
        records.case(run, case, ago(1), kind=kind)
    records.case("r5", "e", ago(1), "cancel", kind="integration")
    assert records.fact("layers-with-executed-cases").value == 2
    assert records.fact("layers-with-executed-tests-screen-layer-apart").value == 1
    assert records.share("code-level-cases-among-automated-cases", None) == (2, 4)
    assert records.share("interface-cases-among-automated-cases", None) == (0, 4)


def test_user_level_cases_by_hand_do_not_count(records: Records) -> None:
    name = "user-level-cases-marked-automated-and-run"
    records.case("r1", "a", ago(1), kind="e2e")
    assert records.fact(name).lack is Lack.NO_SOURCE
    for run, kind in (("r1", "pipeline"), ("r2", "manual")):
        trigger = cdevents_delivery.TestTrigger(type=kind)  # type: ignore[arg-type]
        started = cdevents_delivery.TestCaseRunStarted(environment=Reference(id="ci"), trigger=trigger)
        records.tell(started, run, ago(1, 1))
    records.case("r2", "b", ago(1), kind="e2e")
    records.case("r3", "c", ago(1), kind="e2e")
    assert records.fact(name).value == 1


def test_both_results_on_one_revision(records: Records) -> None:
    for suite, sha in (("s1", "a"), ("s2", "a"), ("s3", "b")):
        records.suite(suite, ago(1), commit=sha)
    for run, case, suite, outcome in (
        ("r1", "x", "s1", "failure"), ("r2", "x", "s2", "success"),  # the same revision
        ("r3", "y", "s1", "failure"), ("r4", "y", "s3", "success"),  # mended by a change
        ("r5", "z", "", "success"),
    ):  # fmt: skip
        records.case(run, case, ago(1), outcome, suite)
    found = records.fact("cases-with-both-results-on-one-revision")
    assert (found.numerator, found.denominator, found.excluded) == (1, 2, {"revision_unknown": 1})


def test_cases_and_work_items(records: Records) -> None:
    records.ticket("T-1", ago(20))
    records.ticket("T-2", ago(20))
    records.suite("s1", ago(1), commit="a")
    records.case("r1", "x", ago(1), suite="s1")
    records.case("r2", "y", ago(1))
    assert records.fact("cases-linked-to-a-work-item", None).lack is Lack.NO_SOURCE
    records.link("x", "T-1", ago(10))
    records.link("T-2", "y", ago(4))
    records.commits(commit("a", ago(5), work_items=("T-1",)), commit("b", ago(5), work_items=("T-2", "T-9")))
    assert records.share("cases-linked-to-a-work-item", None) == (2, 2)
    assert records.share("results-tied-to-case-work-item-and-revision") == (1, 2)
    assert records.share("work-items-with-linked-cases-before-the-first-code-commit") == (1, 2)


def test_what_started_the_tests(records: Records) -> None:
    for run, kind in (("s1", "pipeline"), ("s2", "schedule"), ("s3", "manual")):
        trigger = cdevents_delivery.TestTrigger(type=kind)  # type: ignore[arg-type]
        place = Reference(id="ci")
        records.tell(cdevents_delivery.TestSuiteRunStarted(environment=place, trigger=trigger), run, ago(1))
    records.tell(cdevents_delivery.TestSuiteRunStarted(environment=Reference(id="ci")), "s4", ago(1))
    found = records.fact("automated-runs-started-by-a-pipeline")
    assert (found.numerator, found.denominator, found.excluded) == (1, 2, {"trigger_unknown": 1})
    records.suite("s1", ago(1), version="7")
    records.suite("s2", ago(1))
    assert records.share("automated-runs-whose-script-revision-is-recorded") == (1, 2)


def test_scans_of_what_is_merged(records: Records) -> None:
    for number in ("1", "2", "3"):
        records.merge(f"!{number}", ago(2), commit(f"a{number}", ago(3)))
    name = "merges-with-a-fresh-scan-of-the-final-revision"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.scan("s1", ago(2.5), "a1", "failure")  # found something: still a scan
    records.scan("s2", ago(2.5), "a2", "error")
    records.scan("s3", ago(1), "a3")
    assert records.share(name) == (1, 3)


def test_scans_of_repositories_and_pushes(records: Records) -> None:
    records.commits(commit("a", ago(1), told=False), time=ago(1))
    records.commits(commit("b", ago(1), told=False), time=ago(1), repo="other")
    assert records.fact("repositories-with-a-scan").lack is Lack.NO_SOURCE
    records.scan("s", ago(0.9), "a")
    assert records.share("repositories-with-a-scan-in-the-window") == (1, 2)
    assert records.fact("pushes-followed-by-tests-and-a-scan").lack is Lack.NO_SOURCE
    records.suite("t", ago(0.9), commit="a")
    records.suite("u", ago(0.9), commit="b")
    assert records.share("pushes-followed-by-tests-and-a-scan") == (1, 2)


def test_coverage_moves_or_a_tool_tells_by_how_much(records: Records) -> None:
    name = "change-of-coverage-over-the-window"
    for number in range(4):
        records.measurement("line-coverage", ago(50 - number), 60 + number)
    assert records.fact(name).lack is Lack.TOO_FEW
    records.measurement(name, ago(1), 2.5, "pp")
    reported = records.fact(name)
    assert (reported.value, reported.origin) == (2.5, Origin.REPORTED)
    records.measurement("line-coverage", ago(2), 70)
    computed = records.fact(name)
    assert (computed.value, computed.origin) == (10, Origin.COMPUTED)


def test_gates(records: Records) -> None:
    for number in ("1", "2", "3", "4"):
        records.merge(f"!{number}", ago(1), commit(f"a{number}", ago(2)), merged_as=f"m{number}")
    first = records.gate("!1", ago(2), "fail")
    second = records.gate("!1", ago(1.5))
    records.gate("!2", ago(2), "fail")
    records.gate("!3", ago(2), "noData")
    assert records.share("merges-to-trunk-with-a-gate-verdict") == (2, 4)
    assert records.share("merges-to-trunk-with-a-passed-gate") == (1, 4)
    assert records.share("gate-evaluations-waived") == (0, 4)
    records.tell(own.GateWaived(person="ann", reason="r", evaluation=first), "w", ago(1))
    assert records.share("gate-evaluations-waived") == (1, 4)
    for gate in (first, second, "unknown"):
        records.tell(own.ArtifactPromoted(digest=digest("x"), to="staging", gate=gate), f"p{gate}", ago(1))
    assert records.share("promotions-with-a-passed-gate-verdict") == (1, 3)


def test_a_version_stands_for_one_digest(records: Records) -> None:
    name = "versions-that-stand-for-more-than-one-digest"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.artifact("pkg:generic/app", ago(1), "x")
    assert records.fact(name).lack is Lack.TOO_FEW  # names no version
    records.artifact("pkg:generic/app@1", ago(3), "x", published=False)
    records.artifact("pkg:generic/app@1?arch=arm", ago(2), "x")
    assert records.fact(name).value == 0
    records.artifact("pkg:generic/app@1", ago(1), "y")
    assert records.fact(name).value == 1
    assert records.fact(name, 1).value == 0  # told once within a day


def test_of_a_version_without_a_digest_nobody_knows_what_it_stands_for(records: Records) -> None:
    records.artifact("pkg:a/app@1", ago(3), "x")
    assert records.fact("versions-that-stand-for-more-than-one-digest").value == 0
    told = json.loads(records.bodies[-1])
    told["context"]["id"], told["subject"]["id"] = "other", "pkg:a/app@2"
    del told["customData"]["digest"]
    records.bodies.append(json.dumps(told).encode())
    assert records.fact("versions-that-stand-for-more-than-one-digest").lack is Lack.TOO_FEW


def test_where_artifacts_come_from(records: Records) -> None:
    records.repository()
    for run, sha, outcome in (("r1", "a", "success"), ("r2", "b", "failure")):
        records.run(run, ago(4), ago(3), outcome, commit=sha)
        records.job(run, "j", ago(4), ago(3), runner=f"w-{run}")
    records.artifact("pkg:generic/app@1", ago(3), "x", "a", run="r1")
    records.artifact("pkg:generic/app@2", ago(3), "y", "z")
    assert records.share("stored-artifacts-not-made-by-a-pipeline-job") == (1, 2)
    assert records.fact("stored-artifacts-made-outside-registered-build-workers").lack is Lack.NO_SOURCE
    records.runner("w-r1")
    assert records.share("stored-artifacts-made-outside-registered-build-workers") == (1, 2)
    assert records.share("trunk-revisions-that-gave-a-deployable-artifact") == (1, 2)
    records.release("1", ago(2), "x", tag="v1")
    records.release("2", ago(2), "y")
    assert records.share("release-artifacts-made-by-a-scripted-job") == (1, 2)
    assert records.share("release-artifacts-with-a-recorded-revision-and-tag") == (1, 2)
    records.run("r3", ago(4), ago(3), ref="v1")
    assert records.share("successful-release-builds-whose-output-is-stored-with-a-digest") == (0, 1)


def test_releases(records: Records) -> None:
    records.release("1", ago(5), tag="v1")
    records.release("2", ago(4), commit="a")
    records.release("3", ago(3), "x")
    assert records.share("releases-that-point-to-a-tag-or-fixed-revision") == (2, 3)
    assert records.fact("releases-out-on-the-planned-date").lack is Lack.NO_SOURCE
    for version, made, day in (
        ("1", ago(9), ago(5, -3)),
        ("2", ago(9), ago(4)),
        ("2", ago(8), ago(6)),
        ("3", ago(1), ago(3)),
    ):
        records.tell(own.ReleasePlanned(version=version, planned_for=timestamp(day)), version, made)
    assert records.share("releases-out-on-the-planned-date") == (1, 3)  # 2 was late, 3 was planned afterwards
    records.tell(own.ReleaseReleased(version="4", artifacts=()), "4", ago(2), project="bank/core")
    for project in ("bank/web", "bank/cor"):
        plan = own.ReleasePlanned(version="4", planned_for=timestamp(ago(1)))
        records.tell(plan, "4", ago(3), project=project)
    assert records.share("releases-out-on-the-planned-date") == (1, 4)  # those plans are of others
    records.tell(own.ReleasePlanned(version="4", planned_for=timestamp(ago(1))), "4", ago(2.5), project="bank")
    assert records.share("releases-out-on-the-planned-date") == (2, 4)
    records.suite("s", ago(4.5), commit="a")
    records.case("r1", "load", ago(4.5), suite="s", kind="performance")
    assert records.share("releases-with-a-performance-run") == (1, 4)
    assert records.share("releases-with-a-user-level-test-report") == (0, 4)


def test_a_complete_release(records: Records) -> None:
    for version in ("1", "2"):
        records.release(version, ago(2), version, commit=f"c{version}")
        records.suite(f"s{version}", ago(3), bytes_=version)
    records.release("3", ago(2))
    listed = Sbom(uri="https://s.example/1")
    records.artifact("pkg:generic/app@1", ago(3), "1", sbom=listed)
    records.artifact("pkg:generic/app@2", ago(3), "2")
    name = "releases-with-package-test-report-and-dependency-list-stored"
    assert records.share(name) == (1, 3)
    for predicate, share in (("https://slsa.dev/provenance/v1", (1, 3)), ("https://cyclonedx.org/bom", (2, 3))):
        said = own.AttestationRecorded(predicate=predicate, digest=digest("envelope"), subjects=(digest("2"),))
        records.tell(said, digest("2"), ago(3))
        assert records.share(name) == share


# what the files declare
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("modules-with-automated-unit-cases", "module_tested", "module_untested"),
        ("delivery-pipelines-with-a-binding-test-gate", "delivery_gated", "delivery_ungated"),
        ("deployment-definitions-built-from-shared-steps", "delivery_shared", "delivery_own"),
    ],
)
def test_what_files_declare_is_a_share_of_those_that_could(records, name, good, bad):
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.tree(code=9)
    assert records.fact(name).lack is Lack.TOO_FEW
    records.tree(code=9, **{good: 6, bad: 2})
    assert records.share(name) == (6, 8)
    records.tree(code=9, other=1, **{bad: 7})
    assert records.share(name) == (0, 7)


def test_each_repository_is_asked_for_its_own_files(records):
    records.tree(module_tested=3)
    found = tuple(own_observation.FoundPart(kind=f"module-{kind}", count=1) for kind in ("tested", "untested"))
    tree = own_observation.TreeInspected(commit="0" * 40, files=2, found=found)
    records.bodies.append(
        write_event(tree, id="t", source="urn:plumbline:repository:second", subject="tree", time=ago(9)).body
    )
    assert records.share("modules-with-automated-unit-cases") == (4, 5)


def test_interface_cases_are_files_of_the_tree_or_cases_that_were_run(records):
    name = "interface-cases-in-the-case-base"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.tree(unit_test=9)
    assert records.fact(name).lack is Lack.TOO_FEW  # they may be kept elsewhere
    records.case("r", "one", ago(1), kind="unit")
    assert records.fact(name).value == 0
    records.case("r", "two", ago(1), kind="integration")
    assert records.fact(name).value == 1
    records.tree(interface_test=4, unit_test=9)
    assert records.fact(name).value == 4


def test_kinds_of_rules_in_the_rule_sets(records):
    four, six = "of-these-four-kinds-kinds-active-in-the-rule-set", "active-rule-kinds"
    records.tree(code=9)
    assert {records.fact(name).lack for name in (four, six)} == {Lack.TOO_FEW}
    records.tree(code=9, rules_style=1)
    assert [records.fact(name).value for name in (four, six)] == [1, 1]
    kinds = {f"rules_{kind}": 2 for kind in ("style", "faults", "complexity", "duplication")}
    records.tree(code=9, **kinds, rules_licence=1)
    assert [records.fact(name).value for name in (four, six)] == [4, 5]
    records.tree(code=9, **kinds, rules_licence=1, rules_elsewhere=1)
    assert (records.fact(four).value, records.fact(six).lack) == (4, Lack.TOO_FEW)
