"""Reading at one moment: views of a thread share it, other threads do not, and a change ends it."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import SQLAlchemyError

from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.adapters.store import Store

pytestmark = pytest.mark.slow


def add(store: Store, name: str) -> Node:
    with store.change() as tx:
        return tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name=name, path=name))


def names(store: Store) -> list[str]:
    with store.view() as tx:
        return [node.name for node in tx.tree.all()]


def elsewhere(act: object, *arguments: object) -> None:
    thread = threading.Thread(target=act, args=arguments)  # type: ignore[arg-type]
    thread.start()
    thread.join()


def test_views_at_one_moment_do_not_see_what_others_change(store: Store) -> None:
    add(store, "bank")
    with store.one_moment():
        assert names(store) == ["bank"]
        elsewhere(add, store, "branch")
        assert names(store) == ["bank"]
    assert names(store) == ["bank", "branch"]


def test_views_at_one_moment_see_what_their_own_thread_changed(store: Store) -> None:
    with store.one_moment():
        assert names(store) == []
        add(store, "bank")
        assert names(store) == ["bank"]


def test_a_view_that_is_open_during_a_change_stays_whole(store: Store) -> None:
    with store.one_moment():
        with store.view() as tx:
            before = tx.tree.all()
            add(store, "bank")
            assert tx.tree.all() == before == []
        assert names(store) == ["bank"]


def test_a_moment_within_a_moment_is_the_same(store: Store) -> None:
    with store.one_moment():
        with store.one_moment():
            assert names(store) == []
        elsewhere(add, store, "bank")
        assert names(store) == []


def test_one_moment_is_of_one_thread(store: Store) -> None:
    found: list[list[str]] = []
    with store.one_moment():
        assert names(store) == []
        add_in_other = threading.Thread(target=lambda: (add(store, "bank"), found.append(names(store))))
        add_in_other.start()
        add_in_other.join()
    assert found == [["bank"]]


def test_an_error_in_a_view_leaves_the_next_one_usable(store: Store) -> None:
    add(store, "bank")
    with store.one_moment():
        with pytest.raises(SQLAlchemyError), store.view() as tx:
            tx.connection.exec_driver_sql("select no_such_column from tree_node")
        assert names(store) == ["bank"]


def test_moments_give_their_connections_back(store: Store) -> None:
    for _ in range(40):  # more than there are connections
        with store.one_moment():
            names(store)
    assert store.engines.reader.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_the_line_of_a_node_is_read_anew_after_it_changed(store: Store) -> None:
    bank = add(store, "bank")
    with store.change() as tx:
        assert tx.tree.ancestors(bank.id + 1) == []
        system = tx.tree.add(Node(id=0, kind=NodeKind.SYSTEM, name="core", path="bank/core", parent=bank.id))
        assert [node.path for node in tx.tree.ancestors(system.id)] == ["bank/core", "bank"]


FIRST_READS = """
import sys, threading
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import Node, NodeKind
sys.setswitchinterval(1e-6)
store = open_store(StoreSettings(data=sys.argv[1]))
with store.change() as records:
    node = records.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank", parent=None))
    person = records.people.add(Person(id=0, name="mei"))
    records.grants.add(Grant(person=person.id, node=node.id, role=Role.VIEWER))

def read(act):
    with store.view() as records:
        barrier.wait()
        assert act(records)

for act in (lambda r: r.people.all(), lambda r: r.tree.children(None), lambda r: r.grants.of(person.id)):
    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=read, args=(act,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
print("whole")
"""


def test_many_threads_read_the_first_row_of_a_kind(tmp_path: Path) -> None:
    for turn in range(3):
        command = [sys.executable, "-c", FIRST_READS, str(tmp_path / f"data{turn}")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr[-2000:]
