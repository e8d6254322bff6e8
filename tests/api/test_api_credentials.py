"""Credentials of private repositories over the API: written, listed without their secrets, used, removed."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import time
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from git_servers import HERE, HttpGit
from local_repositories import make_repository

from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

TOKEN = "glpat-0123456789abcdef"
SIGNING_TOKEN = "whsec_" + b64encode(bytes(range(32))).decode()


@pytest.fixture
def tree(api):
    bank = api.node("bank")
    pay = api.node("pay", NodeKind.PRODUCT_LINE, parent=bank.id)
    with api.tools.units.store.change() as tx:
        tx.tree.save(msgspec.structs.replace(tx.tree.get(pay.id), settings={"repository.hosts": [*HERE]}))
    return bank.id, pay.id, api.node("core", NodeKind.PROJECT, parent=pay.id).id


@pytest.fixture
def forge(tmp_path):
    (tmp_path / "served").mkdir()
    make_repository(tmp_path / "served" / "core", {".gitlab-ci.yml": "a: {script: [make]}\n"})
    server = HttpGit(tmp_path / "served", "deploy", TOKEN)
    yield server
    server.close()


def put(api, token, node, place, **body):
    path = f"/api/v1/nodes/{node}/repository-credentials/{place}"
    return api.ask("PUT", path, token=token, json={"secret": TOKEN, **body})


def test_a_private_repository_is_connected(api, admin, tree, forge):
    _, pay, core = tree
    bound = api.ask(
        "PUT", f"/api/v1/projects/{core}/repository", token=admin, json={"kind": "git", "url": f"{forge.url}/core/.git"}
    )
    assert bound.status_code == 200, bound.text
    start = {"token": admin, "json": {"ref": "main"}}
    refused = api.post(f"/projects/{core}/pipelines", **start)
    assert (refused.status_code, refused.json()["type"]) == (409, "repository-refused")
    assert f"There is no credential for {forge.url}" in refused.json()["hint"]
    answer = put(api, admin, pay, f"http/{forge.host}", username="deploy")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "node": pay, "scheme": "http", "host": forge.host, "username": "deploy", "known_hosts": "",
        "changed": answer.json()["changed"], "changed_by": 1,
    }  # fmt: skip
    assert api.post(f"/projects/{core}/pipelines", **start).status_code == 201
    listed = api.get(f"/nodes/{core}/repository-credentials", token=admin)
    assert listed.json()["credentials"] == [answer.json()]
    for path in (f"/nodes/{core}/repository-credentials", f"/projects/{core}/repository", "/ledger/entries"):
        assert TOKEN not in api.get(path, token=admin).text
    gone = f"/api/v1/nodes/{pay}/repository-credentials/http/{forge.host}"
    assert api.ask("DELETE", gone, token=admin).status_code == 204
    assert api.ask("DELETE", gone, token=admin).status_code == 404
    assert api.post(f"/projects/{core}/pipelines", **start).json()["type"] == "repository-refused"


def test_it_takes_the_rights_that_variables_take(api, admin, tree):
    bank, pay, core = tree
    maintainer = api.token(api.person("mei", "maintainer", node=pay))
    viewer = api.token(api.person("vic", "viewer", node=bank))
    nobody = api.token(api.person("nil"))
    assert put(api, maintainer, core, "https/git.bank.example").status_code == 200
    assert put(api, maintainer, pay, "https/git.bank.example").status_code == 200
    assert put(api, maintainer, bank, "https/git.bank.example").status_code == 404
    assert put(api, maintainer, 0, "https/git.bank.example").status_code == 403
    assert put(api, viewer, core, "https/git.bank.example").status_code == 403
    assert put(api, None, core, "https/git.bank.example").status_code == 401
    assert put(api, admin, 0, "https/git.bank.example").status_code == 200
    path = f"/nodes/{core}/repository-credentials"
    assert api.get(path, token=nobody).status_code in (403, 404)
    assert [one["node"] for one in api.get(path, token=maintainer).json()["credentials"]] == [0, pay, core]
    gone = f"/api/v1{path}/https/git.bank.example"
    assert api.ask("DELETE", gone, token=viewer).status_code == 403
    assert api.ask("DELETE", gone, token=maintainer).status_code == 204
    assert put(api, admin, 99, "https/git.bank.example").status_code == 404


@pytest.mark.parametrize(
    ("place", "body", "status", "code"),
    [
        ("ftp/git.bank.example", {}, 404, "not-found"),
        ("https/*.bank.example", {}, 404, "not-found"),
        ("https/a..b-", {}, 422, "credential-host-wrong"),
        ("https/git.bank.example", {"secret": "two\nlines"}, 422, "credential-password-wrong"),
        ("https/git.bank.example", {"secret": ""}, 400, "invalid-request"),
        ("https/git.bank.example", {"unknown": 1}, 400, "invalid-request"),
        ("ssh/git.bank.example", {}, 422, "credential-key-wrong"),
    ],
)
def test_what_cannot_work_is_refused(api, admin, tree, place, body, status, code):
    answer = put(api, admin, tree[0], place, **body)
    assert (answer.status_code, answer.json()["type"]) == (status, code), answer.text
    assert TOKEN not in answer.text


class TestSignedWebhooks:
    def hook(self, api, core, secret, *, at=None, **headers):
        body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "0" * 40}).encode()
        at = str(int(at if at is not None else time.time()))
        digest = hmac.new(secret, f"m-1.{at}.".encode() + body, hashlib.sha256).digest()
        signed = {"webhook-id": "m-1", "webhook-timestamp": at, "webhook-signature": f"v1,{b64encode(digest).decode()}"}
        return api.ask(
            "POST", f"/hooks/gitlab/{core}", content=body, headers={"X-Gitlab-Event": "Push Hook", **signed, **headers}
        )

    def test_gitlabs_signing_token_takes_the_place_of_our_secret(self, api, admin, tree):
        core = tree[2]
        bound = {"kind": "gitlab", "url": "https://gitlab.bank.example/pay/core.git"}
        path = f"/api/v1/projects/{core}/repository"
        first = api.ask("PUT", path, token=admin, json=bound).json()["secret"]
        key = bytes(range(32))
        unknown = self.hook(api, core, key, **{"X-Gitlab-Token": first})
        assert (unknown.status_code, unknown.json()["type"]) == (401, "webhook-forged")
        assert "signing token" in unknown.json()["hint"]
        answer = api.ask("PUT", path, token=admin, json={**bound, "signing_token": SIGNING_TOKEN})
        assert (answer.status_code, answer.json()["secret"]) == (200, ""), answer.text
        assert SIGNING_TOKEN not in answer.text
        assert self.hook(api, core, b"wrong", **{"X-Gitlab-Token": SIGNING_TOKEN}).status_code == 401
        late = self.hook(api, core, key, at=time.time() - 900)
        assert (late.status_code, late.json()["type"]) == (401, "webhook-outdated")
        assert self.hook(api, core, key).json()["outcome"] == "nothing"
        again = self.hook(api, core, key, **{"Idempotency-Key": "new"})
        assert (again.status_code, again.json()["outcome"]) == (200, "nothing")
        reasons = [event["subject"]["content"]["reason"] for event in api.events("delivery.refused")]
        assert reasons == ["webhook-forged", "webhook-forged", "webhook-outdated"]

    @pytest.mark.parametrize(
        ("kind", "token"),
        [("github", SIGNING_TOKEN), ("gitlab", "whsec_AAAA"), ("gitlab", "hush"), ("gitlab", SIGNING_TOKEN[6:])],
    )
    def test_what_is_no_signing_token_is_refused(self, api, admin, tree, kind, token):
        body = {"kind": kind, "url": "https://gitlab.bank.example/pay/core.git", "signing_token": token}
        answer = api.ask("PUT", f"/api/v1/projects/{tree[2]}/repository", token=admin, json=body)
        assert (answer.status_code, answer.json()["type"]) == (422, "signing-token-wrong")
        assert token not in answer.text
