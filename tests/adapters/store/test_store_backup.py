"""A backup holds what the store held, and comes back verified or not at all."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.postgres_server import PostgresServer
from tests.store_kinds import of_files

from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.adapters.store.backup import back_up
from plumbline.adapters.store.restoring import restore
from plumbline.kernel import PlumblineError
from plumbline.model.event import EventDraft

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


def draft(name: str) -> EventDraft:
    return EventDraft(source="s", id=name, type="t", subject="x", body=name.encode() * 50)


@pytest.fixture
def filled(settings: StoreSettings) -> StoreSettings:
    store = open_store(settings)
    store.ledger.append([draft(f"{number}") for number in range(300)])
    store.close()
    for name in ("logs/1/2.log", "blobs/ab/cd", "keys/ring.json", "mirrors/x/HEAD", "local/y"):
        path = Path(settings.data, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return settings


@pytest.fixture
def elsewhere(filled: StoreSettings, tmp_path: Path, request: pytest.FixtureRequest) -> StoreSettings:
    """Where to restore to: an empty folder, and an empty database."""
    address = ""
    if filled.address:
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.database()
    return msgspec.structs.replace(filled, data=str(tmp_path / "elsewhere"), address=address)


def test_there_and_back(filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.tar.gz")
    made = back_up(filled, file)
    assert made.entries == 300
    assert os.stat(file).st_mode & 0o077 == 0
    if not filled.address:
        assert os.stat(f"{filled.data}/{FILE}").st_mode & 0o077 == 0
    assert restore(elsewhere, file) == made
    store = open_store(msgspec.structs.replace(elsewhere, create=False))
    assert store.ledger.size() == 300
    assert store.ledger.append([draft("next")])[0].seq == 301
    store.close()
    found = {str(path.relative_to(elsewhere.data)) for path in Path(elsewhere.data).rglob("*") if path.is_file()}
    assert found - {FILE} == {"logs/1/2.log", "blobs/ab/cd"}
    assert [name for name in os.listdir(filled.data) if name.startswith(".")] == []


def test_a_backup_while_it_is_written_to(filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path) -> None:
    store, stop = open_store(filled), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            store.ledger.append([draft(f"more{number}.{part}") for part in range(20)])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = back_up(filled, str(tmp_path / "b"))
    finally:
        stop.set()
        writer.join()
        store.close()
    assert made.entries >= 300
    assert restore(elsewhere, str(tmp_path / "b")) == made


def test_it_replaces_nothing_unasked(filled: StoreSettings, tmp_path: Path) -> None:
    file = str(tmp_path / "b")
    back_up(filled, file)
    store = open_store(filled)
    store.ledger.append([draft("later")])
    store.close()
    with pytest.raises(PlumblineError) as refused:
        restore(filled, file)
    assert refused.value.code == "store-exists"
    restore(filled, file, force=True)
    store = open_store(filled)
    assert store.ledger.size() == 300
    store.close()
    if not filled.address:
        replaced = next(Path(filled.data, "backups").glob("replaced-*"))
        assert (replaced / "logs/1/2.log").exists()
        with sqlite3.connect(replaced / FILE) as old:
            assert old.execute("select max(seq) from ledger_entry").fetchone() == (301,)


@of_files
def test_a_running_server_is_not_replaced(filled: StoreSettings, tmp_path: Path) -> None:
    file = str(tmp_path / "b")
    back_up(filled, file)
    store = open_store(filled)
    store.ledger.append([draft("later")])
    with pytest.raises(PlumblineError) as refused:
        restore(filled, file, force=True)
    assert refused.value.code == "store-in-use"
    assert store.ledger.size() == 301
    store.close()


def changed_database(path: str, change: Callable[[sqlite3.Connection], None], folder: Path) -> str:
    """The same backup with something changed in its database."""
    with tarfile.open(path) as archive:
        archive.extractall(folder / "x", filter="data")
    with sqlite3.connect(folder / "x" / FILE) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"drop trigger ledger_entry_{verb}")
        change(connection)
    connection.close()
    with tarfile.open(folder / "changed", "w:gz") as archive:
        for name in sorted(os.listdir(folder / "x")):
            archive.add(folder / "x" / name, name)
    return str(folder / "changed")


@of_files
@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update ledger_entry set body = x'00' where seq = 17", "17"),
        ("update ledger_entry set received = received + 1 where seq = 300", "300"),
        ("delete from ledger_entry where seq = 40", "40"),
        ("delete from ledger_entry where seq = 300", "299"),
        ("delete from ledger_entry", "0"),
    ],
)
def test_a_changed_backup_is_not_restored(
    filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path, statement: str, seq: str
) -> None:
    back_up(filled, str(tmp_path / "b"))
    changed = changed_database(str(tmp_path / "b"), lambda connection: connection.execute(statement) and None, tmp_path)
    with pytest.raises(PlumblineError) as refused:
        restore(elsewhere, changed)
    assert refused.value.code == "backup-broken"
    assert f"entry {seq}." in str(refused.value)
    assert os.listdir(elsewhere.data) == []


@of_files
@pytest.mark.parametrize("damage", ["cut", "flip", "text", "empty", "nothing in it", "outside"])
def test_what_is_not_a_backup(filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path, damage: str) -> None:
    back_up(filled, str(tmp_path / "b"))
    whole = (tmp_path / "b").read_bytes()
    middle = len(whole) // 2
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as made:
        if damage == "outside":
            made.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    bad = {
        "cut": whole[:middle],
        "flip": whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :],
        "text": b"hello",
        "empty": b"",
        "nothing in it": archive.getvalue(),
        "outside": archive.getvalue(),
    }[damage]
    (tmp_path / "bad").write_bytes(bad)
    with pytest.raises(PlumblineError) as refused:
        restore(elsewhere, str(tmp_path / "bad"))
    assert refused.value.code == "not-a-backup"
    assert os.listdir(elsewhere.data) == []
    assert not (tmp_path / "outside").exists()


def test_a_backup_of_a_newer_version(filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path) -> None:
    made = msgspec.structs.replace(back_up(filled, str(tmp_path / "b")), revision="9999")
    with tarfile.open(tmp_path / "newer", "w:gz") as archive:
        head = tarfile.TarInfo("backup.json")
        content = msgspec.json.encode(made)
        head.size = len(content)
        archive.addfile(head, io.BytesIO(content))
    with pytest.raises(PlumblineError) as refused:
        restore(elsewhere, str(tmp_path / "newer"))
    assert refused.value.code == "backup-newer"


def test_no_file_and_a_folder_that_is_not_there(filled: StoreSettings, elsewhere: StoreSettings) -> None:
    with pytest.raises(PlumblineError) as refused:
        restore(elsewhere, "/nowhere/b")
    assert refused.value.code == "no-backup"
    with pytest.raises(PlumblineError) as refused:
        back_up(filled, "/nowhere/b")
    assert refused.value.code == "storage-failed"


def with_more(file: str, more: dict[str, bytes], without: str = "") -> str:
    """The same backup with what nobody's backup holds."""
    crafted = f"{file}.crafted"
    with tarfile.open(file) as old, tarfile.open(crafted, "w:gz") as new:
        for member in old:
            if member.name != without:
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
        for name, content in more.items():
            head = tarfile.TarInfo(name)
            head.size = len(content)
            new.addfile(head, io.BytesIO(content))
    return crafted


