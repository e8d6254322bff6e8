"""Settings and variables come down the tree; the nearest wins."""

from __future__ import annotations

import pytest

from plumbline.access import effective_settings, inherited_variables
from plumbline.model.pipeline import VariableSource
from plumbline.model.tree import INSTANCE, Node, NodeKind, StoredVariable, is_within, may_hold, paths_above

BANK = Node(id=1, kind=NodeKind.ORGANISATION, name="bank", path="bank", settings={"timeout": 60, "retain": 90})
CARDS = Node(id=2, kind=NodeKind.SYSTEM, name="cards", path="bank/cards", parent=1, settings={"timeout": 30})
CORE = Node(id=3, kind=NodeKind.PROJECT, name="core", path="bank/cards/core", parent=2, settings={"tags": None})


def test_the_nearest_setting_wins_and_says_where_it_was_set():
    effective = effective_settings((CORE, CARDS, BANK))
    assert {key: (one.value, one.node.path) for key, one in effective.items()} == {
        "retain": (90, "bank"),
        "tags": (None, "bank/cards/core"),  # set to nothing is set
        "timeout": (30, "bank/cards"),
    }
    assert effective_settings(()) == {}


def variable(node: int, name: str = "KEY", scope: str = "*") -> StoredVariable:
    return StoredVariable(node=node, name=name, sealed=b"", scope=scope)


def test_variables_come_in_the_order_of_their_precedence():
    stored = [variable(3), variable(9), variable(1), variable(INSTANCE), variable(2), variable(2, "A", "prod")]
    assert [
        (one.source, one.variable.node, one.variable.name) for one in inherited_variables((CORE, CARDS, BANK), stored)
    ] == [
        (VariableSource.INSTANCE, INSTANCE, "KEY"),
        (VariableSource.GROUP, 1, "KEY"),
        (VariableSource.GROUP, 2, "A"),
        (VariableSource.GROUP, 2, "KEY"),
        (VariableSource.PROJECT, 3, "KEY"),
    ]  # node 9 is not above the project


@pytest.mark.parametrize(
    ("parent", "child", "allowed"),
    [
        (None, NodeKind.ORGANISATION, True),
        (None, NodeKind.PROJECT, False),
        (NodeKind.ORGANISATION, NodeKind.PROJECT, True),
        (NodeKind.ORGANISATION, NodeKind.ORGANISATION, False),
        (NodeKind.BRANCH, NodeKind.BRANCH, True),
        (NodeKind.SYSTEM, NodeKind.PRODUCT_LINE, False),
        (NodeKind.SYSTEM, NodeKind.SYSTEM, False),
        (NodeKind.PROJECT, NodeKind.PROJECT, False),
    ],
)
def test_kinds_of_nodes_may_be_skipped_but_not_turned_round(parent, child, allowed):
    assert may_hold(parent, child) is allowed


def test_the_paths_above_a_node_are_those_of_its_ancestors_from_the_top_down():
    assert paths_above("bank/payments/core") == ("bank", "bank/payments")
    assert paths_above("bank") == paths_above("") == ()


@pytest.mark.parametrize(
    ("path", "within"), [("bank/pay", True), ("bank/pay/core", True), ("bank/payments", False), ("bank", False)]
)
def test_a_node_is_within_itself_and_those_above_it_and_in_none_whose_name_only_begins_alike(path, within):
    assert is_within(path, "bank/pay") is within
