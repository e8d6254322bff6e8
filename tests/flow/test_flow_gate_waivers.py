"""Waivers: two persons, a reason, a scope, an end; announced, counted, and void when one of the two leaves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.flow.gate_world import CI, DAY, GateWorld, finish, policy
from tests.flow.report_world import BAD, ran, read

from plumbline.flow.gates.evaluate import gates_of
from plumbline.flow.gates.waiver_turns import turn_waivers
from plumbline.flow.gates.waivers import (
    WaiverWanted,
    ask_waiver,
    decide_waiver,
    end_waiver,
    list_waivers,
    view_waiver,
    waiting_waivers,
)
from plumbline.kernel import PlumblineError
from plumbline.model.gate import Outcome, Waiver, WaiverState
from plumbline.model.person import Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[GateWorld]:
    made = GateWorld(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def project(bank: GateWorld, tmp_path: Path) -> int:
    made = bank.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": CI}))
    bank.policy(policy("build", "tests.failed == 0"))
    return made


@pytest.fixture
def pipeline(bank: GateWorld, project: int) -> int:
    """With a test that fails."""
    made = bank.start(project).id
    finish(bank, read(ran(a="f")), job="test", result=BAD)
    finish(bank, job="scan")
    bank.turn()
    return made


def asker(bank: GateWorld) -> Actor:
    return bank.actor("li", Role.DEVELOPER)


def other(bank: GateWorld) -> Actor:
    return bank.actor("mei", Role.RELEASE_MANAGER)


def wanted(bank: GateWorld, **more: Any) -> WaiverWanted:
    given = {"rule_set": "build", "line": "t1", "reason": "Mended tomorrow.", "ends": bank.clock() + 20 * DAY}
    return WaiverWanted(**{**given, **more})


def asked(bank: GateWorld, project: int, **more: Any) -> Waiver:
    return ask_waiver(asker(bank), bank.gates, project, wanted(bank, **more))


def state(bank: GateWorld, waiver: Waiver) -> WaiverState:
    return view_waiver(asker(bank), bank.gates, waiver.id).state


def refused(code: str, act: Any) -> None:
    with pytest.raises(PlumblineError) as raised:
        act()
    assert raised.value.code == code


def outcome(bank: GateWorld, pipeline: int) -> Outcome:
    bank.turn()
    return gates_of(bank.writer(), bank.gates, pipeline=pipeline).outcome


def test_two_persons_set_a_check_aside_and_nothing_else_does(bank: GateWorld, project: int, pipeline: int) -> None:
    assert outcome(bank, pipeline) is Outcome.FAIL
    waiver = asked(bank, project)
    assert state(bank, waiver) is WaiverState.ASKED
    assert outcome(bank, pipeline) is Outcome.FAIL
    decide_waiver(other(bank), bank.gates, waiver.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.WAIVED
    said = gates_of(bank.writer(), bank.gates, pipeline=pipeline)
    check = said.evaluations[0].checks[0]
    assert (said.passes, check.outcome, check.judged, check.waiver) == (
        True,
        Outcome.WAIVED,
        Outcome.FAIL,
        waiver.uid,
    )
    assert view_waiver(asker(bank), bank.gates, waiver.id).waiver.used == 1
    assert [entry.subject for entry in bank.events("gate.waived")] == [waiver.uid]
    assert len(bank.events("waiver.decided")) == 1


def test_who_asked_does_not_agree_and_who_wrote_the_change_neither(
    bank: GateWorld, project: int, pipeline: int
) -> None:
    both = bank.actor("zoe", Role.SECURITY)
    own = ask_waiver(both, bank.gates, project, wanted(bank))
    refused("two-persons", lambda: decide_waiver(both, bank.gates, own.id, agree=True))
    sha = bank.pipeline(pipeline).sha
    mail = bank.pipeline(pipeline).change.author.rpartition("<")[2].rstrip(">")
    author = bank.actor("author", Role.SECURITY)
    with bank.store.change() as tx:
        tx.people.save(replace(author.person, email=mail))
        author = replace(author, person=tx.people.get(author.person.id))
    of_commit = asked(bank, project, commit=sha)
    refused("two-persons", lambda: decide_waiver(author, bank.gates, of_commit.id, agree=True))
    decide_waiver(other(bank), bank.gates, of_commit.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.WAIVED


def test_it_is_refused_over_ended_and_then_sets_nothing_aside(bank: GateWorld, project: int, pipeline: int) -> None:
    first = asked(bank, project)
    decide_waiver(other(bank), bank.gates, first.id, agree=False)
    assert state(bank, first) is WaiverState.REFUSED
    refused("waiver-over", lambda: decide_waiver(other(bank), bank.gates, first.id, agree=True))
    second = asked(bank, project)
    decide_waiver(other(bank), bank.gates, second.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.WAIVED
    end_waiver(other(bank), bank.gates, second.id)
    assert (state(bank, second), outcome(bank, pipeline)) == (WaiverState.ENDED, Outcome.FAIL)
    refused("waiver-over", lambda: end_waiver(other(bank), bank.gates, second.id))


def test_it_is_announced_twice_and_ends_by_its_time(bank: GateWorld, project: int, pipeline: int) -> None:
    waiver = asked(bank, project)
    decide_waiver(other(bank), bank.gates, waiver.id, agree=True)
    assert turn_waivers(bank.gates) == 0
    for days, count in ((7, 1), (7, 0), (18, 1), (18, 0), (21, 1), (21, 0)):
        bank.late = days * DAY
        assert turn_waivers(bank.gates) == count, days
    announced = [entry.type.split(".")[3] for entry in bank.events("waiver.") if entry.subject == waiver.uid]
    assert announced == ["asked", "decided", "announced", "announced", "ended"]
    assert (state(bank, waiver), outcome(bank, pipeline)) == (WaiverState.EXPIRED, Outcome.FAIL)


def test_it_is_void_at_once_when_one_of_the_two_left(bank: GateWorld, project: int, pipeline: int) -> None:
    waiver = asked(bank, project)
    decide_waiver(other(bank), bank.gates, waiver.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.WAIVED
    gone = other(bank).person
    with bank.store.change() as tx:
        tx.people.save(replace(gone, active=False))
    assert state(bank, waiver) is WaiverState.VOID
    assert bank.judged(project, pipeline=pipeline).outcome is Outcome.FAIL
    assert turn_waivers(bank.gates) == 1
    with bank.store.change() as tx:
        tx.people.save(gone)
    assert state(bank, waiver) is WaiverState.VOID
    assert outcome(bank, pipeline) is Outcome.FAIL


def test_it_holds_for_what_it_names_alone(bank: GateWorld, project: int, pipeline: int) -> None:
    waiver = asked(bank, project, commit="f" * 40)
    decide_waiver(other(bank), bank.gates, waiver.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.FAIL
    of_digest = asked(bank, project, digest=f"sha256:{'a' * 64}")
    decide_waiver(other(bank), bank.gates, of_digest.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.FAIL


def test_what_is_asked_for_has_a_reason_a_line_a_scope_and_an_end(bank: GateWorld, project: int) -> None:
    refused("waiver-incomplete", lambda: asked(bank, project, reason="  "))
    refused("no-such-line", lambda: asked(bank, project, rule_set="other"))
    refused("no-such-line", lambda: asked(bank, project, line="t9"))
    refused("waiver-end-wrong", lambda: asked(bank, project, ends=bank.clock() + 91 * DAY))
    refused("waiver-end-wrong", lambda: asked(bank, project, ends=1))
    refused("waiver-scope-wrong", lambda: asked(bank, project, commit="main"))
    asked(bank, project)
    refused("waiver-known", lambda: asked(bank, project))


def test_what_it_let_through_is_no_answer_when_it_is_over(bank: GateWorld, project: int, pipeline: int) -> None:
    """Whether or not somebody noted its end by then."""
    waiver = asked(bank, project)
    decide_waiver(other(bank), bank.gates, waiver.id, agree=True)
    assert outcome(bank, pipeline) is Outcome.WAIVED
    bank.late = 21 * DAY
    assert not gates_of(bank.writer(), bank.gates, pipeline=pipeline).passes


def test_of_one_commit_it_is_asked_for_where_its_author_is_known(bank: GateWorld, project: int) -> None:
    with bank.store.view() as tx:
        group = tx.tree.ancestors(project)[1].id
    for node in (group, INSTANCE):
        for scope in ({"commit": "a" * 40}, {"change": "7"}):
            refused(
                "waiver-scope-wrong",
                lambda node=node, scope=scope: ask_waiver(bank.writer(), bank.gates, node, wanted(bank, **scope)),
            )


def test_it_waits_for_whoever_may_agree(bank: GateWorld, project: int) -> None:
    waiver = asked(bank, project)
    assert [one.waiver.id for one in list_waivers(asker(bank), bank.gates, project)] == [waiver.id]
    assert [one.waiver.id for one in list_waivers(other(bank), bank.gates, INSTANCE)] == [waiver.id]
    for who, waits in ((asker(bank), 0), (other(bank), 1), (bank.actor("ada", Role.ADMIN), 0)):
        with bank.server.units.view(who) as unit:
            assert len(waiting_waivers(unit)) == waits, who.name
