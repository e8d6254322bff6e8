"""The keys of what is sealed: a server whose file of them is gone does not quietly begin with new ones."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.evidence.ledgers import draft

from plumbline.adapters.store import FILE
from plumbline.flow.tree.variables import variable_place
from plumbline.kernel import PlumblineError
from plumbline.model.health import Health
from plumbline.model.tree import INSTANCE, StoredVariable
from plumbline.wiring.doctor import examine
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = pytest.mark.slow


def plumb(*arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(data=str(tmp_path / "data"))


def seal(settings: ServerSettings) -> None:
    with OpenServer(settings) as server, server.tools.units.store.change() as tx:
        sealed = server.tools.tree.vault.seal(b"known", variable_place(INSTANCE, "KEY", "*"))
        tx.variables.put(StoredVariable(node=INSTANCE, name="KEY", sealed=sealed))


def test_a_server_without_anything_sealed_makes_its_keys(settings: ServerSettings) -> None:
    for _ in range(2):
        with OpenServer(settings):
            pass
        os.remove(f"{settings.data}/keys")


def test_a_server_whose_keys_are_gone_does_not_start(settings: ServerSettings) -> None:
    seal(settings)
    kept = f"{settings.data}/kept"
    os.rename(f"{settings.data}/keys", kept)
    with pytest.raises(PlumblineError) as refused, OpenServer(settings):
        pass
    assert refused.value.code == "no-key-file"
    assert f"{settings.data}/keys" in str(refused.value.message)
    assert "--replace-lost" in str(refused.value.hint)
    assert not Path(settings.data or "", "keys").exists()
    assert [one.health for one in examine(settings, 10) if one.name == "keys"] == [Health.PROBLEM]
    os.rename(kept, f"{settings.data}/keys")
    with OpenServer(settings):
        pass


@pytest.mark.slow
def test_keys_that_are_lost_for_good_are_replaced_when_somebody_says_so(settings: ServerSettings) -> None:
    seal(settings)
    data = ["--data", str(settings.data)]
    os.remove(f"{settings.data}/keys")
    assert "--replace-lost" in plumb("up", *data, "--listen", "127.0.0.1:0", status=3)
    plumb("keys", *data, status=3)
    assert not Path(settings.data or "", "keys").exists()
    assert "1 value does not open" in plumb("keys", *data, "--replace-lost", status=3)
    with OpenServer(settings):
        pass


def test_the_doctor_looks_at_what_is_kept_beside_the_newest_entries(settings: ServerSettings) -> None:
    with OpenServer(settings) as server:
        server.tools.ledger.ledger.append([draft(number) for number in range(1, 4)])
    with sqlite3.connect(f"{settings.data}/{FILE}") as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{name}"')
        [(size,)] = database.execute("select max(seq) from ledger_entry")
        database.execute("update ledger_entry set leaf = zeroblob(32) where seq = ?", (size,))
    database.close()
    [told] = [one for one in examine(settings, 2) if one.name == "ledger"]
    assert told.health is Health.PROBLEM
    assert f"beside entry {size} was changed" in str(told.message)
