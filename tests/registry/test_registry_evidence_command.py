"""``plumb evidence verify`` as somebody uses it who has nothing but a file and a key."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.evidence.ledgers import KEY, OTHER
from tests.evidence.stated import Told
from tests.registry.stated_world import Stating

from plumbline.evidence.run_statements import Result, verify_run
from plumbline.evidence.vocabulary.own_gates import StatementSigned
from plumbline.flow.contracts.view_statement import export_statement_at_machine
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 4
# Ends by SIGKILL after so many milliseconds of its work, or with 0 once nothing is due any more.
CODE = """
import os, signal, sys, threading, time
from plumbline.flow.contracts.statements import state_due
from plumbline.wiring.server import OpenServer, ServerSettings
with OpenServer(ServerSettings(data=sys.argv[1], isolation="none")) as server:
    timer = threading.Timer(float(sys.argv[2]) / 1000, os.kill, (os.getpid(), signal.SIGKILL))
    timer.start()
    for _ in state_due(server.tools.attestations):
        pass
    timer.cancel()
"""


def plumb(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """In a folder without any server."""
    environment = {"PLUMBLINE_DATA": str(folder / "nowhere"), "HOME": str(folder), "PATH": ""}
    command = [sys.executable, "-m", "plumbline", "evidence", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_a_file_verifies_without_a_server_and_a_changed_one_does_not(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(Told().file())
    status, out, _ = plumb(tmp_path, "verify", "run.jsonl", "--key", str(KEY.verifier))
    assert (status, "NO" in out) == (0, False)
    assert "line-1: missing" in out
    assert "not all that was due is there" in out
    status, out, _ = plumb(tmp_path, "verify", "run.jsonl", "--key", str(OTHER.verifier), "--json")
    found = json.loads(out)
    assert (status, found["result"], found["cause"]["code"]) == (1, "failed", "key-unknown")
    file.write_bytes(Told().file()[:-1])
    status, out, _ = plumb(tmp_path, "verify", "run.jsonl", "--key", str(KEY.verifier), "--json")
    assert (status, json.loads(out)["cause"]["code"]) == (1, "file-changed")
    status, _, err = plumb(tmp_path, "verify", "run.jsonl")
    assert (status, "--key" in err) == (2, True)


@pytest.mark.long
def test_killed_between_the_closing_and_the_signing(tmp_path: Path) -> None:
    bank = Stating(tmp_path)
    with bank.server:
        for number in range(RUNS):
            bank.close(bank.ran(), f"col-{number}")
    chance, kills = random.Random(15), 0  # noqa: S311 - not for secrets
    for _ in range(40):
        wait = chance.randint(1, 40) if kills < 12 else 60_000
        done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path / "data"), str(wait)], check=False, timeout=120)
        assert done.returncode in (0, -signal.SIGKILL)
        kills += done.returncode != 0
        if done.returncode == 0:
            break
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), isolation="none")) as server:
        tools = server.tools.attestations
        signed = [entry.subject for entry in tools.ledger.of_types([StatementSigned.TYPE])]
        assert sorted(signed) == [f"col-{number}" for number in range(RUNS)]
        for uid in signed:
            file = b"".join(export_statement_at_machine(tools, uid))
            assert verify_run(file, tools.keys()).result is Result.PASSED
