"""Findings over scans: one state each, closed only by what could have seen them, decided by the right persons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.crash.world import ahead
from tests.flow.report_world import finish, read, run, scan, tools

from plumbline.access import use_cases
from plumbline.flow.reports.add_report import take_one
from plumbline.flow.reports.decide import Wanted, approve_decision, decide_findings, expire_findings
from plumbline.flow.reports.finding_key import finding_key
from plumbline.flow.reports.sign import sign
from plumbline.flow.reports.subject import of_pipeline
from plumbline.flow.reports.view_findings import (
    FindingFilter,
    view_finding,
    view_findings,
    view_pipeline_findings,
    view_scans,
)
from plumbline.flow.storage.reencrypt import look_at_sealed, reencrypt
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event, MergeRequest
from plumbline.model.person import Role
from plumbline.model.report import Finding, Findings, Report, ScanKind
from plumbline.model.reported import FindingState, Origin, ReadReports

if TYPE_CHECKING:
    from tests.crash.world import World

    from plumbline.access import Actor

pytestmark = pytest.mark.slow
EVERY = FindingFilter(states=())
DAY = 86_400 * 1_000_000


@pytest.fixture
def project(world: World, tmp_path: Path) -> int:
    files = {".gitlab-ci.yml": "test: {script: [make], rules: [{when: on_success}]}\n"}
    repository = make_repository(tmp_path / "repo", files)
    run_git(repository, "branch", "topic")
    return world.add_project(repository)


def scanned(world: World, project: int, *found: str, **how: Any) -> int:
    wanted = {name: how.pop(name) for name in ("scope", "finished", "rules", "tool") if name in how}
    return run(world, project, read(scan(*found, **wanted), "sast"), **how)


def decider(world: World, name: str = "wu") -> Actor:
    return world.actor(name, Role.MAINTAINER)


def states(world: World, project: int) -> dict[str, str]:
    seen = view_findings(world.actor(), tools(world), project, EVERY)
    return {one.finding.rule: one.finding.state.value for one in seen.findings}


def numbers(world: World, project: int) -> dict[str, int]:
    seen = view_findings(world.actor(), tools(world), project, EVERY)
    return {one.finding.rule: one.finding.id for one in seen.findings}


def counts(world: World, pipeline: int) -> tuple[int, int, int, int]:
    (one,) = view_pipeline_findings(world.actor(), tools(world), pipeline).scans
    return one.scan.new, one.scan.existing, one.scan.fixed, one.scan.unseen


def events(world: World, kind: str) -> list[Any]:
    return [msgspec.json.decode(entry.body) for entry in world.events(kind)]


def test_a_finding_is_new_once_stays_and_is_fixed(world: World, project: int) -> None:
    first = scanned(world, project, "B1:high:a.py:3", "B2:low:b.py:9")
    second = scanned(world, project, "B1:high:a.py:30", "B3:low:c.py:1")
    assert [counts(world, one) for one in (first, second)] == [(2, 0, 0, 0), (1, 1, 1, 0)]
    assert states(world, project) == {"B1": "open", "B2": "fixed", "B3": "open"}
    third = scanned(world, project, "B2:low:b.py:9")
    assert counts(world, third) == (1, 0, 2, 0)
    assert states(world, project)["B2"] == "open"
    told = [one["subject"]["content"] for one in events(world, "scan.finished")]
    assert (told[0]["outcome"], told[0]["findings"]) == ("failure", {"high": 1, "low": 1})
    story = view_finding(world.actor(), tools(world), numbers(world, project)["B2"])
    assert [one.sighting.new for one in story.sightings] == [True, True]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"scope": ()}, "no scope"),
        ({"finished": False}, "not finished"),
        ({"rules": "other"}, "rules changed"),
        ({"scope": ("src/",)}, "not covered"),
    ],
)
def test_what_a_scan_could_not_have_seen_stays_unseen(world: World, project: int, how: Any, why: str) -> None:
    scanned(world, project, "B1:high:a.py:3")
    pipeline = scanned(world, project, **how)
    assert counts(world, pipeline) == (0, 0, 0, 1)
    (one,) = view_findings(world.actor(), tools(world), project).findings
    assert (one.finding.state, one.finding.why) == (FindingState.UNSEEN, why)


def test_an_empty_list_without_scope_is_no_data_and_no_scan(world: World, project: int) -> None:
    scanned(world, project, scope=())
    assert events(world, "scan.finished") == []
    assert [one.scan.clean for one in view_scans(world.actor(), tools(world), project)] == [None]
    scanned(world, project)
    assert [one["subject"]["content"]["outcome"] for one in events(world, "scan.finished")] == ["success"]
    assert [one.scan.clean for one in view_scans(world.actor(), tools(world), project)] == [True]


def test_a_branch_is_held_against_the_default_branch_and_closes_nothing_there(
    world: World, project: int, tmp_path: Path
) -> None:
    scanned(world, project, "B1:high:a.py:3", "B2:low:b.py:9")
    request = MergeRequest(iid=7, source_branch="topic", target_branch="main",
                           source_sha=run_git(tmp_path / "repo", "rev-parse", "topic"))  # fmt: skip
    asked = {"event": Event.MERGE_REQUEST, "ref": "topic", "merge_request": request}
    pipeline = scanned(world, project, "B1:high:a.py:3", "B9:high:n.py:1", **asked)
    assert counts(world, pipeline) == (1, 1, 1, 0)
    assert states(world, project) == {"B1": "open", "B2": "open", "B9": "open"}
    assert counts(world, scanned(world, project, "B9:high:n.py:1", **asked)) == (1, 0, 2, 0)
    shown = view_findings(world.actor(), tools(world), project, FindingFilter(trunk=True))
    assert {one.finding.rule for one in shown.findings} == {"B1", "B2"}
    scanned(world, project, **asked)
    assert states(world, project)["B9"] == "fixed"


def test_what_is_grave_is_accepted_by_two_persons(world: World, project: int) -> None:
    scanned(world, project, "B1:high:a.py:3")
    finding = numbers(world, project)["B1"]
    mei, li = decider(world, "mei"), decider(world, "li")
    until = world.clock() + 30 * DAY
    wanted = Wanted(act="accept", reason="behind a gateway", owner="mei", until=until)
    (done,) = decide_findings(mei, tools(world), [finding], wanted)
    assert done.waits
    assert states(world, project) == {"B1": "open"}
    (decision,) = view_finding(mei, tools(world), finding).decisions
    with pytest.raises(PlumblineError) as refused:
        approve_decision(mei, tools(world), decision.id)
    assert refused.value.code == "two-persons"
    approve_decision(li, tools(world), decision.id)
    assert states(world, project) == {"B1": "accepted"}
    scanned(world, project, "B1:high:a.py:3")
    assert states(world, project) == {"B1": "accepted"}
    told = [one["subject"]["content"] for one in events(world, "finding.decided")]
    assert [(one.get("proposed"), one.get("second")) for one in told] == [(True, None), (None, "li")]


def test_an_acceptance_ends_by_itself(world: World, project: int) -> None:
    scanned(world, project, "B1:low:a.py:3")
    finding = numbers(world, project)["B1"]
    wanted = Wanted(act="accept", reason="later", owner="mei", until=world.clock() + DAY)
    assert decide_findings(decider(world), tools(world), [finding], wanted)[0].error is None
    assert view_findings(world.actor(), tools(world), project).findings == []
    ahead(world, 2 * 86_400)
    assert [one.finding.id for one in view_findings(world.actor(), tools(world), project).findings] == [finding]
    with world.store.change() as tx:
        assert expire_findings(tx, project, world.clock()) == 1
        assert expire_findings(tx, project, world.clock()) == 0
    (one,) = view_findings(world.actor(), tools(world), project).findings
    assert one.finding.due > world.clock()


def test_decisions_about_many_are_made_or_refused_one_by_one(world: World, project: int) -> None:
    scanned(world, project, "B1:low:a.py:3", "B2:low:b.py:1")
    found = numbers(world, project)
    done = decide_findings(
        decider(world), tools(world), [*found.values(), 999], Wanted(act="false_positive", reason="test code")
    )
    assert [one.error.code if one.error else "" for one in done] == ["", "", "not-found"]
    assert set(states(world, project).values()) == {"false_positive"}
    again = decide_findings(decider(world), tools(world), [found["B1"]], Wanted(act="false_positive", reason="x"))
    assert again[0].error is not None
    assert again[0].error.code == "finding-state"
    decide_findings(decider(world), tools(world), [found["B1"]], Wanted(act="reopen", reason="it is real"))
    assert states(world, project)["B1"] == "open"
    with pytest.raises(PlumblineError, match="needs a reason"):
        decide_findings(decider(world), tools(world), [1], Wanted(act="reopen", reason=" "))


def test_whoever_wrote_the_change_does_not_close_its_finding(world: World, project: int) -> None:
    pipeline = world.pipeline(scanned(world, project, "B1:low:a.py:3"))
    author = pipeline.change.author.partition(" <")[0]
    finding = numbers(world, project)["B1"]
    wanted = Wanted(act="false_positive", reason="mine")
    (done,) = decide_findings(decider(world, author), tools(world), [finding], wanted)
    assert done.error is not None
    assert done.error.code == "not-allowed"


def test_a_secret_is_known_again_and_never_kept(world: World, project: int) -> None:
    key = finding_key(world.store, world.vault)
    assert finding_key(world.store, world.vault) == key
    value = "AKIA-very-secret-value"

    def found(line: int) -> ReadReports:
        one = Finding(rule="aws", path="a.py", line=line, secret=value, message="an AWS key")
        content = Findings(kind=ScanKind.SECRET, findings=(one,), scope=("./",))
        return sign(ReadReports((read(Report(format="gitleaks", tool="gitleaks", content=content), "sd"),)), key, None)

    for line in (1, 50):
        world.start(project)
        finish(world, *found(line).files)
    (one,) = view_findings(world.actor(), tools(world), project).findings
    assert one.finding.line == 50
    database = b"".join(path.read_bytes() for path in Path(world.data).glob("plumbline.db*"))
    assert len(database) > 1000
    assert value.encode() not in database
    assert "reports/finding-key" not in look_at_sealed(world.store, world.vault).closed
    reencrypt(world.store, world.vault, world.server.units.writer())
    assert finding_key(world.store, world.vault) == key


def bring(world: World, project: int, *found: str, by: str = "eve", pipeline: int = 0, **how: Any) -> None:
    """A person adds a scan to a pipeline of the default branch."""
    actor = world.actor(by, Role.MAINTAINER)
    with world.server.units.change(actor) as unit:
        node = unit.tx.tree.get(project)
        assert node is not None
        stored = unit.tx.pipelines.get(pipeline or max(world_pipelines(world, project)))
        assert stored is not None
        subject = of_pipeline(stored, f"person:{by}:sast", how.pop("origin", Origin.PERSON), by)
        file = sign(ReadReports((read(scan(*found, **how), "sast"),)), b"k" * 32, None)
        unit.require(use_cases.ADD_REPORT, project)
        take_one(unit, tools(world), subject, file)


def world_pipelines(world: World, project: int) -> list[int]:
    with world.store.view() as tx:
        return [one.pipeline for one in tx.findings.newest_scans(project)]


def test_a_report_that_a_person_brings_closes_and_softens_nothing(world: World, project: int) -> None:
    scanned(world, project, "B1:critical:a.py:3")
    bring(world, project, "B1:info:a.py:3")
    bring(world, project)
    (one,) = view_findings(world.actor(), tools(world), project).findings
    assert (one.finding.state, one.finding.severity.value) == (FindingState.OPEN, "critical")
    assert len(events(world, "scan.finished")) == 1


def test_what_a_person_brought_they_cannot_close_by_bringing_less(world: World, project: int) -> None:
    scanned(world, project)
    bring(world, project, "B1:critical:a.py:3")
    assert states(world, project) == {"B1": "open"}
    bring(world, project, tool="bandit")
    (one,) = view_findings(world.actor(), tools(world), project).findings
    assert (one.finding.state, one.finding.why) == (FindingState.UNSEEN, "brought by hand")
    scanned(world, project)
    assert states(world, project) == {"B1": "fixed"}


@pytest.mark.parametrize(("by", "state"), [("sonar", "fixed"), ("other", "open")])
def test_a_source_moves_what_it_told_itself(world: World, project: int, by: str, state: str) -> None:
    scanned(world, project, "J1:high:j.py:1")
    bring(world, project, "B1:high:a.py:3", by="sonar", origin=Origin.SOURCE)
    bring(world, project, by=by, origin=Origin.SOURCE)
    assert states(world, project) == {"J1": "open", "B1": state}


def test_whoever_wrote_the_change_stays_known_where_somebody_brought_the_finding_first(
    world: World, project: int
) -> None:
    """Else an author who adds it to the pipeline of another one could close it."""
    scanned(world, project)
    bring(world, project, "B1:low:a.py:3")
    with world.store.change() as tx:
        (kept,) = tx.findings.of_kind(project, ScanKind.SAST, "bandit")
        tx.findings.change(kept._replace(finding=msgspec.structs.replace(kept.finding, author="Somebody <x@y.z>")))
    pipeline = world.pipeline(scanned(world, project, "B1:low:a.py:3"))
    author = pipeline.change.author.partition(" <")[0]
    wanted = Wanted(act="false_positive", reason="mine")
    (done,) = decide_findings(decider(world, author), tools(world), [numbers(world, project)["B1"]], wanted)
    assert done.error is not None
    assert done.error.code == "not-allowed"


def test_to_confirm_that_something_grave_is_gone_takes_two_persons_and_not_its_author(
    world: World, project: int
) -> None:
    pipeline = world.pipeline(scanned(world, project, "B1:critical:a.py:3"))
    scanned(world, project, scope=())
    assert states(world, project) == {"B1": "unseen"}
    author, finding = pipeline.change.author.partition(" <")[0], numbers(world, project)["B1"]
    wanted = Wanted(act="confirm", reason="it is gone")
    (own,) = decide_findings(decider(world, author), tools(world), [finding], wanted)
    assert own.error is not None
    assert own.error.code == "not-allowed"
    (done,) = decide_findings(decider(world, "mei"), tools(world), [finding], wanted)
    assert (done.waits, states(world, project)) == (True, {"B1": "unseen"})
    (decision,) = view_finding(decider(world, "li"), tools(world), finding).decisions
    approve_decision(decider(world, "li"), tools(world), decision.id)
    assert states(world, project) == {"B1": "fixed"}
    scanned(world, project, "B1:critical:a.py:3")
    assert states(world, project) == {"B1": "open"}
    (story,) = view_findings(world.actor(), tools(world), project).findings
    assert story.decision is None
