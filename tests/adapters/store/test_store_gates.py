"""Policies, contracts, collections, evaluations and waivers, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from plumbline.model.contract import Collection, DueContract, OccasionKind, Subjects
from plumbline.model.gate import Evaluation, GateAct, Outcome, Waiver
from plumbline.model.rule_set import RuleKind, RuleSet
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Store

COMMIT = "a" * 40


@pytest.fixture
def project(store: Store) -> int:
    with store.change() as tx:
        return tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="p", path="p")).id


def a_collection(project: int, uid: str = "c1", **fields: object) -> Collection:
    made = Collection(
        uid=uid,
        project=project,
        path="p",
        occasion=OccasionKind.PIPELINE,
        subjects=Subjects(commit=COMMIT, pipeline=7),
        due=DueContract(needs=(), grace_minutes=30, deadline_minutes=60),
        opened=1,
        deadline=100,
    )
    return msgspec.structs.replace(made, **fields)


def test_rule_sets_are_kept_in_versions(store: Store) -> None:
    first = RuleSet(node=0, kind=RuleKind.POLICY, name="red", text="a: 1", digest="sha256:1", saved=1, saved_by="ada")
    with store.change() as tx:
        one = tx.rule_sets.add(first)
        two = tx.rule_sets.add(msgspec.structs.replace(first, text="a: 2", digest="sha256:2"))
        tx.rule_sets.add(msgspec.structs.replace(first, kind=RuleKind.CONTRACT))
        assert (one.version, two.version) == (1, 2)
        assert tx.rule_sets.newest([0, 5], RuleKind.POLICY) == [two]
        assert tx.rule_sets.versions(0, RuleKind.POLICY, "red") == [two, one]
        assert tx.rule_sets.of_digest(RuleKind.POLICY, "sha256:1") == one
        assert tx.rule_sets.retire(two.id, "bob", 9)
        assert not tx.rule_sets.retire(two.id, "bob", 9)
        assert tx.rule_sets.get(two.id) == msgspec.structs.replace(two, retired=9, retired_by="bob")


def test_a_collection_is_closed_once(store: Store, project: int) -> None:
    with store.change() as tx:
        made = tx.collections.add(a_collection(project))
        assert tx.collections.of_uid("c1") == tx.collections.get(made.id) == made
        assert tx.collections.of_pipeline(7) == tx.collections.of_commit(project, COMMIT) == [made]
        assert tx.collections.to_close(99, 5) == []
        assert tx.collections.to_close(100, 5) == [made]
        closed = msgspec.structs.replace(made, closed=50, last=3)
        assert tx.collections.put(closed, 0)
        assert not tx.collections.put(closed, 0)
        assert tx.collections.to_close(1000, 5) == []
        other = tx.collections.add(a_collection(project, "c2"))
        assert tx.collections.of_projects([project], 5) == [other, closed]
        assert tx.collections.of_projects(None, 5, before=other.id) == [closed]
        assert tx.collections.of_projects(None, 5, open_only=True) == [other]
        assert tx.collections.of_projects([], 5) == []


def test_evaluations(store: Store, project: int) -> None:
    made = Evaluation(
        uid="e1",
        project=project,
        path="p",
        act=GateAct.PIPELINE,
        subjects=Subjects(commit=COMMIT, pipeline=7),
        policy="red",
        version=1,
        policy_digest="sha256:1",
        node="",
        outcome=Outcome.NO_DATA,
        checks=(),
        at=5,
    )
    with store.change() as tx:
        kept = tx.evaluations.add(made)
        assert tx.evaluations.get(kept.id) == tx.evaluations.of_uid("e1") == kept
        assert tx.evaluations.of_commit(project, COMMIT) == tx.evaluations.of_pipeline(7) == [kept]
        assert tx.evaluations.of_projects(None, 5, policy="red") == [kept]
        assert tx.evaluations.of_projects(None, 5, policy="blue") == []


def test_a_waiver_changes_only_from_what_it_was(store: Store) -> None:
    asked = Waiver(
        uid="w1", node=0, path="", rule_set="red", line="tests", reason="x", asked_by="ada", asked=1, ends=50
    )
    with store.change() as tx:
        made = tx.waivers.add(asked)
        agreed = msgspec.structs.replace(made, agreed_by="bob", agreed=2)
        assert tx.waivers.ending(60, 5) == []
        assert tx.waivers.put(agreed, made)
        assert not tx.waivers.put(agreed, made)
        assert tx.waivers.get(made.id) == agreed
        assert tx.waivers.ending(60, 5) == tx.waivers.of_nodes([0]) == [agreed]
        assert tx.waivers.of_nodes([0], since=50) == []