def test_a_crafted_backup_replaces_no_keys_and_brings_no_programs(
    filled: StoreSettings, elsewhere: StoreSettings, tmp_path: Path
) -> None:
    back_up(filled, str(tmp_path / "backup"))
    evil = {"data/keys": b"evil", "data/mirrors/1.git/hooks/post-update": b"evil", "data/.hidden": b"evil"}
    Path(elsewhere.data).mkdir()
    Path(elsewhere.data, "keys").write_text("ours")
    restore(elsewhere, with_more(str(tmp_path / "backup"), evil))
    assert Path(elsewhere.data, "keys").read_text() == "ours"
    assert not {"mirrors", ".hidden"} & set(os.listdir(elsewhere.data))


@pytest.mark.parametrize("part", ["backup.json", FILE])
def test_a_backup_without_a_part_says_which(tmp_path: Path, part: str) -> None:
    settings = StoreSettings(data=str(tmp_path / "data"))
    open_store(settings).close()
    back_up(settings, str(tmp_path / "backup"))
    with pytest.raises(PlumblineError) as told:
        restore(
            msgspec.structs.replace(settings, data=str(tmp_path / "new")),
            with_more(str(tmp_path / "backup"), {}, without=part),
        )
    assert told.value.code == "not-a-backup"
    assert str(told.value.message).endswith(f"it has no {part}")


def test_a_folder_is_no_backup_and_no_place_for_one(tmp_path: Path) -> None:
    settings = StoreSettings(data=str(tmp_path / "data"))
    open_store(settings).close()
    with pytest.raises(PlumblineError) as told:
        restore(msgspec.structs.replace(settings, data=str(tmp_path / "new")), str(tmp_path))
    assert (told.value.code, str(tmp_path) in str(told.value.message)) == ("no-backup", True)
    for place in (str(tmp_path), "/dev/null"):
        with pytest.raises(PlumblineError) as told:
            back_up(settings, place)
        assert told.value.code == "backup-not-a-file"
    assert Path("/dev/null").is_char_device()


def test_a_backup_goes_where_a_link_leads_and_needs_no_room_in_the_store(filled: StoreSettings, tmp_path: Path) -> None:
    target, link = tmp_path / "disk" / "backup", tmp_path / "link"
    target.parent.mkdir()
    link.symlink_to(target)
    os.chmod(filled.data, 0o500)
    back_up(filled, str(link))
    os.chmod(filled.data, 0o700)
    assert link.is_symlink()
    assert target.is_file()
    assert os.listdir(target.parent) == ["backup"]


def test_nothing_is_restored_below_a_running_server(filled: StoreSettings, tmp_path: Path) -> None:
    back_up(filled, str(tmp_path / "backup"))
    running = open_store(filled)
    running.ledger.append([draft("running")])
    other = msgspec.structs.replace(filled, data=filled.data if not filled.address else str(tmp_path / "elsewhere"))
    with pytest.raises(PlumblineError) as told:
        restore(other, str(tmp_path / "backup"), force=True)
    assert told.value.code == "store-in-use"
    assert running.ledger.size() == 301
    running.close()
