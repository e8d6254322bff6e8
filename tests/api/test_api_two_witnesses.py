"""Two real servers that are each other's witness, over HTTP on this machine."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import pytest
from test_api_up import Up, sign_up

pytestmark = [pytest.mark.slow, pytest.mark.long]


def plumb(folder, *arguments, status=0):
    command = [sys.executable, "-m", "plumbline", "ledger", *arguments, "--data", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def keys(folder):
    return plumb(folder, "checkpoint", "--show-key").strip(), plumb(folder, "witness-key").strip()


def grow(server, session, *names):
    for name in names:
        answer = server.ask("POST", "/api/v1/nodes", {"kind": "organisation", "name": name}, **session)
        assert answer[0] == 201, answer[2]


def test_two_servers_cosign_each_other_and_neither_rests_on_one_that_was_rolled_back(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    servers = [Up(folder, "--no-runner") for folder in folders]
    try:
        sessions = [sign_up(server) for server in servers]
        known = [keys(folder) for folder in folders]
        for place, folder in enumerate(folders):
            ledger_key, witness_key = known[1 - place]
            (folder / "checkpoints.toml").write_text(
                f'[[witness]]\nurl = "{servers[1 - place].url}/witness"\nkey = "{witness_key}"\n'
                f'[[file]]\npath = "{tmp_path}/{folder.name}.notes"\n[[witnessed]]\nkey = "{ledger_key}"\n'
            )
        for _ in range(3):
            for folder, server, session in zip(folders, servers, sessions, strict=True):
                out = plumb(folder, "deliver")
                assert "/witness (" in out or "Every place has" in out
                json.loads(server.ask("GET", "/api/v1/ledger/state", **session)[2])
        # Nothing but deliveries and cosignatures came since: they rest.
        sizes = [json.loads(server.ask("GET", "/api/v1/ledger/state", **session)[2])["size"]
                 for server, session in zip(servers, sessions, strict=True)]  # fmt: skip
        assert [plumb(folder, "deliver") for folder in folders] == ["Every place has the newest checkpoint.\n"] * 2
        assert sizes == [json.loads(server.ask("GET", "/api/v1/ledger/state", **session)[2])["size"]
                         for server, session in zip(servers, sessions, strict=True)]  # fmt: skip

        for place, folder in enumerate(folders):
            witness = known[1 - place][1]
            assert f"cosigned by {witness.partition('+')[0]}" in plumb(folder, "verify", "--witness", witness)
            assert f"cosigned by {witness.partition('+')[0]}" in plumb(folder, "verify")  # by what is set up
            assert "No checkpoint is cosigned" in plumb(folder, "verify", "--witness", known[place][1], status=1)
            assert (tmp_path / f"{folder.name}.notes").read_text().count("\N{EM DASH} ") == 2
            shown = json.loads(servers[place].ask("GET", "/api/v1/ledger/checkpoints", **sessions[place])[2])
            named = [each["key"] for made in shown["checkpoints"] for each in made["cosignatures"]]
            assert set(named) == {witness}
            plumb(folder, "export", "--out", str(tmp_path / "bundle"))
            plumb(tmp_path, "verify", "--bundle", str(tmp_path / "bundle"), "--key", known[place][0])

        # Whoever has the database and the key of the first takes entries out; its own verification is content.
        assert servers[0].end(signal.SIGTERM) == 0
        shutil.copytree(folders[0], tmp_path / "before")
        servers[0] = Up(folders[0], "--no-runner")
        grow(servers[0], sessions[0], "a", "b", "c")
        plumb(folders[0], "deliver")
        assert servers[0].end(signal.SIGTERM) == 0
        shutil.rmtree(folders[0])
        (tmp_path / "before").rename(folders[0])
        servers[0] = Up(folders[0], "--no-runner")
        grow(servers[0], sessions[0], *"defghijklmnopq")
        plumb(folders[0], "verify")
        done = subprocess.run(
            [sys.executable, "-m", "plumbline", "ledger", "deliver", "--data", str(folders[0])],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 1
        assert "cosigned" in done.stderr
        assert "does not continue" in done.stderr
        doctor = subprocess.run(
            [sys.executable, "-m", "plumbline", "doctor", "--data", str(folders[0])],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert "does not continue" in doctor.stdout
        assert doctor.returncode == 3
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.end(signal.SIGTERM)
