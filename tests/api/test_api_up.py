"""The real server: started, asked, killed, started again, ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery"


class Up:
    """``plumb up`` on a free port, with its data in a folder."""

    def __init__(self, folder, *more):
        command = [sys.executable, "-m", "plumbline", "up", "--data", str(folder), "--listen", "127.0.0.1:0", *more]
        self.log = open(f"{folder}.log", "ab")  # noqa: SIM115
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        first = self.process.stdout.readline()
        found = re.search(r"https?://\S+", first)
        assert found, (first, self.process.wait(10), Path(f"{folder}.log").read_text())
        self.url = found.group()
        self.folder = folder

    def ask(self, method, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def end(self, number):
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return status


def sign_up(server):
    line = server.process.stdout.readline()
    link = re.search(r"key=(\S+)", line).group(1)
    status, headers, body = server.ask("POST", "/api/v1/setup", {"link": link, "name": "ada", "password": PASSWORD})
    assert status == 201, body
    cookie = headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": json.loads(body)["csrf"]}


def ledger_size(server, session):
    return json.loads(server.ask("GET", "/api/v1/ledger/state", **session)[2])["size"]


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    folder = tmp_path / "data"
    server = Up(folder, "--no-runner")
    try:
        session = sign_up(server)
        for number in range(20):
            status, _, body = server.ask(
                "POST", "/api/v1/nodes", {"kind": "organisation", "name": f"o{number}"}, **session
            )
            assert status == 201, body
        size = ledger_size(server, session)
        worker = int(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0])
        os.kill(worker, signal.SIGKILL)
        assert server.process.wait(20) == 3
    finally:
        server.process.kill()
    again = Up(folder, "--no-runner")
    try:
        assert len(json.loads(again.ask("GET", "/api/v1/nodes", **session)[2])["nodes"]) == 20
        assert ledger_size(again, session) == size
        done = subprocess.run(
            [sys.executable, "-m", "plumbline", "doctor", "--data", str(folder), "--json"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        checks = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
        assert done.returncode in (0, 1), done.stdout
        assert checks["ledger"]["health"] == "ok"
        assert checks["keys"]["health"] == "ok"
        assert str(size) in checks["ledger"]["message"]
    finally:
        assert again.end(signal.SIGTERM) == 0
    verified = subprocess.run(
        [sys.executable, "-m", "plumbline", "ledger", "verify", "--data", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_it_ends_in_order_and_tells_in_json(tmp_path):
    folder = tmp_path / "data"
    server = Up(folder, "--runners", "1")
    try:
        assert server.ask("GET", "/healthz")[0] == 200
        deadline = time.monotonic() + 60
        while server.ask("GET", "/readyz")[0] != 200:
            assert time.monotonic() < deadline
    finally:
        assert server.end(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in Path(f"{folder}.log").read_text().splitlines()]
    assert any(line["message"] == "request" and line["path"] == "/healthz" for line in lines)
    assert any(line["message"] == "stopping" for line in lines)


def test_an_address_in_use_is_told(tmp_path):
    server = Up(tmp_path / "data", "--no-runner")
    try:
        address = server.url.removeprefix("http://")
        second = subprocess.run(
            [sys.executable, "-m", "plumbline", "up", "--data", str(tmp_path / "other"), "--listen", address],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert second.returncode == 3
        assert "Cannot listen" in second.stderr
    finally:
        server.end(signal.SIGTERM)
