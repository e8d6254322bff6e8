"""What somebody may try, so that a gate passes that must not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.crash.world import ahead
from tests.flow.gate_world import CI, GateWorld, finish, policy
from tests.flow.report_world import BAD, ran, read

from plumbline.flow.gates.evaluate import gates_of
from plumbline.flow.gates.facts_of import facts_of, look_at_change
from plumbline.flow.gates.gathering._ground import Ground
from plumbline.flow.gates.gathering.made import made_by
from plumbline.flow.gates.policies import save_policy
from plumbline.flow.gates.subjects import subjects_of
from plumbline.flow.pipelines.chains import with_children
from plumbline.flow.pipelines.forge_events import forge_events
from plumbline.model.artifact import Artifact, Kind, Origin
from plumbline.model.contract import Subjects
from plumbline.model.forge_news import Account, ChangeAct, ChangeNews
from plumbline.model.gate import GateAct, Outcome
from plumbline.model.server import Webhook, WebhookKind
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[GateWorld]:
    made = GateWorld(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def project(bank: GateWorld, tmp_path: Path) -> int:
    return bank.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": CI}))


def test_a_tag_does_not_make_a_merge_smaller(bank: GateWorld, project: int, tmp_path: Path) -> None:
    """A merge request is held against its target, though its pipeline is one of the branch, which is held against the
    newest tag; whoever may push sets those."""
    repository = tmp_path / "repo"
    run_git(repository, "checkout", "-q", "-b", "topic")
    for name in ("a.py", "docs.md"):
        (repository / name).write_text("x\n")
        run_git(repository, "add", "-A")
        run_git(repository, "commit", "-qm", f"Add {name}")
        if name == "a.py":
            run_git(repository, "tag", "v9")
    pipeline = bank.start(project, ref="topic")
    change = ChangeNews(act=ChangeAct.CREATED, number=7, action="open", head=pipeline.sha, branch="topic",
                        target="main", author=Account(login="li"), by=Account(login="li"))  # fmt: skip
    names = ("change.paths", "change.authors")

    def found() -> dict[str, object]:
        about = Subjects(commit=pipeline.sha, change="7")
        seen = look_at_change(bank.gates, project, about, names)
        with bank.store.view() as tx:
            facts = facts_of(tx, bank.gates, project, about, names, act=GateAct.MERGE, seen=seen)
        return {name: one.value for name, one in facts.items()}

    assert found()["change.paths"] is None  # nobody told of the merge request
    webhook = Webhook(
        forge="gitlab", delivery="d1", kind=WebhookKind.MERGE_REQUEST, told=(change,), payload=f"sha256:{1:064}"
    )
    bank.store.ledger.append(forge_events(webhook, "/plumbline", project, "bank/core", bank.clock()))
    assert found()["change.paths"] == ("a.py", "docs.md")


def test_of_two_policies_of_one_name_both_are_asked_for(bank: GateWorld, project: int) -> None:
    """There are two after a project was moved below a node that has one of that name."""
    with bank.store.change() as tx:
        group = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="strict", path="strict"))
    save_policy(bank.writer(), bank.gates, group.id, policy("build", "tests.failed == 0"))
    save_policy(bank.writer(), bank.gates, project, policy("build", "tests.executed > 0"))
    with bank.store.change() as tx:
        node = tx.tree.get(project)
        assert node is not None
        assert tx.tree.move(node, msgspec.structs.replace(node, parent=group.id, path="strict/core"))
    pipeline = bank.start(project).id
    finish(bank, read(ran(a="f")), job="test", result=BAD)
    finish(bank, job="scan")
    assert bank.judged(project, pipeline=pipeline).outcome is Outcome.FAIL
    assert gates_of(bank.writer(), bank.gates, pipeline=pipeline).outcome is Outcome.FAIL


def test_what_child_pipelines_make_is_asked_for_as_well(bank: GateWorld, project: int) -> None:
    parent, child, foreign = bank.start(project), bank.start(project), bank.start(project)
    with bank.store.change() as tx:
        first, second = (tx.pipelines.get(one.id) for one in (parent, child))
        assert first is not None
        assert second is not None
        trigger = tx.jobs.of(parent.id)[0].id
        assert tx.pipelines.change(second, msgspec.structs.replace(second, upstream=trigger))
        assert [one.id for one in with_children(tx, first)] == [parent.id, child.id]
        assert [one.id for one in with_children(tx, second)] == [child.id]
        assert foreign.id not in [one.id for one in with_children(tx, first)]
        for one, digest in ((parent, "a"), (child, "b"), (foreign, "c")):
            job = tx.jobs.of(one.id)[0]
            home = tx.repositories.take(project, one.uid, 1)
            made = Artifact(project=project, repository="bank/core", kind=Kind.GENERIC, digest=f"sha256:{digest * 64}",
                            size=1, name=digest, version="1", origin=Origin(pipeline=one.id, job=job.id))  # fmt: skip
            assert tx.artifacts.add(home.id, made) is not None
        ground = Ground(
            tx=tx, ledger=bank.store.ledger, ancestors=tx.tree.ancestors(project), subjects=subjects_of(first),
            pipeline=first, reports=(), now=bank.clock(),
        )  # fmt: skip
        assert made_by(ground) == [f"sha256:{one * 64}" for one in "ab"]


def test_what_was_said_before_a_check_is_enforced_is_no_answer_after_it(bank: GateWorld, project: int) -> None:
    day = f"{datetime.fromtimestamp(bank.clock() / 1e6 + 3 * 86_400, UTC):%Y-%m-%d}"
    first, second = policy("build", "tests.failed == 0", "tests.executed > 5").split("  - id: t2")
    bank.policy(f"{first}  - id: t2\n    enforced_from: {day}{second}")
    pipeline = bank.start(project).id
    finish(bank, read(ran(a="p")), job="test")
    finish(bank, job="scan")
    bank.turn()
    assert gates_of(bank.writer(), bank.gates, pipeline=pipeline).outcome is Outcome.PASS
    ahead(bank, 4 * 86_400)
    said = gates_of(bank.writer(), bank.gates, pipeline=pipeline)
    assert (said.outcome, said.reason) == (Outcome.NO_DATA, "not-evaluated")
    assert bank.judged(project, pipeline=pipeline).outcome is Outcome.FAIL
    assert gates_of(bank.writer(), bank.gates, pipeline=pipeline).outcome is Outcome.FAIL
