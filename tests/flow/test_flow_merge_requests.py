"""Merge requests and the branches that they are of: one pipeline a change, and none that stops another's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World

from plumbline.adapters.forges.webhooks import forges
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.tree.bind_repository import RepositoryWrite, bind_repository
from plumbline.flow.tree.tools import TreeTools
from plumbline.model.server import Delivery, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

GITLABS_OWN = """
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
      when: never
    - if: $CI_COMMIT_BRANCH
build: {script: ['echo "$CI_OPEN_MERGE_REQUESTS"']}
"""
BOTH = "build: {script: [make], rules: [{when: always}]}\n"
WORDS = {  # what GitLab and the others call it
    "open": ("open", "opened", "opened"),
    "update": ("update", "synchronize", "synchronized"),
    "close": ("close", "closed", "closed"),
    "merge": ("merge", "closed", "closed"),
    "reopen": ("reopen", "reopened", "reopened"),
}
KINDS = ("gitlab", "github", "gitea")


class Forge(World):
    """A project at a forge of that kind, which tells of everything by its own messages."""

    def __init__(self, folder: Path, kind: str, configuration: str) -> None:
        super().__init__(folder / "data")
        self.home = make_repository(folder / "home", {".gitlab-ci.yml": configuration})
        self.project = self.add_project(self.home, kind=kind)
        self.kind, self.count = kind, 0

    def push(self, branch: str = "fix") -> Delivery:
        """A new commit of a branch, and the message of it."""
        run_git(self.home, "checkout", "--quiet", "-B", branch)
        before, self.count = run_git(self.home, "rev-parse", "HEAD"), self.count + 1
        sha = commit(self.home, {"x": str(self.count)})
        said: dict[str, Any] = {"ref": f"refs/heads/{branch}", "before": before, "after": sha}
        return self.told("Push Hook" if self.kind == "gitlab" else "push", said)

    def request(self, act: str, number: int = 1, *, second: int, target: str = "main", branch: str = "fix") -> Delivery:
        """What becomes of a merge request at a second of the forge's clock."""
        sha = run_git(self.home, "rev-parse", branch)
        place = "merge-requests" if self.kind == "gitlab" else "pull"
        run_git(self.home, "update-ref", f"refs/{place}/{number}/head", sha)
        action, at = WORDS[act][KINDS.index(self.kind)], f"2026-11-01T10:00:{second:02}Z"
        if self.kind == "gitlab":
            state = {"close": "closed", "merge": "merged"}.get(act, "opened")
            ends = {end: {"path_with_namespace": "bank/core"} for end in ("source", "target")}
            more = {"oldrev": "1" * 40} if act == "update" else {}
            about = {"iid": number, "action": action, "state": state, "updated_at": at, "source_branch": branch}
            about |= {"target_branch": target, "last_commit": {"id": sha}, **ends, **more}
            return self.told("Merge Request Hook", {"object_attributes": about})
        repo = {"full_name": "bank/core"}
        about = {"head": {"ref": branch, "sha": sha, "repo": repo}, "base": {"ref": target, "repo": repo}}
        about |= {
            "state": "closed" if act in ("close", "merge") else "open",
            "updated_at": at,
            "merged": act == "merge",
        }
        return self.told("pull_request", {"action": action, "number": number, "pull_request": about})

    def told(self, event: str, said: dict[str, Any]) -> Delivery:
        headers = {f"x-{self.kind}-event": event}
        self.count += 1
        return self.tell(self.project, forges()[self.kind].read(headers, json.dumps(said).encode(), f"d{self.count}"))

    def open_requests(self, delivery: Delivery) -> tuple[int, ...]:
        return self.pipeline(delivery.pipeline).change.open_requests


@pytest.fixture(params=KINDS)
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Forge]:
    made = Forge(tmp_path, request.param, GITLABS_OWN)
    yield made
    made.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Forge]:
    """Where branches and merge requests have pipelines beside each other."""
    made = Forge(tmp_path, "gitlab", BOTH)
    yield made
    made.close()


