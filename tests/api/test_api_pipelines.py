"""A push over HTTP makes a pipeline; it runs, and is seen, tried again and read over the API."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import threading
import time

import pytest

from plumbline.model.tree import NodeKind
from plumbline.runner import Runner

pytestmark = pytest.mark.slow

CI = """
build:
  script:
    - echo built $COLOUR
    - test ! -e broken
"""


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-c", "user.name=ada", "-c", "user.email=ada@bank.test", "-C", str(folder), *arguments],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit(folder, name, text):
    (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", f"Add {name}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(api, admin, tmp_path):
    """A project bound to a repository: its node, the folder, the secret of its hook."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, ".gitlab-ci.yml", CI)
    bank = api.node("bank")
    node = api.node("core", NodeKind.PROJECT, parent=bank.id)
    bound = api.ask(
        "PUT", f"/api/v1/projects/{node.id}/repository", token=admin, json={"kind": "git", "url": str(folder)}
    )
    assert bound.status_code == 200, bound.text
    return node, folder, bound.json()["secret"]


@pytest.fixture
def running(api):
    runner = Runner(api.server.runner_tools())
    api.server.on_work(runner.wake)
    thread = threading.Thread(target=runner.run)
    thread.start()
    yield
    runner.stop()
    thread.join(30)


def push(api, project, folder, secret, **more):
    body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": git(folder, "rev-parse", "HEAD"), **more})
    signature = "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"X-Plumbline-Signature": signature, "X-Plumbline-Delivery": hashlib.sha256(body.encode()).hexdigest()}
    return api.ask("POST", f"/hooks/git/{project}", content=body, headers=headers)


def until(api, token, pipeline, *states):
    deadline = time.monotonic() + 90
    while True:
        found = api.get(f"/pipelines/{pipeline}", token=token).json()
        if found["pipeline"]["state"] in states:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_a_push_makes_a_pipeline_that_runs(api, admin, project, running):
    node, folder, secret = project
    api.ask(
        "PUT", f"/api/v1/nodes/{node.id}/variables/COLOUR", token=admin, json={"value": "bluegreen", "masked": True}
    )
    pipeline = api.carried_out(push(api, node.id, folder, secret)).pipeline
    found = until(api, admin, pipeline, "success", "failed")
    [job] = found["jobs"]
    log = api.get(f"/jobs/{job['id']}/log", token=admin)
    assert found["pipeline"]["state"] == "success", log.text
    assert "built [MASKED]" in log.text
    assert api.get(f"/jobs/{job['id']}/log?tail=3", token=admin).content == log.content[-3:]
    part = api.get(f"/jobs/{job['id']}/log", token=admin, headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, log.content[:5])
    assert api.get(f"/jobs/{job['id']}/log", token=admin, headers={"Range": "bytes=9999999-"}).status_code == 416
    assert api.get(f"/pipelines?project={node.id}", token=admin).json()["pipelines"][0]["id"] == pipeline
    assert len(api.events("pipelinerun.finished")) == 1


def test_a_failed_job_is_tried_again(api, admin, project, running):
    node, folder, secret = project
    commit(folder, "broken", "x")
    pipeline = api.carried_out(push(api, node.id, folder, secret)).pipeline
    found = until(api, admin, pipeline, "failed")
    assert found["jobs"][0]["exit_code"] == 1
    again = api.post(f"/jobs/{found['jobs'][0]['id']}/retry", token=admin)
    assert again.status_code == 201, again.text
    assert len(until(api, admin, pipeline, "failed")["jobs"]) == 2


WITH_INPUTS = """
ship:
  when: manual
  inputs: {where: {default: test}, count: {type: number, default: 1}, hosts: {type: array, default: []}}
  script: ["echo to ${{ job.inputs.where }} ${{ job.inputs.count }} ${{ job.inputs.hosts }}"]
"""


