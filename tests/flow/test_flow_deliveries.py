"""What forges tell: written down, carried out from a queue, once, whatever is told how often and whoever dies when."""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import Ticks, World, ahead

from plumbline.flow.pipelines.carry_out import (
    LEASE,
    PER_HOST,
    PER_PROJECT,
    carry_out,
    claim_deliveries,
    recover_deliveries,
    recover_silent_deliveries,
    renew_deliveries,
)
from plumbline.flow.pipelines.deliveries import Came
from plumbline.flow.pipelines.lease_watch import LeaseWatch
from plumbline.flow.pipelines.receive_webhook import receive_change
from plumbline.model.change import MergeRequest
from plumbline.model.server import Outcome, Webhook, WebhookKind
from plumbline.model.tree import Node, NodeKind

pytestmark = pytest.mark.slow
CONFIGURATION = "a: {script: [make], rules: [{when: always}]}\n"
ZEROS = "0" * 40


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "home", {".gitlab-ci.yml": CONFIGURATION})


def push(after: str, before: str = "", *, name: str = "", ref: str = "main", **more: Any) -> Webhook:
    kind = more.pop("kind", WebhookKind.PUSH)
    return Webhook(
        forge="git", delivery=name or f"{before}-{after}", kind=kind, ref=ref, before=before, after=after, **more
    )


def pipelines(world: World) -> list[str]:
    """The commits of all pipelines, the oldest first."""
    with world.store.view() as tx:
        return [one.sha for one in reversed(tx.pipelines.newest(1000))]


def reasons(world: World, kind: str) -> list[str]:
    return [json.loads(entry.body)["subject"]["content"].get("reason", "") for entry in world.events(kind)]


