"""The real server where its disk is full or its database is away, and when it comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from test_api_up import Up, sign_up
from tests.postgres_server import postgres_server
from tests.small_disk import small_disk
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.long]
CONFIGURATION = "a: {script: ['echo here']}\n"


@pytest.fixture
def tiny_disk(tmp_path):
    """A data folder that is a file system of 40 MiB."""
    with small_disk(tmp_path / "data", 40) as disk:
        yield disk


@pytest.fixture
def postgres():
    with postgres_server() as server:
        yield server


@contextmanager
def up(folder, *more):
    server = Up(folder, "--runners", "1", "--isolation", "none", *more)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


def ready(server, status):
    until(lambda: server.ask("GET", "/readyz")[0] == status, why=lambda: server.ask("GET", "/readyz"))


def logged(server, level):
    lines = [json.loads(line) for line in Path(f"{server.folder}.log").read_text().splitlines()]
    return [line["message"] for line in lines if line["level"] == level]


class Project:
    def __init__(self, server, folder):
        self.server, self.session = server, sign_up(server)
        (folder / "repo").mkdir()
        (folder / "repo" / ".gitlab-ci.yml").write_text(CONFIGURATION)
        for words in (
            ["init", "-q", "-b", "main"],
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "a"],
        ):
            subprocess.run(["git", *words], cwd=folder / "repo", check=True)
        bank = self.post("/api/v1/nodes", {"kind": "organisation", "name": "bank"})["id"]
        self.id = self.post("/api/v1/nodes", {"kind": "project", "name": "core", "parent": bank})["id"]
        status, _, body = server.ask(
            "PUT",
            f"/api/v1/projects/{self.id}/repository",
            {"kind": "git", "url": str(folder / "repo")},
            **self.session,
        )
        assert status == 200, body

    def post(self, path, body):
        status, _, answer = self.server.ask("POST", path, body, **self.session)
        assert status == 201, answer
        return json.loads(answer)

    def start(self):
        return self.post(f"/api/v1/projects/{self.id}/pipelines", {})["id"]

    def state(self, pipeline):
        answer = self.server.ask("GET", f"/api/v1/pipelines/{pipeline}", **self.session)[2]
        return json.loads(answer)["pipeline"]["state"]

    def runs(self, pipeline):
        until(lambda: self.state(pipeline) == "success", why=lambda: self.state(pipeline))


def fill(disk, left=0):
    with suppress(OSError), open(disk / "fill", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(disk / "fill", (disk / "fill").stat().st_size - left)


class TestDisk:
    def test_a_full_one_is_not_ready_and_begins_nothing(self, tmp_path, tiny_disk):
        with up(tiny_disk, "--keep-free", "1M") as server:
            ready(server, 200)
            project = Project(server, tmp_path)
            project.runs(project.start())
            fill(tiny_disk)
            ready(server, 503)
            seen = json.loads(server.ask("GET", "/readyz")[2])["checks"]
            assert [one["name"] for one in seen if not one["ok"]] == ["disk"]
            assert any("nothing can be written" in message for message in logged(server, "error"))
            (tiny_disk / "fill").unlink()
            ready(server, 200)
            project.runs(project.start())
            assert any("there is room on the disk again" in message for message in logged(server, "warning"))

    def test_below_the_mark_no_job_is_begun(self, tmp_path, tiny_disk):
        with up(tiny_disk, "--keep-free", "50%") as server:
            project = Project(server, tmp_path)
            fill(tiny_disk, left=15 << 20)
            until(lambda: any("no job is begun" in message for message in logged(server, "warning")))
            made = project.start()
            time.sleep(2)
            assert project.state(made) == "pending"
            assert server.ask("GET", "/readyz")[0] == 200
            (tiny_disk / "fill").unlink()
            project.runs(made)


class TestDatabase:
    def test_its_own_disk_is_full(self, tmp_path, postgres):
        with small_disk(Path(postgres.folder) / "space", 40) as space:
            try:
                owner = Path(postgres.folder, "data").stat()
                os.chown(space, owner.st_uid, owner.st_gid)
                postgres.execute(f"create tablespace small location '{space}'")
                postgres.execute("create database elsewhere tablespace small")
                with up(tmp_path / "data", "--database", postgres.address("elsewhere")) as server:
                    session = sign_up(server)
                    fill(space)
                    kept = 0
                    while add_organisation(server, session, kept) == 201:
                        kept += 1
                    ready(server, 503)
                    seen = json.loads(server.ask("GET", "/readyz")[2])["checks"]
                    assert [one["name"] for one in seen if not one["ok"]] == ["disk"]
                    (space / "fill").unlink()
                    ready(server, 200)
                    assert add_organisation(server, session, kept) == 201
            finally:
                postgres.stop()

    def test_the_start_waits_for_it(self, tmp_path, postgres):
        address = postgres.database()
        postgres.stop()
        log = tmp_path / "data.log"

        def come_up():
            until(lambda: log.exists() and log.read_text().count("waiting for the database") >= 2)
            postgres.start()

        later = threading.Thread(target=come_up)
        later.start()
        with up(tmp_path / "data", "--database", address) as server:
            later.join()
            ready(server, 200)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_the_wait_ends_when_the_server_is_told_to_end(self, tmp_path, number):
        process = start(tmp_path, "postgresql://plumb@127.0.0.1:9/x")
        first = process.stderr.readline()
        assert "waiting for the database" in first
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 128 + number
        assert time.monotonic() - began < 3

    def test_the_wait_has_an_end(self, tmp_path):
        process = start(tmp_path, "postgresql://plumb@127.0.0.1:9/x", "--wait-for-database", "1")
        assert process.wait(20) == 3
        assert "127.0.0.1" in process.stderr.read()

    def test_what_does_not_mend_itself_is_not_waited_for(self, tmp_path, postgres):
        process = start(tmp_path, postgres.address("nothing"))
        assert process.wait(20) == 3
        said = process.stderr.read()
        assert "waiting" not in said
        assert "the name of the database in its address" in said
        Path(f"{postgres.folder}/data/pg_hba.conf").write_text("local all all scram-sha-256\n")
        postgres._process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        process = start(tmp_path, postgres.address().replace("plumb@", "plumb:wrong@"))
        assert process.wait(20) == 3
        assert "waiting" not in process.stderr.read()

    def test_it_goes_and_comes_back(self, tmp_path, postgres):
        with up(tmp_path / "data", "--database", postgres.database()) as server:
            project = Project(server, tmp_path)
            project.runs(project.start())
            postgres.stop()
            ready(server, 503)
            assert server.ask("GET", "/healthz")[0] == 200
            postgres.start()
            ready(server, 200)
            project.runs(project.start())


def add_organisation(server, session, number):
    body = {"kind": "organisation", "name": f"o{number}-{'x' * 60}"}
    return server.ask("POST", "/api/v1/nodes", body, **session)[0]


def start(folder, database, *more):
    command = [sys.executable, "-m", "plumbline", "up", "--data", str(folder / "data"), "--database", database]
    return subprocess.Popen([*command, "--listen", "127.0.0.1:0", *more], stderr=subprocess.PIPE, text=True)
