"""The hook of a plain repository on the server's own machine: a real push makes a pipeline."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from plumbline.cli.commands.notify import notifications
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.model.tree import NodeKind
from plumbline.runner import DeliveryWorker
from plumbline.wiring.server import sign_notification

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


@pytest.fixture
def at_work(api):
    """Deliveries are carried out, as by a server that is up."""
    worker = DeliveryWorker(api.server.runner_tools())
    api.server.on_work(worker.wake)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield
    worker.stop()
    thread.join()


@pytest.fixture
def pushed(api, admin, served, tmp_path):
    """``pushed(files, message)``: what git says of a push to the repository of a project; no configuration at first."""
    bare, home = tmp_path / "core.git", tmp_path / "home"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(bare, "config", "receive.advertisePushOptions", "true")
    git(tmp_path, "clone", "-q", str(bare), str(home))
    project = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id
    assert bind(api, admin, project, served.removeprefix("http://"), url=str(bare), hook=True).status_code == 200
    hook = bare / "hooks" / "post-receive"

    def push(files, message="Change", *more, ref="HEAD:main", wait=120):
        hook.write_text(hook.read_text().replace(" notify http", f" notify --wait {wait} http"))
        for name, text in files.items():
            (home / name).write_text(text)
        git(home, "add", ".")
        git(home, "commit", "-q", "--allow-empty", "-m", message)
        return [line.strip() for line in git(home, "push", "-q", *more, "origin", ref).splitlines()]

    return push


def test_who_pushes_is_told_the_pipeline_or_why_there_is_none(api, served, at_work, pushed):
    good = {".gitlab-ci.yml": "good: {script: [echo hello], rules: [{if: '$CI_COMMIT_BRANCH == \"main\"'}]}\n"}
    none = "remote: No pipeline for main: the commit has no configuration; `plumb init` proposes one."
    assert pushed({"a": "1"}) == [none]
    assert pushed(good) == [f"remote: Pipeline #1: {served}/pipelines/1"]
    assert pushed({}, "Words alone [skip ci]") == ["remote: No pipeline for main: whoever pushed says to skip it."]
    said = pushed({}, "Words", "-o", "ci.skip")
    assert said == ["remote: No pipeline for main: whoever pushed says to skip it."]
    other = pushed({}, "Side", ref="HEAD:side")
    assert other == ["remote: No pipeline for side: the rules of the configuration leave no job."]
    many = pushed({}, "Main again", ref="HEAD:main")
    assert many == [f"remote: Pipeline #2: {served}/pipelines/2"]


def test_a_push_waits_a_few_seconds_and_is_told_where_to_look(api, served, pushed):
    """Nobody carries anything out here."""
    said = pushed({".gitlab-ci.yml": "good: {script: [echo hello]}\n"}, wait=1)
    [told] = deliveries(api)
    where = f"{served}/projects/{told.project}"
    assert said == [f"remote: The push is told, and its pipeline is not made yet: {where}"]


def deliveries(api):
    with api.tools.units.store.view() as tx:
        return tx.deliveries.newest(None, 10)


def test_what_came_of_a_message_is_told_to_whoever_has_that_message_alone(api, admin, tmp_path):
    project = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id
    secret = bind(api, admin, project, "plumb.test", url="/srv/core.git").json()["secret"].encode()

    def ask(path, at, key=secret):
        lines = [f"{'0' * 40} {'a' * 40} refs/heads/main\n"]
        [message] = notifications(lines, {}, at)
        headers = {"X-Plumbline-Signature": sign_notification(message.body, key)}
        return api.ask("POST", f"/hooks/git/{project}{path}", content=message.body, headers=headers)

    assert ask("/outcome", 1).status_code == 404
    assert ask("", 1).status_code == 202
    assert (ask("/outcome", 1).status_code, ask("/outcome", 1).json()["outcome"]) == (200, "queued")
    assert ask("/outcome", 2).status_code == 404  # a message of the same secret that was never sent
    assert (ask("/outcome", 1, b"guessed").status_code, ask("/outcome", 1, b"guessed").json()["type"]) == (
        401,
        "webhook-forged",
    )
    assert len(deliveries(api)) == 1
