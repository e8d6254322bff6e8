"""What forges are to be told, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from plumbline.model.telling import GATES, Comment, CommitState, Said, Status, Telling
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Store

SAID = {"merge": Said(state=CommitState.FAILURE, text="不通过")}


@pytest.fixture
def project(store: Store) -> int:
    with store.change() as tx:
        return tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="p", path="p")).id


def a_telling(project: int, commit: str, due: int, **fields: object) -> Telling:
    wanted = Status(commit=commit, context=GATES, said=SAID)
    made = Telling(project=project, host="git.example", name=f"status:{GATES}:{commit}", wanted=wanted, due=due)
    return msgspec.structs.replace(made, **fields)


def test_each_is_there_once_and_found_by_what_is_to_be_done(store: Store, project: int) -> None:
    comment = Comment(change="7", marker="<!-- m -->", commit="a", said=SAID)
    with store.change() as tx:
        second = tx.tellings.put(a_telling(project, "b", 20, changed=2))
        first = tx.tellings.put(a_telling(project, "a", 10, changed=1))
        done = tx.tellings.put(a_telling(project, "c", 0, changed=3))
        told = tx.tellings.put(a_telling(project, "d", 0, stopped=5, problem="forge-token-refused", changed=4))
        written = tx.tellings.put(
            Telling(project=project, host="other.example", name="comment:7", wanted=comment, due=15, changed=5)
        )
    with store.view() as tx:
        assert tx.tellings.due(15, 9) == [first, written]
        assert tx.tellings.due(99, 1) == [first]
        assert tx.tellings.waiting("git.example") == [first, second]
        assert tx.tellings.stopped() == tx.tellings.stopped(project) == [told]
        assert tx.tellings.stopped(project + 1) == []
        assert tx.tellings.of_project(project, 3) == [written, told, done]
        assert tx.tellings.named(project, "comment:7") == tx.tellings.get(written.id) == written
        assert tx.tellings.named(project, "comment:8") is None


def test_it_is_written_anew(store: Store, project: int) -> None:
    with store.change() as tx:
        made = tx.tellings.put(a_telling(project, "a", 10))
        tx.tellings.put(msgspec.structs.replace(made, due=0, told=1, stopped=3))
    with store.view() as tx:
        assert tx.tellings.due(99, 9) == []
        assert [one.told for one in tx.tellings.stopped()] == [1]


def test_old_states_are_forgotten_and_comments_stay(store: Store, project: int) -> None:
    comment = Comment(change="7", marker="<!-- m -->")
    with store.change() as tx:
        for number in range(5):
            tx.tellings.put(a_telling(project, str(number), 0, changed=number + 1))
        tx.tellings.put(a_telling(project, "waits", 7, changed=1))
        tx.tellings.put(Telling(project=project, host="h", name="comment:7", wanted=comment, changed=1))
        assert tx.tellings.forget(4, 2) == 2
        assert tx.tellings.forget(4, 9) == 1
        assert sorted(one.name for one in tx.tellings.of_project(project, 9)) == [
            "comment:7", *(f"status:{GATES}:{name}" for name in ("3", "4", "waits")),
        ]  # fmt: skip


def test_they_go_with_their_project(store: Store, project: int) -> None:
    with store.change() as tx:
        tx.tellings.put(a_telling(project, "a", 10))
        tx.tree.remove(project)
    with store.view() as tx:
        assert tx.tellings.due(99, 9) == []