def test_it_is_written_down_first_and_carried_out_then(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    told = world.receive(number, push(sha, user="mei"))
    assert (told.outcome, told.pipeline, pipelines(world)) == (Outcome.QUEUED, 0, [])
    assert world.carry_out() == 1
    done = world.delivery(told.id)
    assert (done.outcome, done.told, done.lease_owner) == (Outcome.PIPELINE, b"", "")
    made = world.pipeline(done.pipeline)
    assert (made.sha, made.change.user_login, made.change.protected) == (sha, "mei", True)
    [accepted] = world.events("delivery.accepted")
    [queued] = world.events("pipelinerun.queued")
    assert accepted.id in queued.body.decode()  # which follows it
    assert world.carry_out() == 0


def test_a_redelivery_has_the_earlier_outcome(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    first = world.tell(number, push(sha))
    again = world.tell(number, push(sha))
    assert again == first
    assert pipelines(world) == [sha]
    assert not world.events("delivery.refused")


def test_one_id_with_another_body_is_another_delivery(world: World, home: Path) -> None:
    """GitLab gives one event id to all that a push of several refs calls forth."""
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    run_git(home, "branch", "side")
    with world.store.view() as tx:
        binding = tx.bindings.get(number)
    assert binding is not None
    for ref in ("main", "side"):
        body = sha256(ref.encode()).hexdigest()
        told = push(sha, name="uuid", ref=ref, payload=f"sha256:{body}")
        receive_change(world.server, binding, told, Came(body))
    world.carry_out()
    assert pipelines(world) == [sha, sha]
    assert len(world.events("delivery.accepted")) == 2


def test_one_push_under_two_ids_is_one_pipeline(world: World, home: Path) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    one = world.tell(number, push(second, first, name="one"))
    two = world.tell(number, push(second, first, name="two"))
    assert (two.outcome, two.pipeline, two.reason) == (Outcome.PIPELINE, one.pipeline, "told-before")
    assert pipelines(world) == [second]


def test_to_and_fro_is_two_pushes_and_forth_again_a_third(world: World, home: Path) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    for name, before, after in (("1", first, second), ("2", second, first), ("3", first, second)):
        run_git(home, "update-ref", "refs/heads/main", after)
        assert world.tell(number, push(after, before, name=name)).reason == ""
    assert pipelines(world) == [second, first, second]


def test_a_commit_that_is_not_in_its_branch_is_refused(world: World, home: Path) -> None:
    """Else a commit of any branch would run as a protected one."""
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    run_git(home, "checkout", "-q", "-b", "feature")
    evil = commit(home, {"x": "1"})
    run_git(home, "checkout", "-q", "main")
    told = world.tell(number, push(evil, first))
    assert (told.outcome, told.reason, told.pipeline) == (Outcome.REFUSED, "commit-not-in-ref", 0)
    assert (pipelines(world), reasons(world, "delivery.refused")) == ([], ["commit-not-in-ref"])
    assert not world.events("commit.observed")
    assert world.tell(number, push(evil, first)) == told  # told again it is no truer


@pytest.mark.parametrize("ref", ["v1", "light"])
def test_a_commit_that_is_not_in_its_tag_is_refused(world: World, home: Path, ref: str) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    run_git(home, "tag", *(["-m", "one", "v1"] if ref == "v1" else ["light"]))
    later = commit(home, {"x": "1"})
    told = world.tell(number, push(later, ref=ref, kind=WebhookKind.TAG))
    assert (told.outcome, told.reason) == (Outcome.REFUSED, "commit-not-in-ref")
    own = run_git(home, "rev-parse", ref)  # of the tag itself, where it has one
    made = world.tell(number, push(own, ref=ref, kind=WebhookKind.TAG))
    assert (made.outcome, world.pipeline(made.pipeline).sha) == (Outcome.PIPELINE, first)


def test_a_commit_that_is_not_in_its_merge_request_is_refused(world: World, home: Path) -> None:
    number = world.add_project(home, kind="gitlab")
    run_git(home, "checkout", "-q", "-b", "feature")
    proposed = commit(home, {"x": "1"})
    run_git(home, "update-ref", "refs/merge-requests/1/head", proposed)
    run_git(home, "checkout", "-q", "main")
    other = commit(home, {"y": "1"})

    def request(sha: str) -> Webhook:
        asked = MergeRequest(iid=1, source_branch="feature", target_branch="main", source_sha=sha)
        kind = WebhookKind.MERGE_REQUEST
        return push(sha, ref="feature", kind=kind, action="open", merge_request=asked)

    assert world.tell(number, request(other)).reason == "commit-not-in-ref"
    assert world.tell(number, request(proposed)).outcome is Outcome.PIPELINE


def test_a_merge_request_that_is_gone_holds_up_no_push_of_its_branch(world: World, home: Path) -> None:
    """Its number is asked for by name, and a forge that removed it has the rest all the same."""
    number, sha = world.add_project(home, kind="gitlab"), run_git(home, "rev-parse", "HEAD")
    gone = MergeRequest(iid=9, source_branch="main", target_branch="stable", source_sha="7" * 40)
    asked = push("7" * 40, kind=WebhookKind.MERGE_REQUEST, action="open", merge_request=gone)
    first, then = world.receive(number, asked), world.receive(number, push(sha))
    world.carry_out()
    assert world.delivery(first.id).reason == "commit-not-there"
    for _ in range(2):
        world.late += 60_000_000
        world.carry_out()
    assert world.delivery(first.id).outcome is Outcome.FAILED
    world.carry_out()
    assert world.delivery(then.id).outcome is Outcome.PIPELINE


def test_a_branch_that_went_on_runs_both_and_the_older_cancels_nothing(world: World, home: Path) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    third = commit(home, {"x": "2"})
    newer = world.tell(number, push(third, second))
    older = world.tell(number, push(second, first))  # it was told later
    assert pipelines(world) == [third, second]
    assert world.pipeline(newer.pipeline).state.value == "pending"
    assert older.outcome is Outcome.PIPELINE


def test_what_cannot_be_reached_is_tried_again_and_then_it_failed(world: World, home: Path, tmp_path: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    home.rename(tmp_path / "away")
    told = world.tell(number, push(sha))
    assert (told.outcome, told.reason, told.tries) == (Outcome.QUEUED, "repository-vanished", 1)
    assert "cannot be fetched" in told.message
    assert world.carry_out() == 0  # not before its time
    assert world.tell(number, push(sha)).tries == 2  # but when it is told again
    for _ in range(20):
        ahead(world, 3601)
        world.carry_out()
    failed = world.delivery(told.id)
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "repository-vanished")
    assert reasons(world, "delivery.refused") == ["repository-vanished"]
    (tmp_path / "away").rename(home)
    again = world.tell(number, push(sha))  # the forge sends it again
    assert (again.id, again.outcome) == (told.id, Outcome.PIPELINE)


def test_a_repository_that_is_behind_its_messages_is_waited_for(world: World, home: Path) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    run_git(home, "checkout", "-q", "-b", "later")
    second = commit(home, {"x": "1"})
    run_git(home, "checkout", "-q", "main")
    run_git(home, "branch", "-m", "later", "hidden")
    run_git(home, "update-ref", "refs/away/x", second)
    run_git(home, "branch", "-D", "hidden")
    told = world.tell(number, push(second, first))
    assert (told.outcome, told.reason) == (Outcome.QUEUED, "commit-not-there")
    run_git(home, "update-ref", "refs/heads/main", second)
    ahead(world, 6)
    world.carry_out()
    assert world.delivery(told.id).outcome is Outcome.PIPELINE
    never = world.tell(number, push("1" * 40, second))
    for _ in range(3):
        ahead(world, 60)
        world.carry_out()
    assert world.delivery(never.id).outcome is Outcome.FAILED


def test_a_fault_is_the_end_of_one_delivery_alone(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    run_git(home, "branch", "side")
    true = world.server.projects.place_of

    def broken(wanted: Any) -> Any:
        if wanted.ref.endswith("main"):
            raise ValueError("what nobody foresaw")
        return true(wanted)

    monkeypatch.setattr(world.projects, "place_of", broken)
    told = [world.receive(number, push(sha, ref=ref, name=ref)) for ref in ("main", "side")]
    world.carry_out()
    assert [world.delivery(one.id).outcome for one in told] == [Outcome.FAILED, Outcome.PIPELINE]
    assert world.delivery(told[0].id).reason == "fault"


def test_pushes_of_one_branch_are_carried_out_in_their_order(world: World, home: Path, tmp_path: Path) -> None:
    number, first = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    home.rename(tmp_path / "away")
    one = world.tell(number, push(first))
    assert world.delivery(one.id).tries == 1
    (tmp_path / "away").rename(home)
    two = world.tell(number, push(second, first))
    assert two.outcome is Outcome.QUEUED  # it waits for the one before it
    ahead(world, 11)
    world.carry_out()
    assert pipelines(world) == [first, second]


def other_projects(world: World, host: str, count: int) -> list[int]:
    made = []
    with world.store.change() as tx:
        bank = tx.tree.at("bank")
        for place in range(count):
            name = f"{host}-{place}".replace(".", "-")
            node = tx.tree.add(
                Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"bank/{name}", parent=bank.id if bank else None)
            )
            made.append(node.id)
    return made


def test_a_host_and_a_project_have_few_places(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    with world.store.view() as tx:
        like = tx.bindings.get(number)
    assert like is not None
    for project in other_projects(world, "slow.example", 6):
        with world.store.change() as tx:
            url = f"https://slow.example/{project}.git"
            tx.bindings.put(msgspec.structs.replace(like, project=project, url=url))
        for ref in "abc":
            world.receive(project, push(sha, ref=ref))
    world.receive(number, push(sha))
    claimed = claim_deliveries(world.server, "r/1", 100)
    slow = [one for one in claimed if one.host]
    assert len(slow) == PER_HOST
    assert {one.project for one in claimed if not one.host} == {number}  # though all others came before it
    assert max(sum(one.project == each.project for one in slow) for each in slow) <= PER_PROJECT
    assert claim_deliveries(world.server, "r/2", 100) == []


def test_a_push_is_built_once_however_many_hold_it(world: World, home: Path) -> None:
    """A lease may run out under whoever works, and clocks differ."""
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    told = world.receive(number, push(sha))
    [first] = claim_deliveries(world.server, "one/1", 5)
    assert claim_deliveries(world.server, "two/1", 5) == []
    time = Ticks()
    watch = LeaseWatch(LEASE, time.now)
    assert recover_silent_deliveries(world.server, watch) == 0
    ahead(world, 3600)  # by the clock on the wall, which counts for nothing
    time.pass_(50, partial(recover_silent_deliveries, world.server, watch))
    renew_deliveries(world.server, "one/1", [told.id])
    assert time.pass_(55, partial(recover_silent_deliveries, world.server, watch)) == 0
    assert claim_deliveries(world.server, "two/1", 5) == []
    assert time.pass_(10, partial(recover_silent_deliveries, world.server, watch)) == 1
    assert claim_deliveries(world.server, "one/1", 5, busy={told.id}) == []  # it works on it, whatever others say
    [second] = claim_deliveries(world.server, "two/1", 5)
    carry_out(world.server, second)
    carry_out(world.server, first)
    assert pipelines(world) == [sha]
    assert len(world.events("delivery.accepted")) == 1


def test_what_a_dead_server_held_is_taken_up_at_once(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    world.receive(number, push(sha))
    [held] = claim_deliveries(world.server, "one/1", 5)
    assert recover_deliveries(world.server, "on/", "on/2") == 0
    assert recover_deliveries(world.server, "one/", "one/2") == 1
    [again] = claim_deliveries(world.server, "one/2", 5)
    assert again.fence == held.fence + 1
    carry_out(world.server, again)
    assert pipelines(world) == [sha]


def test_what_ends_the_server_each_time_is_given_up(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    told = world.receive(number, push(sha))
    for life in range(21):
        [held] = claim_deliveries(world.server, f"one/{life}", 5)
        recover_deliveries(world.server, "one/", f"one/{life + 1}")
    [held] = claim_deliveries(world.server, "one/99", 5)
    carry_out(world.server, held)
    assert (world.delivery(told.id).outcome, world.delivery(told.id).reason) == (Outcome.FAILED, "interrupted")


def test_that_a_branch_is_gone_is_one_event(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    for name in ("one", "two"):
        told = world.tell(number, push("", sha, ref="side", name=name))
        assert told.outcome is Outcome.NOTHING
    [event] = world.events("branch.deleted")
    assert event.subject == "side"


def test_a_worker_carries_out_and_ends(world: World, home: Path) -> None:
    number, sha = world.add_project(home), run_git(home, "rev-parse", "HEAD")
    worker = world.worker()
    done = threading.Event()
    world.server.observations.listen(lambda what, _state, _seconds: done.set() if what == "delivery" else None)
    thread = threading.Thread(target=worker.run)
    thread.start()
    told = world.receive(number, push(sha))
    worker.wake()
    assert done.wait(60), world.complaints
    worker.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert world.delivery(told.id).outcome is Outcome.PIPELINE
