"""In which order pipelines get a resource group is set over the API, per group."""

from __future__ import annotations

import pytest

from plumbline.model.tree import NodeKind


@pytest.fixture
def project(api):
    return api.node("core", NodeKind.PROJECT, parent=api.node("bank").id)


def put(api, project, name, mode, token):
    path = f"/api/v1/projects/{project}/resource_groups/{name}"
    return api.ask("PUT", path, token=token, json={"process_mode": mode})


def test_a_process_mode_is_set_and_seen_and_recorded(api, project):
    token = api.token(api.person("mei", "maintainer", node=project.id))
    path = f"/projects/{project.id}/resource_groups"
    assert api.get(path, token=token).json() == {"resource_groups": []}
    group = {"name": "production", "process_mode": "oldest_first", "job": 0}
    for _ in range(2):
        answer = put(api, project.id, "production", "oldest_first", token)
        assert (answer.status_code, answer.json()) == (200, group)
    assert put(api, project.id, "review%2Ffeature one", "newest_ready_first", token).status_code == 200
    other = {"name": "review/feature one", "process_mode": "newest_ready_first", "job": 0}
    assert api.get(path, token=token).json() == {"resource_groups": [group, other]}
    told = [event["subject"]["content"] for event in api.events("node.changed")]
    assert [(one["fields"], one["by"], one["path"]) for one in told] == [
        (["resource_group/production"], "mei", "bank/core"),
        (["resource_group/review/feature one"], "mei", "bank/core"),
    ]


@pytest.mark.parametrize("name", ["", "a%0Ab", "x" * 256])
def test_what_is_no_name_is_refused(api, project, name):
    token = api.token(api.person("ada", "admin"))
    assert put(api, project.id, name, "oldest_first", token).status_code == 404
    assert api.get(f"/projects/{project.id}/resource_groups", token=token).json() == {"resource_groups": []}


def test_what_is_no_mode_is_refused(api, project):
    token = api.token(api.person("ada", "admin"))
    for wrong in ("fastest", "", None):
        assert put(api, project.id, "production", wrong, token).status_code == 400
    bank = api.node("other")
    assert put(api, bank.id, "production", "unordered", token).json()["type"].endswith("not-a-project")
    assert put(api, 999, "production", "unordered", token).status_code == 404


@pytest.mark.parametrize(
    ("role", "sees", "sets"), [("viewer", 200, 403), ("developer", 200, 403), ("maintainer", 200, 200)]
)
def test_who_may(api, project, role, sees, sets):
    token = api.token(api.person("mei", role, node=project.id))
    assert api.get(f"/projects/{project.id}/resource_groups", token=token).status_code == 200
    assert put(api, project.id, "production", "newest_first", token).status_code == sets
    elsewhere = api.token(api.person("eve", role, node=api.node("else").id))
    assert api.get(f"/projects/{project.id}/resource_groups", token=elsewhere).status_code == 404
    assert put(api, project.id, "production", "newest_first", elsewhere).status_code == 404
