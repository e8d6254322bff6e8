"""Webhooks whose repository hangs: they are answered, and nobody else waits for them."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import subprocess
import threading

import pytest
from tests.waiting import until

from plumbline.adapters.forges.fetches import PER_HOST
from plumbline.model.server import Outcome
from plumbline.model.tree import NodeKind
from plumbline.runner import DeliveryWorker

pytestmark = pytest.mark.slow
HANGING = 72  # webhooks; more than there are places for what takes long


@pytest.fixture
def deaf():
    """The address of a server that accepts, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        taken = []

        def accept():
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", taken
        listening.shutdown(socket.SHUT_RDWR)
        for each in taken:
            each.close()


@pytest.fixture
def worker(api, deaf):
    made = DeliveryWorker(api.server.runner_tools())
    api.server.on_work(made.wake)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stop()
    for each in deaf[1]:
        each.close()
    thread.join(30)


def bound(api, admin, name, url, bank):
    project = api.node(name, NodeKind.PROJECT, parent=bank).id
    body = {"kind": "git", "url": url}
    return project, api.ask("PUT", f"/api/v1/projects/{project}/repository", token=admin, json=body).json()["secret"]


def send(api, project, secret, **message):
    content = json.dumps(message).encode()
    proof = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    return api.ask("POST", f"/hooks/git/{project}", content=content, headers={"X-Plumbline-Signature": proof})


def test_who_never_answers_holds_up_nobody(api, admin, tmp_path, deaf, worker):
    bank = api.node("bank").id
    hosts = {"settings": {"repository.hosts": ["127.0.0.1:*"]}}
    assert api.ask("PATCH", f"/api/v1/nodes/{bank}", token=admin, json=hosts).status_code == 200
    slow = [bound(api, admin, f"slow{n}", f"{deaf[0]}/{n}.git", bank) for n in range(6)]
    told = [
        send(api, *slow[n % 6], ref=f"refs/heads/b{n}", before="0" * 40, after="1" * 40).json() for n in range(HANGING)
    ]
    assert {one["outcome"] for one in told} == {"queued"}
    until(lambda: deaf[1])  # somebody waits for it
    home = tmp_path / "home"
    home.mkdir()

    def git(*words):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        done = subprocess.run(["git", *identity, *words], cwd=home, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    (home / ".gitlab-ci.yml").write_text("good: {script: [echo hello]}\n")
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    own = bound(api, admin, "own", str(home), bank)  # a call that changes something
    answer = send(api, *own, ref="refs/heads/main", before="0" * 40, after=git("rev-parse", "HEAD"))

    def outcomes():
        with api.tools.units.store.view() as tx:
            return [tx.deliveries.get(one["delivery"]).outcome for one in (answer.json(), *told)]

    until(lambda: outcomes()[0] is Outcome.PIPELINE)
    assert set(outcomes()[1:]) == {Outcome.QUEUED}
    page = api.ask("GET", "/metrics", token=admin).text
    waiting = {
        line.split(" ")[0]: float(line.split(" ")[1])
        for line in page.splitlines()
        if line.startswith(("plumbline_deliv", "plumbline_fetch"))
    }
    states = {state: waiting[f'plumbline_deliveries{{state="{state}"}}'] for state in ("waiting", "put_off", "at_work")}
    assert sum(states.values()) == HANGING
    assert 1 <= states["at_work"] <= 4
    assert waiting["plumbline_deliveries_oldest_seconds"] > 0
    assert 1 <= waiting['plumbline_fetches{state="at_work"}'] <= PER_HOST
    assert waiting['plumbline_fetches{state="waiting"}'] <= HANGING
    assert waiting['plumbline_delivery_seconds_count{state="pipeline"}'] == 1
