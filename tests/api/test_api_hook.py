"""The hook of a plain repository on the server's own machine: a real push makes a pipeline."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

SOURCE = str(Path(__file__).parents[2] / "src")


def git(folder, *words):
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    environment = os.environ | {"PYTHONPATH": SOURCE}
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip() + done.stderr


def bind(api, token, project, host, **body):
    return api.ask(
        "PUT",
        f"/api/v1/projects/{project}/repository",
        token=token,
        headers={"Host": host},
        json={"kind": "git", **body},
    )


def test_a_push_is_told_by_the_hook_that_the_server_wrote(api, admin, served, tmp_path):
    bare, home = tmp_path / "core.git", tmp_path / "home"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(tmp_path, "clone", "-q", str(bare), str(home))
    (home / ".gitlab-ci.yml").write_text("good: {script: [echo hello]}\n")
    project = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id
    answer = bind(api, admin, project, served.removeprefix("http://"), url=str(bare), hook=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["installed"] == str(bare / "hooks" / "post-receive")
    assert answer.json()["secret"] not in (bare / "hooks" / "post-receive").read_text()
    [secret] = (Path(api.server._pipelines.data) / "hooks").iterdir()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    git(home, "add", ".")
    git(home, "commit", "-q", "-m", "Begin")
    said = git(home, "push", "-q", "origin", "HEAD:main")
    assert carry_out_due(api.tools.pipelines, "test/1") == 1
    [made] = api.get("/pipelines", token=admin).json()["pipelines"]
    assert (made["sha"], made["ref"], made["event"]) == (git(home, "rev-parse", "HEAD"), "main", "push"), said
    assert api.events("delivery.accepted")
    again = bind(api, admin, project, served.removeprefix("http://"), url=str(bare), hook=True)
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("kind", "url", "status", "code"),
    [
        ("git", "https://git.example/core.git", 422, "hook-not-possible"),
        ("gitlab", "/srv/core.git", 422, "hook-not-possible"),
        ("git", "/nowhere/core.git", 409, "repository-vanished"),
    ],
)
def test_where_no_hook_can_be_written_nothing_is_bound(api, admin, kind, url, status, code):
    project = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id
    answer = bind(api, admin, project, "plumb.test", kind=kind, url=url, hook=True)
    assert (answer.status_code, answer.json()["type"]) == (status, code)
    assert api.get(f"/projects/{project}/repository", token=admin).status_code == 404


def test_the_hook_of_somebody_else_stays(api, admin, tmp_path):
    bare = tmp_path / "core.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    (bare / "hooks" / "post-receive").write_text("#!/bin/sh\necho mine\n")
    project = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id
    answer = bind(api, admin, project, "plumb.test", url=str(bare), hook=True)
    assert (answer.status_code, answer.json()["type"]) == (409, "hook-exists")
    assert "plumb notify" in answer.json()["hint"] or sys.executable in answer.json()["hint"]
    assert "mine" in (bare / "hooks" / "post-receive").read_text()
    assert api.get(f"/projects/{project}/repository", token=admin).status_code == 404
