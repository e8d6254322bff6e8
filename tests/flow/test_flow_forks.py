"""A merge request of another repository runs what somebody wrote who may not push here: nothing starts by itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World

from plumbline.model.change import MergeRequest
from plumbline.model.server import Outcome, Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

CONFIGURATION = """
build:
  script: [make]
  rules: [{if: '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
"""


class Forge(World):
    """A project at a forge of that kind, where people send merge requests."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(folder / "data")
        self.home = make_repository(folder / "home", {".gitlab-ci.yml": CONFIGURATION})
        self.project = self.add_project(self.home, kind=kind)
        self.kind = kind

    def set(self, **settings: object) -> None:
        with self.store.change() as tx:
            bank = tx.tree.at("bank")
            named = {f"ci.{key}": value for key, value in settings.items()}
            tx.tree.save(msgspec.structs.replace(bank, settings=named))

    def request(self, iid: int, fork: str = "") -> Any:
        before = run_git(self.home, "rev-parse", "HEAD")
        sha = commit(self.home, {"x": str(iid)})
        places = {"gitlab": f"refs/merge-requests/{iid}/head"}
        run_git(self.home, "update-ref", places.get(self.kind, f"refs/pull/{iid}/head"), sha)
        run_git(self.home, "reset", "--hard", "--quiet", before)
        request = MergeRequest(iid=iid, source_branch="x", target_branch="main", source_sha=sha, fork=fork)
        webhook = Webhook(
            forge=self.kind, delivery=f"d{iid}", kind=WebhookKind.MERGE_REQUEST, action="open", ref="x", after=sha,
            merge_request=request,
        )  # fmt: skip
        return self.tell(self.project, webhook)


@pytest.fixture(params=["gitlab", "github", "gitea"])
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Forge]:
    made = Forge(tmp_path, request.param)
    yield made
    made.close()


def test_it_gets_no_pipeline_and_the_ledger_says_why(forge: Forge) -> None:
    assert forge.request(1).pipeline
    kept = forge.request(2, fork="mallory/core")
    assert (kept.outcome, kept.pipeline) == (Outcome.FORK, 0)
    with forge.store.view() as tx:
        assert tx.deliveries.newest(forge.project, 1)[0].outcome is Outcome.FORK
    told = [json.loads(entry.body)["subject"]["content"] for entry in forge.events("delivery.accepted")]
    assert ["pipeline" in one for one in told] == [True, False]
    assert told[1]["reason"] == "fork"


def test_where_it_is_wanted_it_runs_without_what_is_protected(forge: Forge) -> None:
    forge.set(fork_merge_requests=True, protected_refs=["*"])
    made = forge.request(3, fork="mallory/core")
    assert made.outcome is Outcome.PIPELINE
    assert list(forge.states(made.pipeline)) == ["build"]
    change = forge.pipeline(made.pipeline).change
    assert (change.protected, change.merge_request.fork) == (False, "mallory/core")
