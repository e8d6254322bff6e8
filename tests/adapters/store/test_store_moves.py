"""A node comes elsewhere, or goes: on every kind of database."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.adapters.store.test_store_ledger import draft
from tests.model.test_model_moves import Remembering

from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, Project
from plumbline.model.keeping import KeptArtifacts
from plumbline.model.moves import Moves
from plumbline.model.server import Delivery, StoredJob, StoredPipeline
from plumbline.model.tree import Node, NodeKind, is_within, paths_above

if TYPE_CHECKING:
    from plumbline.adapters.store import Store


def node(store: Store, path: str, kind: NodeKind = NodeKind.BRANCH) -> Node:
    with store.change() as tx:
        above = tx.tree.at(path.rpartition("/")[0])
        name = path.rpartition("/")[2]
        return tx.tree.add(Node(id=0, kind=kind, name=name, path=path, parent=above.id if above else None))


def test_all_below_come_along_and_nothing_else(store: Store) -> None:
    pay, _, other = (node(store, path) for path in ("pay", "pay/core", "payments"))
    node(store, "pay/core_x")
    node(store, "pay_core")
    with store.change() as tx:
        assert tx.tree.move(pay, msgspec.structs.replace(pay, name="p%", path="payments/p%", parent=other.id))
    with store.view() as tx:
        assert [one.path for one in tx.tree.all()] == [
            "pay_core", "payments", "payments/p%", "payments/p%/core", "payments/p%/core_x",
        ]  # fmt: skip
    with store.change() as tx:
        assert not tx.tree.move(pay, msgspec.structs.replace(pay, path="x", name="x"))


def test_a_path_that_is_taken_is_refused_and_the_transaction_goes_on(store: Store) -> None:
    pay, _ = node(store, "pay"), node(store, "loans")
    with store.change() as tx:
        with pytest.raises(PlumblineError) as caught:
            tx.tree.move(pay, msgspec.structs.replace(pay, path="loans", name="loans"))
        assert caught.value.code == "node-exists"
        assert tx.tree.move(pay, msgspec.structs.replace(pay, path="payments", name="payments"))


def test_what_a_project_leaves_is_written_down_once(store: Store) -> None:
    home, other = (node(store, path, NodeKind.PROJECT) for path in ("core", "other"))
    change = Change(project=Project(path="core"), sha="a" * 40, branch="main")
    with store.change() as tx:
        for project in (home, home, other):
            uid = f"{random.random()}"  # noqa: S311
            made = tx.pipelines.add(StoredPipeline(project=project.id, uid=uid, change=change), b"", b"")
            for name, started in (("ran", 5), ("waited", 0)):
                [job] = tx.jobs.add([StoredJob(pipeline=made.id, name=name, stage="test", started=started)])
                if started:
                    tx.keeping.add(KeptArtifacts(job=job.id, project=project.id, pipeline=made.id, size=9, ended=6))
            delivery = Delivery(project=project.id, forge="git", name=uid, received=1)
            tx.deliveries.add(delivery)
    for _ in range(2):
        with store.change() as tx:
            assert tx.keeping.let_project_go(home.id) == 2
    with store.change() as tx:
        due = tx.keeping.due(10, 99)
        assert sorted((one.kind, one.size) for one in due) == [("artifacts", 9)] * 2 + [("logs", 0)] * 2
        tx.tree.remove(home.id)
        assert [one.project for one in tx.pipelines.newest(9)] == [other.id]
        assert tx.tree.get(home.id) is None


@pytest.mark.parametrize("seed", range(6))
def test_what_is_about_a_node_is_read_under_all_its_names(store: Store, seed: int) -> None:
    tree = Remembering(seed)
    for _ in range(150):
        tree.step()
    paths = {place: path for place, path, _ in tree.entries}
    events = [msgspec.structs.replace(draft(f"e{at}"), scope=paths.get(at, "")) for at in range(1, tree.place + 1)]
    store.ledger.append(events)
    moves = Moves(tree.moves)
    for path in tree.paths.values():
        found = {entry.seq for entry in store.ledger.of_scope(path, tree.place, moves)}
        now = {at: moves.now(said, at) for at, said in paths.items()}
        assert found == {at for at, said in now.items() if is_within(said, path) or said in paths_above(path)}


@pytest.mark.slow
def test_very_many_moves_are_no_deeper_than_a_database_goes(store: Store) -> None:
    from plumbline.model.moves import Move

    store.ledger.append([msgspec.structs.replace(draft(f"e{n}"), scope=f"bank/p{n}") for n in range(1, 1501)])
    away = Moves(Move(2000 + n, f"bank/p{n}", f"fund/p{n}", f"m{n}") for n in range(1, 1501))
    assert len(list(store.ledger.of_scope("fund", 9000, away))) == 1500
    assert [entry.seq for entry in store.ledger.of_scope("fund/p7", 9000, away)] == [7]
