"""Two real servers on one PostgreSQL database, alive at once: every attempt ends once, also when one is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from test_api_up import PASSWORD, Up
from tests.crash.rounds import inspect
from tests.crash.world import World
from tests.postgres_server import postgres_server
from tests.waiting import until

from plumbline.cli.demo.client import Client
from plumbline.cli.demo.repositories import Repository, git

pytestmark = [pytest.mark.slow, pytest.mark.long]
LEASE = 6_000_000  # microseconds; that of a server is longer than a test may take
START = "import sys, plumbline.runner.loop as loop; loop.LEASE = {}; from plumbline.cli import main; main(sys.argv[1:])"
CONFIGURATION = """
stages: [build, test, deploy]
compile: {stage: build, script: ["echo built > out.txt", "sleep 0.2"], artifacts: {paths: [out.txt]}}
unit: {stage: test, script: ["cat out.txt", "sleep $PAUSE"]}
style: {stage: test, needs: [], script: ["sleep 0.1"]}
ship: {stage: deploy, script: ["echo shipped"], resource_group: production}
variables: {PAUSE: "0.1"}
"""


class Replica(Up):
    """Of two that share a folder and a database."""

    def __init__(self, folder, database, name):
        command = [sys.executable, "-c", START.format(LEASE), "up", "--data", str(folder), "--database", database]
        command += ["--listen", "127.0.0.1:0", "--runners", "2", "--isolation", "none", "--grace", "2"]
        self.log = open(f"{folder}.{name}.log", "ab")  # noqa: SIM115
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)

    def wait(self):
        """Until it answers; the secret of its set-up link."""
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, Path(self.log.name).read_text()
        self.url = found.group()
        return re.search(r"key=(\S+)", self.process.stdout.readline()).group(1)

    def kill(self):
        """The worker, as when memory is short; its guardian ends by itself."""
        pid = self.process.pid
        os.kill(int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]), signal.SIGKILL)
        assert self.process.wait(20) == 3


@pytest.fixture
def database():
    with postgres_server() as server:
        yield server.database()


@pytest.fixture
def replicas(tmp_path, database):
    pair = [Replica(tmp_path / "data", database, name) for name in ("one", "two")]
    try:
        yield pair
    finally:
        for one in pair:
            one.process.terminate()
        for one in pair:
            one.process.wait(30)


def sign_up(pair, links):
    """The link that was printed last is the one that counts."""
    clients = [Client(one.url) for one in pair]
    for link in links:
        answer = clients[0].send("POST", "/api/v1/setup", {"link": link, "name": "ada", "password": PASSWORD})
        if answer.status == 201:
            break
    for client in clients:
        client.enter("/api/v1/session", {"name": "ada", "password": PASSWORD})
    return clients


def repository_of(client, folder, project):
    (folder / "files").mkdir()
    (folder / "files" / ".gitlab-ci.yml").write_text(CONFIGURATION)
    repository = Repository(folder, "core")
    repository.create()
    repository.start_from(folder / "files")
    repository.bind(client, project)
    return repository


def runners(data, database):
    """Who ran jobs, as the ledger says."""
    world = World(data, database)
    told = [json.loads(entry.body)["customData"]["runner"] for entry in world.events("taskrun.finished")]
    world.close()
    return {runner.partition("/")[0] for runner in told}


def test_every_attempt_ends_once_while_two_run_and_one_is_killed(tmp_path, database, replicas):
    one, two = replicas
    first, second = clients = sign_up(replicas, [replica.wait() for replica in replicas])
    bank = first.ask("POST", "/api/v1/nodes", {"kind": "organisation", "name": "bank"})["id"]
    wanted = {"kind": "project", "name": "core", "parent": bank}
    project = first.ask("POST", "/api/v1/nodes", wanted)["id"]
    repository = repository_of(first, tmp_path, project)

    def start(number, pause="0.1"):
        body = {"variables": {"PAUSE": pause}}
        return clients[number % 2].ask("POST", f"/api/v1/projects/{project}/pipelines", body)["id"]

    def pipelines(client):
        return client.get("/api/v1/pipelines?limit=100")["pipelines"]

    def finished(client):
        return all(pipeline["finished"] for pipeline in pipelines(client))

    def states():
        return [(pipeline["id"], pipeline["state"]) for pipeline in pipelines(first)]

    repository.commit("Begin")
    repository.push("ada")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(start, range(8)))
    for number in range(2):
        git(repository.work, "push", "--quiet", "origin", f"HEAD:refs/heads/b{number}")
    until(lambda: len(pipelines(second)) == 11 and finished(second), 60, states)  # pushes are told, and wait
    assert len(set(made)) == 8
    assert len(runners(tmp_path / "data", database)) == 2  # both worked

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: start(number, "2"), range(4)))
    until(lambda: len([one for one in first.get("/api/v1/runners")["runners"] if one["jobs"]]) == 2, 20)
    two.kill()
    killed = time.monotonic()
    until(lambda: finished(first), 60, states)
    print(f"the other finished everything {time.monotonic() - killed:.1f} s after the kill")
    assert one.end(signal.SIGTERM) == 0

    report = inspect(World(tmp_path / "data", database), {}, {}, {}, 1)
    print(report)
    assert report.pipelines == 15
    assert report.interrupted >= 1
    verified = subprocess.run(
        [sys.executable, "-m", "plumbline", "ledger", "verify", "--data", tmp_path / "data", "--database", database],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout + verified.stderr
