"""What a forge tells comes into the ledger with the delivery that told it, once, as that forge's word."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "adapters"))
from forge_messages import send
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World

from plumbline.evidence.origin import forge_of
from plumbline.facts import Asked, Evidence, answer
from plumbline.flow.pipelines import receive_webhook
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.model.server import Outcome
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


class Bank(World):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self.home = make_repository(folder / "home", {"a": "1"})
        self.project = self.add_project(self.home, kind="gitlab")

    def hook(self, event: str, body: Any, delivery: str) -> Any:
        """The delivery, once it is carried out."""
        with self.store.view() as tx:
            binding = tx.bindings.get(self.project)
        told = receive_webhook.receive_change(self.server, binding, send("gitlab", event, body, delivery))
        carry_out_due(self.server, "test/1")
        with self.store.view() as tx:
            return tx.deliveries.get(told.id)

    def request(self, action: str, delivery: str, **more: Any) -> Any:
        place = {"path_with_namespace": "bank/core"}
        attributes = {
            "iid": 7, "action": action, "source_branch": "x", "target_branch": "main", "source": place, "target": place,
            "updated_at": "2026-03-01T10:00:00Z", **more,
        }  # fmt: skip
        return self.hook("Merge Request Hook", {"user": {"username": "Bo"}, "object_attributes": attributes}, delivery)

    def told(self) -> list[Any]:
        """What the forge said."""
        bodies = (json.loads(entry.body) for entry in self.store.ledger.read())
        return [one for one in bodies if forge_of(one["context"]["source"])]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path)
    yield made
    made.close()


def test_a_review_is_told_once_with_its_delivery(bank: Bank) -> None:
    head = run_git(bank.home, "rev-parse", "HEAD")
    assert bank.request("approved", "d1", last_commit={"id": head}).outcome is Outcome.NOTHING
    bank.request("approved", "d1", last_commit={"id": head})
    [event] = bank.told()
    assert event["context"]["source"] == f"/plumbline:forge:gitlab:{bank.project}"
    assert event["customData"]["revision"] == head
    assert event["customData"]["account"] == {"login": "Bo"}
    assert [entry for entry in bank.store.ledger.of_scope("bank/core", 1 << 40) if b"approved" in entry.body]


def test_what_is_of_a_fork_or_starts_nothing_is_told_all_the_same(bank: Bank) -> None:
    head = run_git(bank.home, "rev-parse", "HEAD")
    stranger = {"path_with_namespace": "mallory/core"}
    got = bank.request("open", "d1", last_commit={"id": head}, source=stranger)
    assert got.outcome is Outcome.FORK
    bank.hook("Feature Flag Hook", {"user": {"username": "mei"}, "object_attributes": {"name": "dark"}}, "d2")
    bank.hook("Note Hook", {"object_attributes": {"noteable_type": "MergeRequest"}, "merge_request": {"iid": 7}}, "d3")
    types = [".".join(one["context"]["type"].split(".")[2:4]) for one in bank.told()]
    assert types == ["change.created", "plumbline-forge.told", "plumbline-comment.made"]
    assert bank.told()[0]["customData"]["fork"] == "mallory/core"


def test_conflicts_that_a_request_met_on_its_way_are_known_of_its_merge(bank: Bank) -> None:
    head = run_git(bank.home, "rev-parse", "HEAD")
    told = {
        7: ("cannot_be_merged", "can_be_merged"),  # it was resolved
        8: ("unchecked", "can_be_merged"),
        9: ("unchecked", "unchecked"),
    }
    for iid, statuses in told.items():
        more = {"iid": iid, "last_commit": {"id": head}, "state": "opened"}
        bank.request("open", f"d{iid}a", merge_status=statuses[0], **more)
        bank.request("approved", f"d{iid}b", merge_status=statuses[1], **more)
        more |= {"state": "merged", "merge_commit_sha": f"{iid}" * 40}
        bank.request("merge", f"d{iid}c", merge_status="can_be_merged", **more)
    evidence = Evidence((seen for entry in bank.store.ledger.read() if (seen := read_seen(entry.body))), 1 << 62)
    assert {one.change: one.conflicts for one in evidence.merges} == {"7": True, "8": False, "9": None}
    [fact] = answer([Asked("merge-requests-that-met-a-conflict")], evidence).values()
    assert (fact.numerator, fact.denominator) == (1, 2)


def test_a_squashed_merge_is_approved_by_its_head(bank: Bank) -> None:
    """The push tells what came, the forge which revision was looked at, and both are one merge."""
    before = run_git(bank.home, "rev-parse", "HEAD")
    head = commit(bank.home, {"a": "2"}, "On its branch")
    run_git(bank.home, "reset", "--hard", "--quiet", before)
    squashed = commit(bank.home, {"a": "2"}, "Add (!7)")
    bank.hook("Push Hook", {"ref": "refs/heads/main", "before": before, "after": squashed}, "d1")
    bank.request("approved", "d2", last_commit={"id": head})
    bank.request("merge", "d3", last_commit={"id": head}, merge_commit_sha=squashed, updated_at="2026-03-01T11:00:00Z")
    evidence = Evidence((seen for entry in bank.store.ledger.read() if (seen := read_seen(entry.body))), 1 << 62)
    [merge] = evidence.merges
    assert (merge.merged_as, merge.final, merge.commits) == (squashed, head, (squashed,))
    assert [one.revision for one in merge.reviews] == [head]
    assert merge.details[0].mail