def test_a_branch_with_an_open_request_has_one_pipeline_a_push(forge: Forge) -> None:
    assert forge.push().pipeline  # nobody asked to merge it yet
    assert forge.request("open", second=1).pipeline
    assert (forge.push().outcome, forge.request("update", second=2).outcome) == (Outcome.NOTHING, Outcome.PIPELINE)
    assert forge.push("other").pipeline


@pytest.mark.parametrize("act", ["close", "merge"])
def test_a_request_that_ended_leaves_its_branch(forge: Forge, act: str) -> None:
    forge.push()
    forge.request("open", second=1)
    forge.request(act, second=2)
    assert forge.push().pipeline
    forge.request("reopen", second=3)
    assert not forge.push().pipeline


def test_what_is_told_late_is_not_the_newest(forge: Forge) -> None:
    forge.push()
    forge.request("close", second=5)
    late = forge.request("open", second=1)
    assert (late.outcome, late.reason) == (Outcome.NOTHING, "request-ended")
    assert forge.push().pipeline
    forge.request("reopen", second=9)
    forge.request("close", second=5)
    assert not forge.push().pipeline


def test_what_is_told_of_the_same_second_ends_with_the_end(forge: Forge) -> None:
    forge.push()
    forge.request("merge", second=5)
    forge.request("update", second=5)
    assert forge.push().pipeline


def test_at_most_four_are_named_the_newest_first(plain: Forge) -> None:
    plain.push()
    for number in range(1, 7):
        plain.request("open", number, second=number, target=f"release-{number}")
    plain.request("close", 5, second=9, target="release-5")
    of_branch = plain.push()
    assert plain.open_requests(of_branch) == (6, 4, 3, 2)
    by_hand = run_pipeline(plain.actor(), plain.server, plain.project, "fix")
    with plain.store.view() as tx:
        known = {one.name: one.value for one in plain.server.plans.get(tx, by_hand.id).variables}
    assert known["CI_OPEN_MERGE_REQUESTS"] == "bank/core!6,bank/core!4,bank/core!3,bank/core!2"
    assert plain.open_requests(plain.push("other")) == ()


def test_a_request_of_a_fork_is_not_of_the_branch_of_the_same_name(plain: Forge) -> None:
    plain.push()
    sha = run_git(plain.home, "rev-parse", "fix")
    about = {"iid": 1, "action": "open", "source_branch": "fix", "target_branch": "main", "last_commit": {"id": sha}}
    ends = {"source": {"path_with_namespace": "fork/core"}, "target": {"path_with_namespace": "bank/core"}}
    assert plain.told("Merge Request Hook", {"object_attributes": about | ends}).outcome is Outcome.FORK
    assert plain.open_requests(plain.push()) == ()


def test_another_repository_has_other_requests(plain: Forge, tmp_path: Path) -> None:
    plain.push()
    plain.request("open", second=1)
    moved = make_repository(tmp_path / "moved", {".gitlab-ci.yml": BOTH})
    kinds = {"gitlab": forges()["gitlab"].kind}
    tools = TreeTools(plain.server.units, plain.vault, lambda size: b"x" * size, kinds, {})
    write = RepositoryWrite(kind="gitlab", url=str(moved))
    bind_repository(plain.actor(), tools, plain.project, write)
    with plain.store.view() as tx:
        assert tx.merge_requests.get(plain.project, 1) is None


def test_requests_of_one_branch_to_two_targets_run_beside_each_other(plain: Forge) -> None:
    plain.push()
    one, two = plain.request("open", 1, second=1), plain.request("open", 2, second=2, target="release")
    plain.push()
    newer = plain.request("update", 1, second=3)
    states = [plain.states(one.pipeline), plain.states(two.pipeline), plain.states(newer.pipeline)]
    assert states == [{"build": "canceled"}, {"build": "pending"}, {"build": "pending"}]
