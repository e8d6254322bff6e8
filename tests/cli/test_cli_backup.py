"""``plumb backup``, ``plumb restore`` and ``plumb upgrade`` as an operator uses them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary.cdevents_core import BuildStarted
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


def an_event(name: str = "1") -> EventDraft:
    return write_event(BuildStarted(), id=name, source="s", subject="x", time=1)


def told(folder: str) -> list[dict[str, Any]]:
    """What the ledger of a folder says of backups, restores and drills."""
    store = open_store(StoreSettings(data=folder, create=False))
    try:
        events = [json.loads(entry.body) for entry in store.ledger.read() if "plumbline-" in entry.type]
    finally:
        store.close()
    return [
        {"what": event["context"]["type"].split("-")[1].rsplit(".", 3)[0], "subject": event["subject"]["id"]}
        | event["subject"]["content"] | {"id": event["context"]["id"], "source": event["context"]["source"]}
        for event in events
    ]  # fmt: skip


@pytest.mark.slow
def test_backups_restores_and_rehearsals_are_in_the_ledger(tmp_path: Path) -> None:
    here, there, file = str(tmp_path / "here"), str(tmp_path / "there"), str(tmp_path / "backup")
    store = open_store(StoreSettings(data=here))
    with store.change() as tx:
        tx.settings.put("installation", b"abc")
    store.ledger.append([an_event()])
    store.close()
    plumb("backup", "--data", here, file)
    digest = "sha256:" + hashlib.sha256(Path(file).read_bytes()).hexdigest()
    [made] = told(here)
    assert (made["what"], made["outcome"], made["digest"], made["subject"]) == (
        "backup.finished", "success", digest, digest,
    )  # fmt: skip
    assert (made["bytes"], made["entries"], made["source"]) == (Path(file).stat().st_size, 1, "urn:plumbline:abc")
    assert "can be restored" in plumb("restore", "--rehearse", "--data", here, file)
    drill = told(here)[-1]
    assert (drill["what"], drill["kind"], drill["outcome"]) == ("drill.finished", "restore", "success")
    assert drill["restsOn"] == [made["id"]]
    assert drill["seconds"] > 0
    plumb("restore", "--data", there, file)
    [restored] = told(there)
    assert (restored["what"], restored["digest"], restored["entries"]) == ("restore.finished", digest, 1)
    assert plumb("ledger", "verify", "--data", there, status=0)
    Path(file).write_bytes(Path(file).read_bytes()[:-20])
    assert "is not a backup" in plumb("restore", "--rehearse", "--data", here, file, status=2)
    failed = told(here)[-1]
    assert (failed["what"], failed["outcome"], failed["reason"]) == ("drill.finished", "failure", "not-a-backup")
    plumb("restore", "--rehearse", "--data", here, str(tmp_path / "nothing"), status=2)  # nobody tried anything
    assert len(told(here)) == 3


@pytest.mark.slow
def test_a_backup_of_another_ledger_is_no_rehearsal(tmp_path: Path) -> None:
    here, other, file = str(tmp_path / "here"), str(tmp_path / "other"), str(tmp_path / "backup")
    for folder, name in ((here, "1"), (other, "2")):
        store = open_store(StoreSettings(data=folder))
        store.ledger.append([an_event(name)])
        store.close()
    plumb("backup", "--data", other, file)
    assert "no backup of this ledger" in plumb("restore", "--rehearse", "--data", here, file, status=2)
    assert [one["outcome"] for one in told(here)] == ["failure"]


@pytest.mark.slow
def test_a_backup_that_failed_is_told(tmp_path: Path) -> None:
    here = str(tmp_path / "here")
    open_store(StoreSettings(data=here)).close()
    plumb("backup", "--data", here, str(tmp_path), status=2)
    assert [(one["what"], one["outcome"], one["reason"]) for one in told(here)] == [
        ("backup.finished", "failure", "backup-not-a-file")
    ]
