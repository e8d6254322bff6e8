"""Contracts and collections over the API, and what the command line makes of the answers."""

from __future__ import annotations

import pytest

from plumbline.cli.display.collections import collection_lines, explained_lines
from plumbline.flow.pipelines.occasions import NO_CONTRACT
from plumbline.model.change import Change, Event, Project
from plumbline.model.server import StoredPipeline
from plumbline.model.tree import NodeKind

TEXT = """contract: payments
title: {en: Payments, zh: 支付}
owner: payments
for: {occasion: pipeline}
need:
  - {id: unit, title: {en: Unit tests, zh: 单元测试}, kind: test-report, of: commit, made_by: [person]}
  - {id: sast, title: {en: Scan, zh: 扫描}, kind: scan.sast, of: commit}
"""
JUNIT = b'<testsuite name="t"><testcase classname="a" name="b" time="0.1"/></testsuite>'
SHA = "a" * 40


@pytest.fixture
def asked(api):
    token = api.token(api.person("ada", "admin"))
    node = api.node("core", NodeKind.PROJECT)

    def ask(method, path, **more):
        return api.ask(method, f"/api/v1{path}", token=token, **more)

    return api, ask, node


def pipeline_of(api, node):
    """One that was made, as far as contracts are concerned."""
    change = Change(project=Project(path=node.path, id=node.id), sha=SHA, branch="main", event=Event.PUSH)
    with api.tools.units.store.change() as tx:
        made = tx.pipelines.add(StoredPipeline(project=node.id, uid="u1", change=change), b"", b"")
        api.server.server.occasions.pipeline_made(tx, made, NO_CONTRACT)
    return made.id


def test_a_contract_is_checked_saved_listed_and_retired(asked):
    _, ask, node = asked
    at = f"/nodes/{node.id}/evidence-contracts"
    wrong = ask("POST", f"{at}/check", json={"text": TEXT.replace("scan.sast", "scan.sats")}).json()
    assert [(one["line"], bool(one["message"])) for one in wrong["problems"]] == [(7, True)]
    refused = ask("PUT", at, json={"text": TEXT.replace("scan.sast", "scan.sats")})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "contract-wrong")
    saved = ask("PUT", at, json={"text": TEXT, "reason": "red lines"})
    assert (saved.status_code, saved.json()["version"], saved.json()["needs"]) == (200, 1, ["unit", "sast"])
    assert [one["name"] for one in ask("GET", at).json()["contracts"]] == ["payments"]
    assert ask("POST", f"{at}/payments/retire", json={"reason": "replaced"}).json()["retired"] > 0
    assert ask("GET", at).json()["contracts"] == []
    assert len(ask("GET", f"{at}/payments").json()["contracts"]) == 1


def test_what_is_due_is_shown_explained_added_to_and_closed(asked):
    api, ask, node = asked
    assert ask("PUT", f"/nodes/{node.id}/evidence-contracts", json={"text": TEXT}).status_code == 200
    pipeline = pipeline_of(api, node)
    [found] = ask("GET", f"/pipelines/{pipeline}/evidence").json()["collections"]
    assert (found["state"], found["slots_by_state"]["open"], found["complete"]) == ("open", 2, False)
    assert sum(found["slots_by_state"].values()) == len(found["slots"])
    about = {"kind": "junit", "name": "j.xml", "pipeline": pipeline, "slot": "unit"}
    added = ask("POST", "/evidence", params=about, content=JUNIT)
    assert (added.status_code, [one["state"] for one in added.json()["slots"]]) == (201, ["filled"])
    explained = ask("GET", f"/collections/{found['uid']}/slot", params={"slot": "unit"}).json()
    assert [one["alone"] for one in explained["came"]] == ["filled"]
    assert "came: test-report of person:ada" in "\n".join(map(str, explained_lines(explained)))
    [found] = ask("GET", f"/nodes/{node.id}/collections", params={"open": "true"}).json()["collections"]
    said = "\n".join(map(str, collection_lines(found)))
    assert f"found 1, contract needs 2; missing: sast:{SHA}" in said
    assert "open, closes" in said
    closed = ask("POST", f"/collections/{found['uid']}/close", json={"reason": "enough"})
    assert (closed.status_code, closed.json()["ending"], closed.json()["closed_by"]) == (200, "by_person", "ada")
    assert {one["need"]: one["state"] for one in closed.json()["slots"]} == {"unit": "filled", "sast": "missing"}
    again = ask("POST", f"/collections/{found['uid']}/close", json={"reason": "enough"})
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "collection-closed")
    late = ask("POST", "/evidence", params=about, content=JUNIT.replace(b'"b"', b'"c"'))
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (409, "collection-closed")