def test_inputs_of_a_job_are_given_as_it_is_played_and_retried(api, admin, project, running):
    node, folder, secret = project
    commit(folder, ".gitlab-ci.yml", WITH_INPUTS)
    pipeline = api.carried_out(push(api, node.id, folder, secret)).pipeline
    [job] = api.get(f"/pipelines/{pipeline}", token=admin).json()["jobs"]
    assert job["inputs"] == {}
    wrong = api.post(f"/jobs/{job['id']}/play", token=admin, json={"inputs": {"count": "many"}})
    assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (422, "job-input"), wrong.text
    assert api.post(f"/jobs/{job['id']}/play", token=admin, json={"inputs": {"where": None}}).status_code == 400
    assert api.post(f"/jobs/{job['id']}/play", token=admin, json={"input": {}}).status_code == 400
    played = api.post(f"/jobs/{job['id']}/play", token=admin, json={"inputs": {"where": "live", "hosts": ["a", 2]}})
    assert (played.status_code, played.json()["inputs"]) == (200, {"where": "live", "hosts": ["a", 2]}), played.text
    until(api, admin, pipeline, "success")
    assert b'to live 1 ["a",2]' in api.get(f"/jobs/{job['id']}/log", token=admin).content
    again = api.post(f"/jobs/{job['id']}/retry", token=admin, json={"inputs": {"count": 2.5}}).json()
    assert again["inputs"] == {"where": "live", "count": 2.5, "hosts": ["a", 2]}
    until(api, admin, pipeline, "success")
    assert b"to live 2.5" in api.get(f"/jobs/{again['id']}/log", token=admin).content
    as_before = api.post(f"/jobs/{again['id']}/retry", token=admin)
    assert (as_before.status_code, as_before.json()["inputs"]) == (201, again["inputs"])


def test_a_pipeline_passes_with_warnings_where_a_job_was_allowed_to_fail(api, admin, project, running):
    node, folder, secret = project
    scan = "scan:\n  script: [test -e clean]\n  allow_failure: true\n"
    commit(folder, ".gitlab-ci.yml", CI + scan)
    pipeline = api.carried_out(push(api, node.id, folder, secret)).pipeline
    assert until(api, admin, pipeline, "success")["pipeline"]["warnings"] is True
    commit(folder, "clean", "x")
    pipeline = api.carried_out(push(api, node.id, folder, secret)).pipeline
    assert until(api, admin, pipeline, "success")["pipeline"]["warnings"] is False
    listed = api.get(f"/pipelines?project={node.id}", token=admin).json()["pipelines"]
    assert [one["warnings"] for one in listed] == [False, True]


def test_what_is_told_again_has_the_earlier_outcome(api, project):
    node, folder, secret = project
    made = api.carried_out(push(api, node.id, folder, secret))
    answer = push(api, node.id, folder, secret)
    assert (answer.status_code, answer.json()["pipeline"]) == (200, made.pipeline)
    assert not api.events("delivery.refused")


def test_a_forged_webhook_is_refused_and_recorded(api, project):
    node, folder, _ = project
    answer = push(api, node.id, folder, "guess")
    assert (answer.status_code, answer.json()["type"]) == (401, "webhook-forged")
    [event] = api.events("delivery.refused")
    assert event["subject"]["content"]["reason"] == "webhook-forged"
    assert api.events("pipelinerun") == []


def test_a_person_starts_a_pipeline_and_a_viewer_does_not(api, admin, project):
    node, *_ = project
    made = api.post(f"/projects/{node.id}/pipelines", token=admin, json={"ref": "main"})
    assert made.status_code == 201, made.text
    canceled = api.post(f"/pipelines/{made.json()['id']}/cancel", token=admin)
    assert canceled.json()["state"] == "canceled"
    viewer = api.token(api.person("vic", "viewer", node=node.id))
    assert api.post(f"/projects/{node.id}/pipelines", token=viewer, json={}).status_code == 403
    assert api.get(f"/pipelines/{made.json()['id']}", token=viewer).status_code == 200
    stranger = api.token(api.person("sam"))
    assert api.get(f"/pipelines/{made.json()['id']}", token=stranger).status_code == 404


def test_an_unknown_ref_is_told(api, admin, project):
    node, *_ = project
    answer = api.post(f"/projects/{node.id}/pipelines", token=admin, json={"ref": "nowhere"})
    assert answer.status_code in (409, 422), answer.text


