"""What somebody tries who wants more than a role allows, and what a server must not tell, keep or fall over."""

from __future__ import annotations

import pytest

from plumbline.model.server import Binding
from plumbline.model.tree import NodeKind


@pytest.fixture
def pay(api):
    return api.node("pay", NodeKind.PROJECT, parent=api.node("bank").id).id


@pytest.fixture
def maintainer(api, pay):
    return api.person("mia", "maintainer", node=pay)


def patch(api, path, token, **body):
    return api.ask("PATCH", f"/api/v1{path}", token=token, json=body)


def test_who_looks_after_a_project_does_not_let_its_jobs_out_of_the_sandbox(api, admin, pay, maintainer):
    token = api.token(maintainer)
    for value in ("none", "bwrap"):
        refused = patch(api, f"/nodes/{pay}", token, settings={"ci.isolation": value})
        assert (refused.status_code, refused.json()["type"]) == (403, "not-allowed")
    new = {"kind": "project", "name": "two", "parent": 1, "settings": {"ci.isolation": "none"}}
    with api.tools.units.store.change() as tx:
        tx.grants.add(api_grant(maintainer.id, 1))
    assert api.post("/nodes", token=token, json=new).status_code == 403
    assert patch(api, f"/nodes/{pay}", token, settings={"ci.timeout": 60}).status_code == 200
    assert patch(api, f"/nodes/{pay}", admin, settings={"ci.isolation": "none"}).status_code == 200
    assert patch(api, f"/nodes/{pay}", token, settings={"ci.timeout": 61}).status_code == 200
    assert patch(api, f"/nodes/{pay}", token, settings={"ci.isolation": None}).status_code == 403


@pytest.mark.parametrize("key", ["ci.accessible_from", "ci.protected_refs", "ci.protected_tags"])
def test_settings_that_are_lists_of_names(api, admin, pay, key):
    kept = patch(api, f"/nodes/{pay}", admin, settings={key: ["bank", "release/*"]})
    assert kept.json()["settings"] == {key: ["bank", "release/*"]}
    assert api.get(f"/nodes/{pay}", token=admin).json()["settings"][key]["value"] == ["bank", "release/*"]
    for wrong in ("bank", 3, True):
        refused = patch(api, f"/nodes/{pay}", admin, settings={key: wrong})
        assert (refused.status_code, refused.json()["type"]) == (422, "setting-wrong")
    for wrong in ([1], [""], [["bank"]], ["a\n"], ["x"] * 101):
        assert patch(api, f"/nodes/{pay}", admin, settings={key: wrong}).status_code == 400
    assert patch(api, f"/nodes/{pay}", admin, settings={"ci.timeout": ["60"]}).json()["type"] == "setting-wrong"
    assert patch(api, f"/nodes/{pay}", admin, settings={key: None}).json()["settings"] == {}


def api_grant(person, node):
    from plumbline.model.person import Grant, Role

    return Grant(person=person, node=node, role=Role.MAINTAINER)


def test_a_narrow_token_does_not_touch_the_account_of_its_owner(api, maintainer):
    whole, narrow = api.token(maintainer), api.token(maintainer, scopes=("project.view",))
    assert patch(api, "/me", narrow, email="eve@example.com").status_code == 403
    tokens = {tuple(one["scopes"]): one["id"] for one in api.get("/me/tokens", token=whole).json()["tokens"]}
    assert api.ask("DELETE", f"/api/v1/me/tokens/{tokens[('all',)]}", token=narrow).status_code == 403
    assert api.get("/me", token=whole).status_code == 200
    assert api.ask("DELETE", f"/api/v1/me/tokens/{tokens[('project.view',)]}", token=narrow).status_code == 204
    assert api.get("/me", token=narrow).status_code == 401


def test_of_what_somebody_may_not_see_not_even_the_name_is_told(api, pay):
    secret = api.node("acquisition", parent=None).id
    token = api.token(api.person("vic", "viewer", node=pay))
    refused = api.get(f"/nodes/{secret}", token=token)
    unknown = api.get("/nodes/999999", token=token)
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.json()["detail"].replace(str(secret), "?") == unknown.json()["detail"].replace("999999", "?")
    assert "acquisition" not in refused.text


@pytest.mark.parametrize("field", ["name", "title", "email"])
def test_no_value_ends_with_a_line_break(api, admin, field):
    refused = api.post("/people", token=admin, json={"name": "mei", field: "mei\n"})
    assert (refused.status_code, refused.json()["type"]) == (400, "invalid-request")


def test_capitals_make_no_other_name(api, admin):
    assert api.post("/nodes", token=admin, json={"kind": "organisation", "name": "bank"}).status_code == 201
    twin = api.post("/nodes", token=admin, json={"kind": "organisation", "name": "BANK"})
    assert (twin.status_code, twin.json()["type"]) == (409, "node-exists")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "mei", "admin": True}, "没有字段"),
        ({}, "缺少字段"),
        ({"name": 5}, "name："),
        ({"name": "a b"}, "name："),
        ({"name": "a" * 101}, "100"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_in_the_language_of_the_caller(api, admin, body, said):
    refused = api.post("/people", token=admin, json=body, headers={"Accept-Language": "zh"})
    assert refused.status_code == 400
    assert said in refused.json()["detail"]
    assert "Expected" not in refused.json()["detail"]
    assert "openapi" in refused.json()["hint"]


def test_an_endless_address_is_refused_before_anything_reads_it(api):
    assert api.ask("GET", "/jobs/" + "9" * 5000).status_code == 414


def test_an_old_address_with_a_password_gives_way_to_the_one_that_is_shown(api, admin, pay):
    old = "https://ada:s3cret@git.bank/x.git"
    with api.tools.units.store.change() as tx:
        tx.bindings.put(Binding(project=pay, kind="git", url=old))
    shown = api.get(f"/projects/{pay}/repository", token=admin).json()["url"]
    assert shown == "https://git.bank/x.git"
    body = {"kind": "git", "url": shown}
    answer = api.ask("PUT", f"/api/v1/projects/{pay}/repository", token=admin, json=body)
    assert answer.status_code == 200, answer.text
    with api.tools.units.store.view() as tx:
        assert tx.bindings.get(pay).url == shown
