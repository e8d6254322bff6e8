"""Which commits came in with a push: named in the ledger."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.crash.world import World

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.model.server import Webhook, WebhookKind

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Any:
    (tmp_path / "data").mkdir()
    open_store(StoreSettings(data=str(tmp_path / "data"), create=True)).close()
    made = World(tmp_path / "data")
    yield made
    made.close()


def test_the_ledger_names_the_commits_that_were_pushed(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {".gitlab-ci.yml": "a: {script: [make]}\n"})
    number = world.add_project(home)
    first = run_git(home, "rev-parse", "HEAD")

    def push(name: str, ref: str, before: str, **more: object) -> dict[str, Any]:
        after = run_git(home, "rev-parse", ref)
        told = Webhook(forge="git", delivery=name, kind=WebhookKind.PUSH, ref=ref, before=before, after=after, **more)
        world.tell(number, told)
        return json.loads(world.events("commit.observed")[-1].body)["subject"]["content"]

    new = push("d1", "main", "0" * 40)
    assert [one["sha"] for one in new["commits"]] == [first]
    assert ("more" in new, "forced" in new, "before" in new, new["ref"]) == (False, False, False, "refs/heads/main")
    tree = run_git(home, "rev-parse", "HEAD^{tree}")
    head = first
    for turn in range(103):
        head = run_git(home, "commit-tree", tree, "-p", head, "-m", f"Turn {turn}")
    run_git(home, "update-ref", "refs/heads/main", head)
    many = push("d2", "main", first, push_options=("ci.skip",))
    assert (len(many["commits"]), many["more"], many["before"]) == (100, 3, first)
    assert many["commits"][0]["sha"] == head
    assert many["commits"][0]["parents"] == [many["commits"][1]["sha"]]
    branch = run_git(home, "commit-tree", tree, "-p", head, "-m", "Elsewhere")
    run_git(home, "update-ref", "refs/heads/side", branch)
    assert [one["sha"] for one in push("d3", "side", "0" * 40)["commits"]] == [branch]
    rewritten = run_git(home, "commit-tree", tree, "-p", first, "-m", "Anew")
    run_git(home, "update-ref", "refs/heads/main", rewritten)
    forced = push("d4", "main", head)
    assert ([one["sha"] for one in forced["commits"]], forced["forced"]) == ([rewritten], True)
    assert len(world.events("commit.observed")) == 4
