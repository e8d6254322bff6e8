"""A server that is killed while it says what was built: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.registry.build_world import ARCHIVE, REPORT, Builders
from tests.waiting import until

from plumbline.cli.embedded import Turn
from plumbline.evidence.artifact_verifying import Result
from plumbline.evidence.vocabulary.own_delivery import AttestationRecorded
from plumbline.flow.artifacts.verify import verify_at_machine
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

BUILDS = 3
SAID = BUILDS * 3 + 1  # provenance of image and archive, and bills: that of the same archive is the same each time
# Ends by SIGKILL after so many milliseconds of its work, or with 0 once nothing is due any more.
CODE = """
import os, signal, sys, threading, time
from plumbline.wiring.server import OpenServer, ServerSettings
with OpenServer(ServerSettings(data=sys.argv[1], isolation="none")) as server:
    timer = threading.Timer(float(sys.argv[2]) / 1000, os.kill, (os.getpid(), signal.SIGKILL))
    timer.start()
    for _ in server.attest():
        pass
    timer.cancel()
"""


@pytest.mark.long
def test_killed_at_random_moments(tmp_path: Path) -> None:
    bank = Builders(tmp_path)
    with bank.server:
        for _ in range(BUILDS):
            claim = bank.begin()
            bank.push_from(claim, f"bank/pay/app{claim.job.id}")
            bank.end(claim, ARCHIVE, REPORT)
            bank.end(bank.claim())
    chance, kills = random.Random(14), 0  # noqa: S311 - not for secrets
    for _ in range(40):
        wait = chance.randint(1, 60) if kills < 10 else 60_000
        done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path / "data"), str(wait)], check=False, timeout=120)
        assert done.returncode in (0, -signal.SIGKILL)
        kills += done.returncode != 0
        if done.returncode == 0:
            break
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), isolation="none")) as server:
        entries = server.tools.ledger.ledger.of_types([AttestationRecorded.TYPE])
        said = [json.loads(entry.body)["subject"] for entry in entries]
        assert len({one["content"]["digest"] for one in said}) == len(said) == SAID
        for digest in {one["id"] for one in said} - {ARCHIVE.digest}:
            verified = verify_at_machine(server.tools.attestations, digest, [], [])
            assert verified.result is Result.PASSED


@pytest.mark.slow
def test_the_server_says_it_by_itself(tmp_path: Path) -> None:
    bank = Builders(tmp_path)
    with bank.server:
        thread = Turn(bank.server, "attestations", bank.server.attest, 2.0, woken=True)
        thread.start()
        claim = bank.begin()
        bank.push_from(claim)
        bank.end(claim, ARCHIVE)
        until(lambda: len(bank.attested()) == 4)
        thread.finish()
