"""A large estate: what is asked of the database does not grow with the number of projects, and nobody sees too much."""

from __future__ import annotations

from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from plumbline.access import Actor
from plumbline.flow.tree.read_tree import list_nodes, view_ancestors
from plumbline.kernel import PlumblineError
from plumbline.model.tree import NodeKind


def grow(api, bank, count):
    for number in range(count):
        system = api.node(f"system{number}", NodeKind.SYSTEM, bank.id)
        api.node("app", NodeKind.PROJECT, system.id)


@contextmanager
def statements(api):
    """What this server asks its database; what others in the same process ask theirs is none of it."""
    found, engines = [], api.tools.units.store.engines

    def note(connection, _cursor, statement, *_more):
        if connection.engine in (engines.reader, engines.writer):
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
    with statements(api) as small:
        assert api.get(path, token=admin).status_code == 200
    other = api.node("other")
    grow(api, other, 30)
    with statements(api) as large:
        assert api.get(path, token=admin).status_code == 200
    assert 0 < len(large) <= len(small)


def test_one_sees_the_way_to_a_node_exactly_where_one_sees_the_node(api):
    bank = api.node("bank")
    grow(api, bank, 3)
    tree = api.tools.tree
    with api.tools.units.store.view() as tx:
        nodes = tx.tree.all()

    def way(who, node):
        with suppress(PlumblineError):
            return view_ancestors(who, tree, node)
        return []

    apps = [node for node in nodes if node.kind is NodeKind.PROJECT]
    for name, at in (("top", bank.id), ("one", apps[1].id), ("none", None)):
        person = api.person(name) if at is None else api.person(name, "viewer", node=at)
        with api.tools.units.store.view() as tx:
            who = Actor(person, tuple(tx.grants.of(person.id)))
        seen = {node.id for node in list_nodes(who, tree)}
        ways = {node.id: way(who, node.id) for node in nodes}
        assert {number for number, found in ways.items() if found} == seen
        assert all(not found or (found[0].id == number and found[-1] == bank) for number, found in ways.items())
        assert len(seen) == {"top": len(nodes), "one": 3, "none": 0}[name]
    for node in (bank.id, 10_000):
        with pytest.raises(PlumblineError, match=f"There is no node {node}"):
            view_ancestors(who, tree, node)


def test_who_sees_one_project_sees_the_way_to_it_and_nothing_beside_it(api):
    bank = api.node("bank")
    grow(api, bank, 3)
    with api.tools.units.store.view() as tx:
        app = tx.tree.at("bank/system1/app")
    person = api.person("one", "viewer", node=app.id)
    token = api.token(person)
    shown = api.get(f"/nodes/{bank.id}", token=token).json()
    assert [child["name"] for child in shown["children"]] == ["system1"]
    assert shown["permissions"] == []
    assert api.get("/node", params={"path": "bank/system1"}, token=token).json()["name"] == "system1"
    hidden = api.get("/node", params={"path": "bank/system2"}, token=token)
    nothing = api.get("/node", params={"path": "bank/nothing"}, token=token)
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.json()["detail"].replace("system2", "nothing") == nothing.json()["detail"]
