"""Stores that are read as they are: of every older revision, and on a medium that takes no writes."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, inspect, select
from tests.evidence.ledgers import draft
from tests.store_kinds import of_servers

from plumbline.adapters.doctor import check_database_space
from plumbline.adapters.store import FILE, StoreSettings, open_store, reach
from plumbline.adapters.store.backup import back_up
from plumbline.adapters.store.older import open_for_reading
from plumbline.adapters.store.restoring import restore
from plumbline.adapters.store.schema import REVISION, metadata
from plumbline.adapters.store.upgrading import STEPS, upgrade
from plumbline.adapters.store.version import stored_revision
from plumbline.evidence import SigningKey, verify_bundle
from plumbline.flow.ledger.checkpoints import export_ledger, make_checkpoint, verify_ledger
from plumbline.kernel import PlumblineError

pytestmark = pytest.mark.slow
KEY = SigningKey("plumbline-test", bytes(range(32)))
SIZE = 300
OLDER = sorted(path.name[1:5] for path in Path(STEPS, "versions").glob("r0*.py") if path.name[1:5] < REVISION)


def fill(settings: StoreSettings, clock: int = 2_000_000_000_000_000) -> None:
    """Entries of a project, a subtree, a clock that was set back, and a checkpoint."""
    times = iter([clock, clock - 3600 * 1_000_000])
    store = open_store(settings, lambda: next(times, clock))
    drafts = [msgspec.structs.replace(draft(number), sender=b"", who="") for number in range(1, SIZE + 1)]
    store.ledger.append(drafts[:10])
    store.ledger.append(drafts[10:20])
    store.ledger.append(drafts[20:])
    make_checkpoint(store.ledger, KEY, clock)
    store.close()


def made_older(settings: StoreSettings, older: StoreSettings, revision: str) -> None:
    """The same ledger as a version of that revision would have kept it."""
    source, target = reach(settings), reach(msgspec.structs.replace(older, create=True))
    upgrade(target, older.data, to=revision, backup=False)
    with source.reader.connect() as reading, target.writer.begin() as writing:
        there = set(inspect(writing).get_table_names())
        for table in metadata.sorted_tables:
            if not table.name.startswith("ledger_") or table.name not in there:
                continue
            names = {column["name"] for column in inspect(writing).get_columns(table.name)}
            columns = [column for column in table.columns if column.name in names]
            rows = [dict(row) for row in reading.execute(select(*columns)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    source.close()
    target.close()


def checked(settings: StoreSettings, *, revision: str, frozen: bool) -> None:
    """Verified, exported and backed up, and nothing of it changed."""
    store = open_for_reading(settings)
    try:
        assert (store.revision(), store.frozen, store.ledger.size()) == (revision, frozen, SIZE)
        report = verify_ledger(store.ledger, [KEY.verifier])
        assert (report.intact, report.last, report.signed) == (True, SIZE, SIZE), report.fault
        file = io.BytesIO()
        assert export_ledger(store.ledger, file, KEY.name) == SIZE
        file.seek(0)
        assert verify_bundle(file, [KEY.verifier]).intact
        with store.view() as tx:  # what an older one does not have is empty
            assert tx.settings.get("nothing") is None
            assert tx.people.count() == 0 if hasattr(tx.people, "count") else True
        if frozen:
            with pytest.raises(PlumblineError):
                store.ledger.append([draft(SIZE + 1)])
    finally:
        store.close()


@pytest.mark.parametrize("revision", OLDER)
def test_an_older_store_is_read_without_an_upgrade(tmp_path: Path, revision: str) -> None:
    today, older = StoreSettings(data=str(tmp_path / "a")), StoreSettings(data=str(tmp_path / "b"))
    fill(today)
    Path(older.data).mkdir()
    made_older(today, older, revision)
    before = (Path(older.data) / FILE).read_bytes()
    checked(older, revision=revision, frozen=True)
    made = back_up(older, str(tmp_path / "backup"))
    assert (made.revision, made.entries) == (revision, SIZE)
    assert (Path(older.data) / FILE).read_bytes() == before
    back = StoreSettings(data=str(tmp_path / "c"), create=False)
    restore(back, str(tmp_path / "backup"))
    store = open_store(back)
    assert (store.revision(), store.ledger.size()) == (REVISION, SIZE)
    store.close()


def test_an_older_store_on_either_database(settings: StoreSettings, tmp_path: Path, request) -> None:
    fill(settings)
    older = StoreSettings(data=str(tmp_path / "older"))
    Path(older.data).mkdir()
    if settings.address:
        server = request.getfixturevalue("postgres")
        server.execute("create database older_one")
        older = msgspec.structs.replace(older, address=server.address("older_one"))
    made_older(settings, older, "0002")
    checked(older, revision="0002", frozen=True)
    assert back_up(older, str(tmp_path / "backup")).revision == "0002"


def test_a_fault_in_an_older_store_is_found(tmp_path: Path) -> None:
    today, older = StoreSettings(data=str(tmp_path / "a")), StoreSettings(data=str(tmp_path / "b"))
    fill(today)
    Path(older.data).mkdir()
    made_older(today, older, "0001")
    with sqlite3.connect(f"{older.data}/{FILE}") as database:
        database.execute(
            "update ledger_entry set body = cast(replace(body, 'success', 'failure') as blob) where seq=77"
        )
    database.close()
    store = open_for_reading(older)
    assert verify_ledger(store.ledger, [KEY.verifier]).fault.seq == 77
    store.close()


@pytest.fixture
def medium(tmp_path: Path):
    """A file system that can be made to take no writes."""
    place = tmp_path / "medium"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", place]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def freeze(medium: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", medium], check=True)


@pytest.mark.parametrize("left", ["nothing", "log", "log and index"])
def test_a_medium_that_takes_no_writes(medium: Path, tmp_path: Path, left: str) -> None:
    """``left``: what a server that was killed left beside the file, with the newest entries in it."""
    settings = StoreSettings(data=str(medium / "data"))
    if left == "nothing":
        fill(settings)
    else:
        work = StoreSettings(data=str(tmp_path / "work"))
        fill(work)
        shutil.copytree(work.data, settings.data)
        with sqlite3.connect(f"{work.data}/{FILE}", isolation_level=None) as database:
            database.execute("pragma wal_autocheckpoint = 0")
            database.execute("create table extra (id integer)")
            endings = ("", "-wal", "-shm")[: 2 if left == "log" else 3]
            for ending in endings:
                shutil.copyfile(f"{work.data}/{FILE}{ending}", f"{settings.data}/{FILE}{ending}")
        database.close()
    freeze(medium)
    before = sorted(os.listdir(settings.data))
    checked(settings, revision=REVISION, frozen=True)
    if left != "nothing":
        store = open_for_reading(settings)
        with store.reading() as connection:
            assert "extra" in inspect(connection).get_table_names()
        store.close()
    made = back_up(settings, str(tmp_path / "backup"))
    assert made.entries == SIZE
    assert sorted(os.listdir(settings.data)) == before
    restore(StoreSettings(data=str(tmp_path / "back"), create=False), str(tmp_path / "backup"))


def test_an_older_store_on_such_a_medium(medium: Path, tmp_path: Path) -> None:
    today, older = StoreSettings(data=str(tmp_path / "a")), StoreSettings(data=str(medium / "b"))
    fill(today)
    Path(older.data).mkdir()
    made_older(today, older, "0001")
    freeze(medium)
    checked(older, revision="0001", frozen=True)
    assert back_up(older, str(tmp_path / "backup")).revision == "0001"


def test_a_full_disk_is_told_of_the_place_that_is_full(medium: Path, tmp_path: Path) -> None:
    settings = StoreSettings(data=str(tmp_path / "data"))
    fill(settings)
    subprocess.run(["mount", "-o", "remount,size=64k", medium], check=True)
    with pytest.raises(PlumblineError) as caught:
        back_up(settings, str(medium / "backup"))
    assert caught.value.code == "disk-full"
    assert str(medium) in str(caught.value.message)
    assert settings.data not in str(caught.value.message)
    assert os.listdir(medium) == []
    store = open_store(settings)
    with store.reading() as connection:
        assert stored_revision(connection, "") == REVISION
    store.close()


@of_servers
def test_what_a_database_on_a_server_takes(settings: StoreSettings) -> None:
    store = open_store(settings)
    check = check_database_space(store)
    store.close()
    assert check.health == "ok"
    assert "MiB" in str(check.message)
