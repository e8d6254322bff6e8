"""Requests that are not as they have to be: each is told so, and none is a fault."""

from __future__ import annotations

import json

import pytest

from plumbline.flow.tree.repository_credentials import LONGEST_KEY
from plumbline.flow.tree.variables import LONGEST_VALUE

pytestmark = pytest.mark.slow

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 100_000, 413),
        (b"[" * 50_000, 400),
        (b'{"kind":"organisation","name":"a\\u0000b"}', 400),
        (b'{"kind":"organisation","name":"\xff"}', 400),
        (b'{"kind":"organisation","name":"a","more":1}', 400),
        (b'{"kind":"galaxy","name":"a"}', 400),
        (b'{"kind":"organisation","name":"a","parent":99999999999999999999}', 400),
        (b'{"kind":"organisation","name":"a","parent":77}', 404),
        (b'{"kind":"system","name":"a"}', 422),
        (b'{"kind":"organisation","name":"a.git"}', 422),
    ],
)
def test_a_wrong_body(api, admin, body, status):
    answer = api.post("/nodes", token=admin, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_body_of_another_kind(api, admin):
    assert api.post("/nodes", token=admin, data={"name": "a"}).status_code == 415


@pytest.mark.parametrize("node", ["0", "-1", "x", "99999999999999999999999", "1.5", "%00", "null"])
def test_an_address_that_names_nothing(api, admin, node):
    assert api.get(f"/nodes/{node}", token=admin).status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=201", "more=1", "limit=1&limit=2", "after=-1"])
def test_a_wrong_query(api, admin, query):
    answer = api.get(f"/ledger/entries?{query}", token=admin)
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid-request"


def test_a_method_that_is_not_there(api, admin):
    answer = api.ask("DELETE", "/api/v1/nodes", token=admin)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {each.strip() for each in answer.headers["allow"].split(",")}
    assert answer.json()["type"] == "method-not-allowed"


def test_an_address_that_is_not_there(api):
    answer = api.ask("GET", "/api/v1/unicorns")
    assert answer.status_code == 404
    assert answer.json()["type"] == "not-found"


def test_a_fault_says_only_where_to_look(api, admin, monkeypatch):
    def broken():
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(api.tools.ledger.ledger, "head", broken)
    answer = api.get("/ledger/state", token=admin, headers={"X-Request-Id": "abcdefgh"})
    assert answer.status_code == 500
    assert answer.json()["instance"] == "abcdefgh"
    assert "secret" not in answer.text


@pytest.mark.parametrize("twice", ['"name": "b"', '"settings": {"x": 1, "\\u0078": 2}'])
def test_a_body_that_says_a_name_twice(api, admin, twice):
    body = f'{{"kind": "organisation", "name": "a", {twice}}}'
    answer = api.post("/nodes", token=admin, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid-request")
    assert "stands twice" in answer.text
    assert not api.events("node.created")


def test_a_name_twice(api, admin):
    for status in (201, 409):
        answer = api.post("/nodes", token=admin, json={"kind": "organisation", "name": "bank"})
        assert answer.status_code == status
    [event] = api.events("node.created")
    assert event["subject"]["content"] == {"kind": "organisation", "path": "bank", "by": "ada"}


@pytest.mark.parametrize("letter", ["a", "中", "\n", "𠮷"])
def test_the_longest_value_fits_into_a_request_in_every_script(api, admin, letter):
    body = {"value": letter * LONGEST_VALUE, "masked": False}
    answer = api.ask("PUT", "/api/v1/nodes/0/variables/LONG", token=admin, content=json.dumps(body), headers=JSON)
    assert answer.status_code == 200, answer.text
    body["value"] += letter
    answer = api.ask("PUT", "/api/v1/nodes/0/variables/LONG", token=admin, content=json.dumps(body), headers=JSON)
    assert answer.status_code == 400


def test_the_longest_credential_fits_into_a_request(api, admin):
    body = {"secret": "中" * LONGEST_KEY, "known_hosts": "𠮷" * LONGEST_KEY}
    path = "/api/v1/nodes/0/repository-credentials/ssh/git.bank.example"
    answer = api.ask("PUT", path, token=admin, content=json.dumps(body), headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (422, "credential-key-wrong")
