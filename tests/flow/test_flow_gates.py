"""Gates: policies kept, facts gathered, evaluations kept and told, judged anew by what the ledger tells of."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.flow.gate_world import CI, GateWorld, finish, policy
from tests.flow.report_world import BAD, coverage, ran, read, scan
from tests.postgres_server import PostgresServer, postgres_server

from plumbline.flow.gates.evaluate import gates_of, try_policy
from plumbline.flow.gates.facts_of import FAMILIES, facts_of, look_at_change
from plumbline.flow.gates.history import list_evaluations, view_evaluation
from plumbline.flow.gates.policies import (
    check_policy,
    list_policies,
    policy_versions,
    retire_policy,
    save_policy,
    view_policy,
)
from plumbline.flow.gates.replay import exported_evaluation, replay_evaluation
from plumbline.flow.gates.subjects import subjects_of
from plumbline.flow.people.identities import link_identity
from plumbline.flow.pipelines.forge_events import forge_events
from plumbline.gates import documented, read_exported, replayed
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event, MergeRequest
from plumbline.model.forge_news import Account, ChangeAct, ChangeNews, ReviewNews
from plumbline.model.gate import FactValue, GateAct, Outcome
from plumbline.model.person import Role
from plumbline.model.server import Webhook, WebhookKind
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.gate import Evaluation
    from plumbline.model.ports.transaction import Transaction


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GateWorld]:
    address = request.getfixturevalue("postgres").database() if request.param == "postgresql" else ""
    made = GateWorld(tmp_path / "data", address)
    yield made
    made.close()


@pytest.fixture
def project(bank: GateWorld, tmp_path: Path) -> int:
    return bank.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": CI}))


def of(bank: GateWorld, project: int, pipeline: int, *names: str) -> dict[str, FactValue]:
    subjects = subjects_of(bank.pipeline(pipeline))
    seen = look_at_change(bank.gates, project, subjects, names)
    with bank.store.view() as tx:
        return facts_of(tx, bank.gates, project, subjects, names, seen=seen)


def values(found: dict[str, FactValue]) -> dict[str, object]:
    return {name: one.value if not one.lack else f"lack {one.lack}" for name, one in found.items()}


@contextmanager
def code(wanted: str) -> Iterator[None]:
    with pytest.raises(PlumblineError) as raised:
        yield
    assert raised.value.code == wanted, raised.value


def test_every_documented_fact_is_gathered_by_its_family(bank: GateWorld, project: int) -> None:
    pipeline = bank.start(project).id
    assert {name.partition(".")[0] for name in documented()} == set(FAMILIES)
    found = of(bank, project, pipeline, *documented())
    assert found.keys() == documented().keys()
    assert all(bool(one.lack) != (one.value is not None) for one in found.values())
    known = {name for name, one in found.items() if not one.lack}
    assert {"change.commit", "change.branch", "pipeline.state", "pipeline.jobs", "artifacts.made"} <= known
    assert not {one for one in known if one.startswith(("tests.", "coverage.", "findings.", "load.", "contract."))}


def test_what_jobs_left_is_gathered_with_its_events(bank: GateWorld, project: int) -> None:
    pipeline = bank.start(project).id
    covered = coverage(a=((1, 2, 3), (4,)))
    finish(bank, read(ran(a="p", b="f", c="s")), read(covered, "coverage", "coverage.xml"), job="test", result=BAD)
    finish(bank, read(scan("B1:high:a.py:3", "B2:low:a.py:4"), "sast"), job="scan")
    found = of(bank, project, pipeline, *documented())
    told = values(found)
    assert (told["tests.executed"], told["tests.failed"], told["tests.skipped"]) == (2, 1, 1)
    assert (told["coverage.lines"], told["coverage.changed"]) == (75.0, "lack no_source")
    assert (told["findings.new.high"], told["findings.new.total"], told["findings.scanned"]) == (1, 2, ("sast",))
    assert told["findings.new.secret"] == "lack no_source"
    assert (told["pipeline.state"], told["pipeline.failed_jobs"]) == ("failed", ("test",))
    ids = {entry.id for entry in bank.events()}
    named = {event for one in found.values() for event in one.events}
    assert named
    assert named <= ids


def test_a_scan_that_broke_off_or_proves_nothing_counts_nothing(bank: GateWorld, project: int) -> None:
    pipeline = bank.start(project).id
    finish(bank, read(scan("B1:high:a.py:3", finished=False), "sast"), job="scan")
    assert values(of(bank, project, pipeline, "findings.new.critical")) == {"findings.new.critical": "lack undecided"}
    second = bank.start(project).id
    finish(bank, read(scan(scope=()), "sast"), job="scan")
    told = values(of(bank, project, second, "findings.new.total", "findings.scanned"))
    assert told == {"findings.new.total": "lack undecided", "findings.scanned": ()}


def test_a_policy_is_kept_in_versions_with_reasons(bank: GateWorld, project: int) -> None:
    writer, tools = bank.writer(), bank.gates
    first = save_policy(writer, tools, INSTANCE, policy("build", "tests.failed == 0"))
    assert (first.kept.version, first.path, first.here) == (1, "", True)
    with code("reason-missing"):
        save_policy(writer, tools, INSTANCE, policy("build", "tests.failed == 0", "tests.errors == 0"))
    save_policy(writer, tools, INSTANCE, policy("build", "tests.failed == 0", "tests.errors == 0"), "stricter")
    with code("policy-unchanged"):
        save_policy(writer, tools, INSTANCE, policy("build", "tests.failed == 0", "tests.errors == 0"), "again")
    assert [one.version for one in policy_versions(writer, tools, INSTANCE, "build")] == [2, 1]
    assert view_policy(writer, tools, INSTANCE, "build", 1).kept.text == policy("build", "tests.failed == 0")
    save_policy(writer, tools, project, policy("own", "tests.executed > 0"))
    assert [(one.kept.name, one.here) for one in list_policies(writer, tools, project)] == [
        ("build", False),
        ("own", True),
    ]
    retire_policy(writer, tools, INSTANCE, "build", "replaced")
    assert [one.kept.name for one in list_policies(writer, tools, project)] == ["own"]
    with code("policy-retired"):
        retire_policy(writer, tools, INSTANCE, "build", "replaced")
    assert len(bank.events("ruleSet")) == 4


def test_none_below_takes_the_place_of_one_above(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0"))
    with code("policy-name-taken"):
        bank.policy(policy("build", "tests.executed >= 0"), project)
    bank.policy(policy("lax", "tests.executed >= 0"), project)
    with code("policy-name-taken"):
        bank.policy(policy("lax", "tests.executed >= 0"))


def test_what_cannot_be_read_is_not_kept_and_says_where(bank: GateWorld) -> None:
    wrong = policy("build", "tests.fialed == 0")
    with code("policy-wrong"):
        bank.policy(wrong)
    checked = check_policy(bank.writer(), bank.gates, INSTANCE, wrong)
    assert checked.policy is None
    assert checked.problems
    assert bank.events("ruleSet") == []


def test_a_pipeline_is_judged_when_it_ends_and_kept_with_its_event(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0", "findings.new.critical == 0"))
    bank.turn()
    pipeline = bank.start(project).id
    assert gates_of(bank.writer(), bank.gates, pipeline=pipeline).reason == "not-evaluated"
    finish(bank, read(ran(a="p")), job="test")
    finish(bank, read(scan(), "sast"), job="scan")
    bank.turn()
    said = gates_of(bank.writer(), bank.gates, pipeline=pipeline)
    assert (said.outcome, said.passes) == (Outcome.PASS, True)
    one: Evaluation = said.evaluations[0]
    assert (one.policy, one.version, one.subjects.commit) == ("build", 1, bank.pipeline(pipeline).sha)
    entry = next(entry for entry in bank.events("gate.evaluated") if entry.id == one.event)
    told = msgspec.json.decode(entry.body)["subject"]["content"]
    assert (told["verdict"], told["policy"], told["rules"]) == ("pass", "build", one.policy_digest)
    assert set(told["restsOn"]) <= {each.id for each in bank.events()}
    assert [answer.outcome for answer in bank.told] == [Outcome.PASS]
    assert bank.turn() == 0 or bank.turn() == 0
    assert len(bank.events("gate.evaluated")) == 1


def test_what_is_missing_is_no_pass_and_a_new_commit_has_no_verdict(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0"))
    pipeline = bank.start(project).id
    finish(bank, job="test")
    finish(bank, job="scan")
    said = bank.judged(project, pipeline=pipeline)
    assert (said.outcome, said.passes) == (Outcome.NO_DATA, False)
    assert said.evaluations[0].checks[0].detail == "tests.failed"
    other = gates_of(bank.writer(), bank.gates, project=project, commit="f" * 40)
    assert (other.outcome, other.reason) == (Outcome.NO_DATA, "not-evaluated")


def test_without_a_policy_there_is_no_data_and_nothing_is_kept(bank: GateWorld, project: int) -> None:
    pipeline = bank.start(project).id
    said = bank.judged(project, pipeline=pipeline)
    assert (said.outcome, said.reason, said.evaluations) == (Outcome.NO_DATA, "no-policy", ())
    bank.policy(policy("merge", "tests.failed == 0", act="merge"))
    said = bank.judged(project, pipeline=pipeline)
    assert (said.outcome, said.reason) == (Outcome.NO_DATA, "nothing-selected")
    assert bank.events("gate.evaluated") == []


def test_the_same_facts_are_the_same_evaluation_and_another_policy_another(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0"))
    pipeline = bank.start(project).id
    finish(bank, read(ran(a="p")), job="test")
    finish(bank, job="scan")
    first = bank.judged(project, pipeline=pipeline).evaluations[0]
    assert bank.judged(project, pipeline=pipeline).evaluations[0] == first
    bank.policy(policy("build", "tests.failed == 0", "tests.executed > 1"), reason="more tests")
    bank.turn()
    said = gates_of(bank.writer(), bank.gates, pipeline=pipeline)
    assert (said.outcome, said.evaluations[0].version) == (Outcome.FAIL, 2)
    kept = list_evaluations(bank.writer(), bank.gates, project)
    assert [one.version for one in kept] == [2, 1]
    assert view_evaluation(bank.writer(), bank.gates, first.uid) == first


def test_an_evaluation_is_done_again_with_the_same_bytes(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0"))
    pipeline = bank.start(project).id
    finish(bank, read(ran(a="f")), job="test", result=BAD)
    finish(bank, job="scan")
    one = bank.judged(project, pipeline=pipeline).evaluations[0]
    bank.policy(policy("build", "tests.failed <= 1"), reason="looser")
    bank.late += 40 * 86_400 * 1_000_000
    again = replay_evaluation(bank.writer(), bank.gates, one.uid)
    assert (again.same, again.again.outcome, again.why) == (True, Outcome.FAIL, None)
    found = read_exported(exported_evaluation(bank.writer(), bank.gates, one.uid))
    assert replayed(found.evaluation, found.policy) == one


def test_a_policy_is_tried_against_a_past_pipeline_and_nothing_is_kept(bank: GateWorld, project: int) -> None:
    pipeline = bank.start(project).id
    finish(bank, read(ran(a="p", b="p")), job="test")
    finish(bank, job="scan")
    said = try_policy(bank.actor("li", Role.DEVELOPER), bank.gates, pipeline, policy("x", "tests.executed >= 2"))
    assert said.outcome is Outcome.PASS
    broken = try_policy(bank.actor("li", Role.DEVELOPER), bank.gates, pipeline, "policy: [")
    assert broken.outcome is Outcome.ERROR
    assert list_evaluations(bank.writer(), bank.gates, project) == []
    assert bank.events("gate.evaluated") == []


MERGING = """policy: reviewed
title: {en: Reviewed, zh: 已评审}
owner: quality
for: {act: [merge], branches: [main]}
checks:
  - {id: review, title: {en: Another person looked, zh: 他人评审}, check: reviewed-by-another}
