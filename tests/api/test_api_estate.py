"""A large estate: what is asked of the database does not grow with the number of projects, and nobody sees too much."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from plumbline.access import Actor
from plumbline.flow.tree.manage_tree import visible_ancestors, visible_nodes
from plumbline.model.tree import NodeKind


def grow(api, bank, count):
    for number in range(count):
        system = api.node(f"system{number}", NodeKind.SYSTEM, bank.id)
        api.node("app", NodeKind.PROJECT, system.id)


@contextmanager
def statements():
    found = []

    def note(_connection, _cursor, statement, *_more):
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/nodes", "/pipelines", "/nodes/1", "/ledger/entries?newest=true", "/me"])
def test_a_list_asks_as_much_of_a_large_estate_as_of_a_small_one(api, admin, path):
    bank = api.node("bank")
    grow(api, bank, 2)
    api.get(path, token=admin)
    with statements() as small:
        assert api.get(path, token=admin).status_code == 200
    other = api.node("other")
    grow(api, other, 30)
    with statements() as large:
        assert api.get(path, token=admin).status_code == 200
    assert len(large) <= len(small)


def test_one_sees_the_line_of_a_node_exactly_where_one_sees_the_node(api):
    bank = api.node("bank")
    grow(api, bank, 3)
    with api.tools.store.view() as tx:
        nodes = tx.tree.all()
    apps = [node for node in nodes if node.kind is NodeKind.PROJECT]
    for name, at in (("top", bank.id), ("one", apps[1].id), ("none", None)):
        person = api.person(name) if at is None else api.person(name, "viewer", node=at)
        with api.tools.store.view() as tx:
            who = Actor(person, tuple(tx.grants.of(person.id)))
            seen = {node.id for node in visible_nodes(tx, who)}
            lines = {node.id: visible_ancestors(tx, who, node.id) for node in nodes}
        assert {number for number, line in lines.items() if line} == seen
        assert all(not line or (line[0].id == number and line[-1] == bank) for number, line in lines.items())
        assert len(seen) == {"top": len(nodes), "one": 3, "none": 0}[name]
    with api.tools.store.view() as tx:
        assert visible_ancestors(tx, who, 10_000) == []
