"""``plumb backup``, ``plumb restore`` and ``plumb upgrade`` as an operator uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.model.event import EventDraft


def plumb(*arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_from_one_folder_to_another(tmp_path: Path) -> None:
    here, there, file = str(tmp_path / "here"), str(tmp_path / "there"), str(tmp_path / "backup")
    assert "There is no store" in plumb("backup", "--data", here, file, status=3)
    store = open_store(StoreSettings(data=here))
    store.ledger.append([EventDraft(source="s", id="1", type="t", subject="x", body=b"{}")])
    store.close()
    assert "1 entry of the ledger" in plumb("backup", "--data", here, file)
    assert "its chain is whole" in plumb("restore", "--data", there, file)
    assert "--force" in plumb("restore", "--data", there, file, status=2)
    plumb("restore", "--data", there, file, "--force")
    assert "up to date" in plumb("upgrade", "--data", there)
    assert "There is no store" in plumb("upgrade", "--data", str(tmp_path / "nowhere"), status=3)
    assert "is not a backup" in plumb("restore", "--data", str(tmp_path / "new"), f"{there}/plumbline.db", status=2)
