"""What a job left is told with its time, may be kept for ever, and goes; its log too."""

from __future__ import annotations

import os
import subprocess
import time
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from plumbline.cli import embedded
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.server import Binding
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

CI = "build: {script: [make], artifacts: {paths: [out], expire_in: 3 days}}"
DAY = 24 * 3600 * 1_000_000
BYTES = b"x" * 1000
DIGEST = f"sha256:{sha256(BYTES).hexdigest()}"
KEPT = KeptFile(kind="archive", name="artifacts.zip", files=2, size=1000, digest=DIGEST)


@pytest.fixture
def project(api, tmp_path):
    home = tmp_path / "repo"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text(CI)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    made = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id)
    with api.tools.units.store.change() as tx:
        tx.bindings.put(Binding(project=made.id, kind="git", url=str(home)))
    return made


def ran(api, project):
    """A job that ended well and left an archive, and a log."""
    server = api.server.server
    start_pipeline(server, Wanted(project=project.id), by=0)
    [claim] = claim_jobs(server, "test/1", 5, 60_000_000)
    data = api.server._pipelines.data
    for path in (
        f"{data}/artifacts/0/{claim.job.id}/artifacts.zip",
        f"{data}/logs/{claim.pipeline.id}/{claim.job.id}.log",
    ):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_bytes(BYTES)
    result = JobResult(state=State.SUCCESS, exit_code=0, kept=(KEPT,))
    assert finish_job(server, claim.job.id, "test/1", claim.job.fence, result)
    return claim.job.id


def pass_days(api, days):
    """As if all had happened before."""
    with api.tools.units.store.change() as tx:
        for statement in (
            "update job_artifacts set ended = ended - :time",
            "update job_artifacts set expires = expires - :time where expires > 0",
            "update job set finished = finished - :time where finished > 0",
            "update pipeline set finished = finished - :time where finished > 0",
        ):
            tx.connection.execute(text(statement), {"time": days * DAY})


def make_room(api):
    for _ in api.server.make_room():
        pass


def test_a_job_says_what_it_left_and_until_when(api, admin, project):
    job = ran(api, project)
    found = api.get(f"/jobs/{job}", token=admin).json()
    left = found["artifacts"]
    assert left["files"] == [
        {"kind": "archive", "name": "artifacts.zip", "files": 2, "size": 1000, "digest": KEPT.digest}
    ]
    assert (left["size"], left["hold"], left["kept_by"], left["removed"]) == (1000, "latest", 0, 0)
    assert left["expires"] == found["finished"] + 3 * DAY
    whole = api.get(f"/pipelines/{found['pipeline']}", token=admin).json()
    assert [one["artifacts"] for one in whole["jobs"]] == [left]


def test_what_expired_says_when_it_went(api, admin, project):
    job, newer = ran(api, project), ran(api, project)
    pass_days(api, 4)
    make_room(api)
    [gone, there] = [api.get(f"/jobs/{one}", token=admin).json()["artifacts"] for one in (job, newer)]
    assert gone["removed"] > gone["expires"] > 0
    assert gone["hold"] == ""
    assert (there["removed"], there["hold"]) == (0, "latest")
    figures = api.ask("GET", "/metrics", token=admin).text
    assert "plumbline_artifacts_freed_bytes 1000.0" in figures
    assert "plumbline_disk_free_bytes " in figures


def test_who_may_run_jobs_again_may_keep_what_they_left(api, admin, project):
    job, _ = ran(api, project), ran(api, project)
    viewer = api.token(api.person("vic", "viewer"))
    assert api.post(f"/jobs/{job}/artifacts/keep", token=viewer).status_code == 403
    kept = api.post(f"/jobs/{job}/artifacts/keep", token=admin)
    assert kept.status_code == 200
    assert kept.json()["artifacts"]["expires"] == 0
    assert kept.json()["artifacts"]["kept_by"] > 0
    pass_days(api, 100)
    make_room(api)
    assert api.get(f"/jobs/{job}", token=admin).json()["artifacts"]["removed"] == 0
    assert api.ask("DELETE", f"/api/v1/jobs/{job}/artifacts/keep", token=admin).json()["artifacts"]["kept_by"] == 0
    make_room(api)
    refused = api.post(f"/jobs/{job}/artifacts/keep", token=admin)
    assert refused.status_code == 409
    assert "artifacts-gone" in refused.text


def test_a_log_that_is_gone_says_why(api, admin, project):
    job = ran(api, project)
    assert api.get(f"/jobs/{job}/log", token=admin).status_code == 200
    with api.tools.units.store.change() as tx:
        node = tx.tree.get(project.id)
        tx.tree.save(msgspec.structs.replace(node, settings={"ci.logs_days": 30}))
    pass_days(api, 31)
    make_room(api)
    answer = api.get(f"/jobs/{job}/log", token=admin)
    assert answer.status_code == 404
    assert "30 days" in answer.text


def test_the_server_does_it_by_itself_and_a_fault_ends_no_more_than_one_round(api, admin, project, monkeypatch):
    monkeypatch.setattr(embedded, "_BETWEEN", 0.05)
    monkeypatch.setattr(embedded, "_GENTLY", 0)
    job, _ = ran(api, project), ran(api, project)
    pass_days(api, 4)
    real, calls = api.server.make_room, []

    def at_first_not():
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real()

    monkeypatch.setattr(api.server, "make_room", at_first_not)
    house = embedded.Housekeeping(api.server)
    house.start()
    until = time.monotonic() + 60
    while not api.get(f"/jobs/{job}", token=admin).json()["artifacts"]["removed"]:
        assert time.monotonic() < until, calls
        time.sleep(0.05)
    house.finish()
    assert len(calls) >= 2


def test_much_work_of_one_kind_lets_the_rest_have_its_turn(api, monkeypatch):
    monkeypatch.setattr(embedded, "_GENTLY", 0)
    done = []

    def endless():
        while True:
            done.append(1)
            yield

    embedded.Housekeeping(api.server)._round("fault", endless, most=0)
    assert len(done) == 1


def test_what_a_job_left_is_fetched_by_who_may_until_it_is_gone(api, admin, project):
    job, _ = ran(api, project), ran(api, project)
    dev, vic = (api.token(api.person(name, role)) for name, role in (("dev", "developer"), ("vic", "viewer")))
    answer = api.get(f"/jobs/{job}/artifacts", token=dev)
    assert (answer.status_code, answer.content) == (200, b"x" * 1000)
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''job-{job}-artifacts.zip"
    assert api.get(f"/jobs/{job}/artifacts", token=vic).status_code == 403
    for name in ("../../../keys", "/etc/passwd", "reports/junit/none.xml", "artifacts.zip/", "artifacts.zip\x00"):
        assert api.get(f"/jobs/{job}/artifacts", params={"name": name}, token=dev).status_code in (404, 422), name
    data = api.server._pipelines.data
    os.unlink(f"{data}/artifacts/0/{job}/artifacts.zip")
    assert api.get(f"/jobs/{job}/artifacts", token=dev).content == BYTES, "it is in the store of blobs by now"
    api.server.blobs.remove(DIGEST, unused_since=1 << 62)
    assert api.get(f"/jobs/{job}/artifacts", token=dev).status_code == 404
    pass_days(api, 4)
    make_room(api)
    gone = api.get(f"/jobs/{job}/artifacts", token=dev)
    assert (gone.status_code, gone.json()["type"]) == (409, "artifacts-gone")
