"""Who is let in, who is refused, and that refusals stand in the ledger."""

from __future__ import annotations

import pytest

from plumbline.kernel import PlumblineError, t
from plumbline.model.person import Role

DAY = 24 * 3600 * 1_000_000


def test_nobody_gets_nothing(api):
    answer = api.get("/nodes")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    problem = answer.json()
    assert problem["type"] == "not-signed-in"
    assert problem["instance"] == answer.headers["x-request-id"]
    assert problem["hint"]


def test_a_token_lets_its_owner_in(api, admin):
    assert api.get("/nodes", token=admin).json() == {"nodes": []}


@pytest.mark.parametrize(
    "spoil",
    [lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"), lambda _: "plumb_x_y", lambda _: "x" * 5000],
    ids=["secret", "form", "length"],
)
def test_a_wrong_token_is_refused_and_recorded(api, admin, spoil):
    answer = api.get("/nodes", token=spoil(admin), address="10.1.2.3")
    assert answer.status_code == 401
    assert answer.json()["type"] == "unknown-credential"
    [event] = api.events("access.refused")
    assert event["subject"]["content"]["reason"] == "unknown-credential"
    assert event["subject"]["content"]["address"] == "10.1.2.3"


def test_an_expired_token_is_refused_and_recorded(api):
    token = api.token(api.person("eve", "admin"), expires=-1)
    assert api.get("/nodes", token=token).status_code == 401
    assert len(api.events("access.refused")) == 1


def test_a_wrong_role_is_refused_and_recorded(api):
    token = api.token(api.person("vic", "viewer"))
    answer = api.post("/nodes", token=token, json={"kind": "organisation", "name": "bank"})
    assert answer.status_code == 403
    [event] = api.events("access.refused")
    content = event["subject"]["content"]
    assert (content["person"], content["permission"], content["reason"]) == ("vic", "create_node", "not-allowed")
    assert api.events("node.created") == []


def test_a_narrow_token_does_only_what_its_scopes_say(api):
    person = api.person("ada", "admin")
    token = api.token(person, scopes=["project.view"])
    assert api.get("/nodes", token=token).status_code == 200
    assert api.get("/ledger/state", token=token).status_code == 403


def test_the_same_refusal_is_recorded_once_a_minute(api):
    for _ in range(5):
        assert api.get("/nodes", address="10.0.0.9").status_code == 401
    assert len(api.events("access.refused")) == 1


def test_what_one_may_not_see_is_not_listed(api):
    bank, other = api.node("bank"), api.node("other")
    token = api.token(api.person("vic", "viewer", node=bank.id))
    assert [node["path"] for node in api.get("/nodes", token=token).json()["nodes"]] == ["bank"]
    assert api.get(f"/nodes/{other.id}", token=token).status_code == 404


def test_every_answer_has_the_headers_of_safety(api, admin):
    for answer in (api.get("/nodes", token=admin), api.ask("GET", "/nothing"), api.ask("GET", "/healthz")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


def test_problems_are_told_in_the_language_of_the_caller(api):
    answer = api.get("/nodes", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert answer.json()["type"] == "not-signed-in"
    assert answer.status_code == 401


def test_every_role_is_known_to_the_api():
    assert len(Role) == 9


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1"])
def test_figures_are_for_a_token_wherever_it_comes_from(api, admin, address):
    """A job asks from this machine as well."""
    assert api.ask("GET", "/metrics", address=address).status_code == 403
    assert api.ask("GET", "/metrics", address=address, token="pl_made-up").status_code == 403
    assert api.ask("GET", "/metrics", address=address, token=admin).status_code == 200


def test_where_nothing_can_be_written_refusals_and_reading_stay_what_they_are(api, admin, monkeypatch):
    """A full disk: 401 is still 401, and a token whose last use cannot be noted still reads."""

    def full():
        raise PlumblineError("disk-full", t("no space left on the device while writing {path}", path="/data"))

    monkeypatch.setattr(api.tools.units.store, "change", full)
    monkeypatch.setattr(api.tools.ledger.ledger, "append", lambda drafts: full())
    assert api.get("/nodes", token="plumb_x").status_code == 401
    assert api.get("/nodes", token=admin).status_code == 200
    failed = api.post("/nodes", token=admin, json={"kind": "organisation", "name": "bank"})
    assert (failed.status_code, failed.json()["type"]) == (503, "disk-full")
