"""Nodes are renamed, moved and deleted over HTTP, and say who belongs to them."""

from __future__ import annotations

import pytest

from plumbline.model.person import Role
from plumbline.model.tree import NodeKind


@pytest.fixture
def estate(api):
    api.bank = api.node("bank")
    api.pay = api.node("pay", NodeKind.SYSTEM, api.bank.id)
    api.loans = api.node("loans", NodeKind.PRODUCT_LINE, api.bank.id)
    api.core = api.node("core", NodeKind.PROJECT, api.pay.id)
    return api


def refusal(response, status):
    assert response.status_code == status, response.text
    return response.json()["type"].rpartition("/")[2]


def test_another_name_and_another_place(estate, admin):
    path = f"/api/v1/nodes/{estate.pay.id}"
    assert estate.ask("PATCH", path, token=admin, json={"name": "payments"}).json()["path"] == "bank/payments"
    moved = estate.ask(
        "PATCH", path, token=admin, json={"parent": estate.loans.id, "name": "pay", "was": "bank/payments"}
    )
    assert moved.json()["path"] == "bank/loans/pay"
    assert estate.get("/node", token=admin, params={"path": "bank/loans/pay/core"}).json()["id"] == estate.core.id
    told = estate.get("/node", token=admin, params={"path": "bank/pay/core"})
    assert refusal(told, 404) == "not-found"
    assert "is at bank/loans/pay/core" in told.text


def test_what_is_refused(estate, admin):
    path = f"/api/v1/nodes/{estate.pay.id}"
    for body, status, code in (
        ({"name": "x", "was": "bank/other"}, 409, "node-moved"),
        ({"name": "loans"}, 409, "node-exists"),
        ({"parent": estate.core.id}, 422, "node-misplaced"),
        ({"parent": estate.pay.id}, 422, "node-misplaced"),
        ({"name": "x", "title": "X"}, 400, "invalid-request"),
        ({"name": "支付"}, 400, "invalid-request"),
        ({"name": "a/b"}, 400, "invalid-request"),
        ({"parent": 10_000}, 404, "not-found"),
    ):
        assert refusal(estate.ask("PATCH", path, token=admin, json=body), status) == code


def test_it_goes_when_it_is_named_by_its_path(estate, admin):
    path = f"/api/v1/nodes/{estate.core.id}"
    assert refusal(estate.ask("DELETE", path, token=admin, params={"path": "bank/core"}), 409) == "node-moved"
    assert estate.ask("DELETE", path, token=admin).status_code == 400
    assert refusal(
        estate.ask("DELETE", f"/api/v1/nodes/{estate.pay.id}", token=admin, params={"path": "bank/pay"}), 409
    ) == ("node-not-empty")
    assert estate.ask("DELETE", path, token=admin, params={"path": "bank/pay/core"}).status_code == 204
    assert estate.get(f"/nodes/{estate.core.id}", token=admin).status_code == 404
    made = {"kind": "project", "name": "core", "parent": estate.pay.id}
    assert estate.post("/nodes", token=admin, json=made).json()["id"] > estate.core.id


def test_members_with_where_each_role_comes_from(estate, admin):
    mei = estate.person("mei", Role.MAINTAINER, node=estate.core.id)
    estate.person("li", Role.VIEWER, node=estate.bank.id)
    token = estate.token(mei)
    found = estate.get(f"/nodes/{estate.core.id}/members", token=token).json()["members"]
    assert [(one["name"], one["role"], one["place"]) for one in found if one["place"] != "/"] == [
        ("mei", "maintainer", "bank/pay/core"),
        ("li", "viewer", "bank"),
    ]
    assert estate.get(f"/nodes/{estate.pay.id}/members", token=token).status_code == 404