"""


def told_by_forge(bank: GateWorld, project: int, *news: object) -> None:
    """What a forge told, as it is written down."""
    for at, one in enumerate(news):
        number = len(bank.events()) + at
        webhook = Webhook(
            forge="gitlab", delivery=f"d{number}", kind=WebhookKind.MERGE_REQUEST, told=(one,),
            payload=f"sha256:{number:064}",
        )  # fmt: skip
        bank.store.ledger.append(forge_events(webhook, "/plumbline", project, "bank/core", bank.clock()))


def test_a_merge_waits_for_a_person_who_did_not_write_it(bank: GateWorld, project: int, tmp_path: Path) -> None:
    repository = tmp_path / "repo"
    run_git(repository, "checkout", "-q", "-b", "topic")
    (repository / "a.py").write_text("x = 1\n")
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-qm", "Add a\n\nAssisted-by: some agent")
    bank.policy(MERGING)
    head = run_git(repository, "rev-parse", "HEAD").strip()
    run_git(repository, "checkout", "-q", "main")
    request = MergeRequest(iid=7, source_branch="topic", target_branch="main", source_sha=head)
    pipeline = bank.start(project, event=Event.MERGE_REQUEST, ref="topic", sha=head, merge_request=request)
    facts = values(of(bank, project, pipeline.id, *(one for one in documented() if one.startswith("change."))))
    assert (facts["change.paths"], facts["change.target"]) == (("a.py",), "main")
    assert (facts["change.assisted_by_agent"], facts["change.reviewed_by_other"]) == (True, "lack no_source")
    opener, mei = Account(login="li"), Account(login="mei")
    opened = ChangeNews(act=ChangeAct.CREATED, number=7, action="open", head=pipeline.sha, branch="topic",
                        target="main", author=opener, by=opener)  # fmt: skip
    told_by_forge(bank, project, opened)
    bank.turn()
    said = gates_of(bank.writer(), bank.gates, pipeline=pipeline.id, act=GateAct.MERGE)
    assert (said.outcome, said.evaluations[0].subjects.change) == (Outcome.FAIL, "7")
    old = ReviewNews(number=7, decision="approved", revision="a" * 40, reviewer=mei)
    told_by_forge(bank, project, old)
    admin, tools = bank.actor("ada", Role.ADMIN), SimpleNamespace(units=bank.server.units)
    mail = pipeline.change.author.rpartition("<")[2].rstrip(">")
    for name, forge, alias in (("mei", "gitlab", "mei"), ("li", "gitlab", "li"), ("li", "", mail)):
        link_identity(admin, tools, bank.actor(name, Role.DEVELOPER).person.id, forge, alias)
    assert bank.judged(project, GateAct.MERGE, pipeline=pipeline.id).outcome is Outcome.FAIL
    told_by_forge(bank, project, ReviewNews(number=7, decision="approved", revision=pipeline.sha, reviewer=opener))
    assert not bank.judged(project, GateAct.MERGE, pipeline=pipeline.id).passes
    told_by_forge(bank, project, ReviewNews(number=7, decision="approved", revision=pipeline.sha, reviewer=mei))
    said = bank.judged(project, GateAct.MERGE, pipeline=pipeline.id)
    assert (said.outcome, said.passes) == (Outcome.PASS, True), said.evaluations[0].checks
    assert values(of(bank, project, pipeline.id, "change.reviewers", "change.authors")) == {
        "change.reviewers": ("li", "mei"),
        "change.authors": ("li",),
    }


def test_a_child_pipeline_counts_for_its_parent_and_is_not_judged(bank: GateWorld, project: int) -> None:
    bank.policy(policy("build", "tests.failed == 0"))
    parent = bank.start(project)
    finish(bank, read(ran(a="p")), job="test")
    finish(bank, job="scan")
    child = bank.start(project)
    with bank.store.change() as tx:
        before = tx.pipelines.get(child.id)
        assert before is not None
        assert tx.pipelines.change(before, msgspec.structs.replace(before, upstream=bank_jobs(tx, parent.id)))
    finish(bank, job="test")
    finish(bank, job="scan")
    bank.turn()
    judged = list_evaluations(bank.writer(), bank.gates, project)
    assert [one.subjects.pipeline for one in judged] == [parent.id]


def bank_jobs(tx: Transaction, pipeline: int) -> int:
    return tx.jobs.of(pipeline)[0].id
