"""A new store begins only where none was; and what a killed restore left is cleared away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.evidence.ledgers import draft

from plumbline.adapters.ledger_key import make_ledger_key
from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.adapters.store.backup import back_up
from plumbline.adapters.store.restoring import restore
from plumbline.adapters.store.scratch import scratch_folder
from plumbline.kernel import PlumblineError

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    made = StoreSettings(data=str(tmp_path / "data"))
    store = open_store(made)
    store.ledger.append([draft(1)])
    store.close()
    return made


def lose(settings: StoreSettings) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{settings.data}/{FILE}{ending}").unlink(missing_ok=True)


@pytest.mark.parametrize("trace", ["ledger-key", "witness-key", "keys", "logs", "artifacts"])
@pytest.mark.parametrize("how", ["gone", "empty"])
def test_where_a_server_was_no_other_history_begins(settings: StoreSettings, trace: str, how: str) -> None:
    path = Path(settings.data, trace)
    path.mkdir() if trace in ("logs", "artifacts") else path.write_text("x")
    lose(settings)
    if how == "empty":
        Path(settings.data, FILE).touch()
    backups = Path(settings.data, "backups")
    (backups / "replaced-20260101T000000Z").mkdir(parents=True)
    with pytest.raises(PlumblineError) as caught:
        open_store(settings)
    assert caught.value.code == "database-gone"
    assert trace in str(caught.value.message)
    assert str(backups / "replaced-20260101T000000Z") in str(caught.value.hint)
    assert "plumb restore" in str(caught.value.hint)
    assert "--begin-anew" in str(caught.value.hint)
    assert how == "empty" or not os.path.exists(f"{settings.data}/{FILE}")


def test_a_new_folder_and_one_with_other_things_begin(tmp_path: Path) -> None:
    for name in ("mirrors", "local", "lost+found"):
        (tmp_path / name).mkdir()
    open_store(StoreSettings(data=str(tmp_path))).close()
    make_ledger_key(str(tmp_path))
    open_store(StoreSettings(data=str(tmp_path))).close()


def test_a_backup_is_put_back_where_the_database_is_gone(settings: StoreSettings, tmp_path: Path) -> None:
    make_ledger_key(settings.data)
    back_up(settings, str(tmp_path / "backup"))
    lose(settings)
    restore(settings, str(tmp_path / "backup"), force=True)
    store = open_store(settings)
    assert store.ledger.size() == 1
    store.close()


@pytest.mark.parametrize("prefix", [".restore-", ".backup-"])
def test_what_a_killed_process_left_goes_and_what_is_at_work_stays(tmp_path: Path, prefix: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from plumbline.adapters.store.scratch import scratch_folder\n"
        f"with scratch_folder({str(tmp_path)!r}, {prefix!r}) as folder:\n"
        "    open(folder + '/half', 'w').write('x')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    assert len(os.listdir(tmp_path)) == 1  # the second one cleared away after the first
    (tmp_path / f"{prefix}old").mkdir()  # of a version that knew no lock
    with scratch_folder(str(tmp_path), prefix) as first:
        assert os.listdir(tmp_path) == [os.path.basename(first)]
        with scratch_folder(str(tmp_path), prefix) as second:
            assert sorted(os.listdir(tmp_path)) == sorted(map(os.path.basename, (first, second)))
    assert os.listdir(tmp_path) == []