def test_only_who_runs_the_installation_names_a_path_on_it(api, project):
    node, folder, _ = project
    maintainer = api.token(api.person("mei", "maintainer", node=node.id))
    path = f"/api/v1/projects/{node.id}/repository"
    assert api.ask("PUT", path, token=maintainer, json={"kind": "git", "url": str(folder)}).status_code == 403
    options = ("ssh://a@-oProxyCommand=id/x", "ssh://-oProxyCommand=id/x", "ssh://a@b@-oProxyCommand=id/x")
    ports = ("ssh://a@b:-oProxyCommand=id/x", "git@-oProxyCommand=id:x", "https://h?@-x/y", "ssh://@-x/y")
    for wrong in ("ext::sh -c id", "--upload-pack=id", "x", *options, *ports):
        answer = api.ask("PUT", path, token=maintainer, json={"kind": "git", "url": wrong})
        assert answer.status_code in (400, 422), answer.text


def test_a_schedule_is_kept_and_removed(api, admin, project):
    node, *_ = project
    made = api.post(f"/projects/{node.id}/schedules", token=admin, json={"cron": "0 3 * * *"})
    assert made.status_code == 201, made.text
    assert made.json()["next"] > api.tools.units.clock()
    path = f"/api/v1/schedules/{made.json()['id']}"
    assert api.ask("PUT", path, token=admin, json={"cron": "x"}).status_code == 422
    assert (
        api.ask("PUT", path, token=admin, json={"cron": "1 3 * * *", "time_zone": "Asia/Shanghai"}).status_code == 200
    )
    other = api.person("eve", "maintainer")
    changed = api.ask("PUT", path, token=api.token(other), json={"cron": "2 3 * * *"})
    assert changed.json()["owner"] == other.id  # its pipelines may do what the one may who wrote it last
    assert api.ask("POST", f"{path}/play", token=admin).status_code == 201
    assert api.ask("DELETE", path, token=admin).status_code == 204
    assert api.get(f"/projects/{node.id}/schedules", token=admin).json() == {"schedules": []}


def test_who_did_what_and_which_pipeline_started_which_is_told(api, admin, project, running):
    node, folder, _ = project
    commit(folder, "child.yml", "inner: {script: [make -v]}\n")
    commit(
        folder,
        ".gitlab-ci.yml",
        "go: {trigger: {include: child.yml, strategy: depend}}\nby-hand: {script: [x], when: manual}\n",
    )
    made = api.ask("POST", f"/api/v1/projects/{node.id}/pipelines", token=admin, json={}).json()
    assert (made["starter"], made["upstream_pipeline"], made["downstream"]) == ("ada", 0, [])
    until(api, admin, made["id"], "success", "failed")
    found = api.get(f"/pipelines/{made['id']}", token=admin).json()
    [go] = [job for job in found["jobs"] if job["name"] == "go"]
    assert found["pipeline"]["downstream"] == [go["downstream"]]
    below = api.get(f"/pipelines/{go['downstream']}", token=admin).json()
    assert (below["pipeline"]["upstream_pipeline"], below["pipeline"]["upstream"]) == (made["id"], go["id"])
    assert found["worked"] > 0
    assert (found["waited"], api.get(f"/jobs/{go['id']}", token=admin).json()["downstream"]) == (0, go["downstream"])
    [by_hand] = [job for job in found["jobs"] if job["name"] == "by-hand"]
    played = api.ask("POST", f"/api/v1/jobs/{by_hand['id']}/play", token=admin).json()
    assert (played["pressed"], played["person"]) == ("play", "ada")
    canceled = api.ask("POST", f"/api/v1/jobs/{by_hand['id']}/cancel", token=admin).json()
    if canceled["state"] in ("canceled", "canceling"):  # the runner may have been faster
        assert canceled["canceler"] == "ada"
    listed = api.get(f"/pipelines?project={node.id}", token=admin).json()["pipelines"]
    assert [one["starter"] for one in listed] == ["ada", "ada"]
