"""Whatever is wrong with a database is told with its cure, and nothing is half written."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec
import pytest
from tests.postgres_server import PostgresServer
from tests.store_kinds import of_files, of_servers
from tests.tampering import tamper

from plumbline.adapters.store import FILE, Store, StoreSettings, open_store
from plumbline.adapters.store.opening import bring_up_to_date
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.model.event import EventDraft


def draft(name: str, size: int = 10) -> EventDraft:
    return EventDraft(source="s", id=name, type="t", subject="x", body=name.encode() + b"." * size)


def refused(settings: StoreSettings) -> PlumblineError:
    with pytest.raises(PlumblineError) as told:
        open_store(settings)
    assert told.value.hint is not None
    return told.value


@pytest.fixture
def embedded(tmp_path: Path) -> StoreSettings:
    return StoreSettings(data=str(tmp_path / "data"), patience=0.2)


def test_a_locked_database(embedded: StoreSettings) -> None:
    store = open_store(embedded)
    store.ledger.append([draft("1")])
    with sqlite3.connect(f"{embedded.data}/{FILE}", isolation_level=None) as other:
        other.execute("begin immediate")
        with pytest.raises(PlumblineError) as told:
            store.ledger.append([draft("2")])
        assert told.value.code == "store-locked"
        assert store.ledger.size() == 1  # readers do not wait
        other.execute("rollback")
    assert store.ledger.append([draft("2")])[0].seq == 2
    store.close()


def test_a_full_disk_undoes_what_did_not_fit(embedded: StoreSettings) -> None:
    store = open_store(embedded)
    store.ledger.append([draft("1")])
    with store.engines.writer.connect() as connection:
        assert connection.connection.driver_connection is not None
        connection.connection.driver_connection.execute("pragma max_page_count = 80")
    with pytest.raises(PlumblineError) as told:
        store.ledger.append([draft(f"big{number}", 10_000) for number in range(100)])
    assert told.value.code == "disk-full"
    assert store.ledger.size() == 1
    assert store.ledger.append([draft("2")])[0].seq == 2
    store.close()


@pytest.mark.parametrize("content", [b"hello, this is text\n" * 20, b"SQLite format 3\0" + b"rubbish" * 100])
def test_a_file_that_is_no_database(embedded: StoreSettings, content: bytes) -> None:
    os.makedirs(embedded.data)
    Path(embedded.data, FILE).write_bytes(content)
    assert refused(embedded).code in ("store-not-a-database", "store-foreign", "store-damaged")
    assert Path(embedded.data, FILE).read_bytes() == content


def test_the_database_of_another_program(embedded: StoreSettings) -> None:
    os.makedirs(embedded.data)
    with sqlite3.connect(f"{embedded.data}/{FILE}") as connection:
        connection.execute("create table theirs (id integer)")
    connection.close()
    assert refused(embedded).code == "store-foreign"


def test_a_data_folder_that_is_a_file(embedded: StoreSettings) -> None:
    Path(embedded.data).write_text("x")
    assert refused(embedded).code == "storage-failed"


def test_a_folder_that_may_not_be_written(embedded: StoreSettings, tmp_path: Path) -> None:
    """Opened by another user where we are root, who may write everywhere."""
    open_store(embedded).close()
    os.chmod(embedded.data, 0o555)
    os.chmod(f"{embedded.data}/{FILE}", 0o444)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                for folder in Path(embedded.data).parents:
                    if not folder.stat().st_mode & 0o001:
                        os.chmod(folder, folder.stat().st_mode | 0o011)
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            open_store(embedded)
        except PlumblineError as error:
            os.write(writer, error.code.encode())
        finally:
            os._exit(0)
    os.close(writer)
    told = os.read(reader, 100).decode()
    os.waitpid(child, 0)
    os.close(reader)
    os.chmod(embedded.data, 0o755)
    assert told == "store-read-only"


def test_a_server_that_is_not_there(embedded: StoreSettings) -> None:
    nowhere = msgspec.structs.replace(embedded, address="postgresql://me:secret@127.0.0.1:1/name")
    error = refused(nowhere)
    assert error.code == "store-unreachable"
    assert "secret" not in str(error)


def test_a_database_that_is_not_there(embedded: StoreSettings, postgres: PostgresServer) -> None:
    missing = msgspec.structs.replace(embedded, address=postgres.address("missing"))
    assert refused(missing).code in ("store-refused", "store-unreachable")


@pytest.mark.parametrize("address", ["mysql://x/y", "nonsense", "sqlite:///x", "postgresql://[::1/x"])
def test_an_address_that_is_none(embedded: StoreSettings, address: str) -> None:
    error = refused(msgspec.structs.replace(embedded, address=address))
    assert (error.code, error.kind) == ("database-address-wrong", ErrorKind.CONFIGURATION)


@of_servers
def test_a_connection_that_breaks_is_made_anew(
    store: Store, settings: StoreSettings, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer = request.getfixturevalue("postgres")
    ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plumbline'"
    store.ledger.append([draft("1")])
    server.execute(ended)
    store.ledger.append([draft("2")])
    with pytest.raises(PlumblineError) as told, store.change() as change:  # noqa: PT012
        change.record(draft("3"))
        server.execute(ended)
    assert told.value.code == "store-unreachable"
    store.ledger.append([draft("4")])
    assert [entry.id for entry in store.ledger.read()] == ["1", "2", "4"]


def test_a_value_that_no_column_holds_is_refused_alone(store: Store) -> None:
    """It is somebody's mistake, not the database's: others who share the transaction are not hurt."""
    with pytest.raises(PlumblineError) as told, store.view() as tx:
        tx.jobs.get(10**30)
    assert (told.value.code, told.value.kind) == ("value-not-storable", ErrorKind.CONFIGURATION)

    def change() -> None:
        with store.change() as tx:
            tx.settings.put("kept/not", b"1")
            tx.attempts.failed("account:x", 10**30)

    with pytest.raises(PlumblineError) as told:
        change()
    assert told.value.code == "value-not-storable"
    store.ledger.append([draft("after")])
    with store.view() as tx:
        assert tx.settings.get("kept/not") is None


def test_postgresql_holds_no_nul(settings: StoreSettings, store: Store) -> None:
    if settings.address:
        with pytest.raises(PlumblineError) as told, store.change() as tx:
            tx.settings.put("a\0b", b"1")
        assert told.value.code == "value-not-storable"


def test_a_table_that_somebody_took_away_is_damage(store: Store) -> None:
    tamper(store, "drop table ledger_setback")
    with pytest.raises(PlumblineError) as told:
        list(store.ledger.filed(0))
    assert told.value.code == "store-damaged"


@of_files
@pytest.mark.parametrize("value", ["'x'", "5", "x'00'"])
def test_nothing_follows_an_entry_that_somebody_changed(store: Store, value: str) -> None:
    """SQLite takes any value in any column."""
    store.ledger.append([draft("1")])
    tamper(store, f"update ledger_entry set chain = {value}")
    with pytest.raises(PlumblineError) as told:
        store.ledger.append([draft("2")])
    assert told.value.code == "ledger-broken"
    with store.change() as tx:
        tx.settings.put("other", b"1")


@pytest.mark.parametrize("content", [b"", None])
def test_an_upgrade_of_nothing_is_no_success(embedded: StoreSettings, content: bytes | None) -> None:
    Path(embedded.data).mkdir()
    if content is not None:
        Path(embedded.data, FILE).write_bytes(content)
    with pytest.raises(PlumblineError) as told:
        bring_up_to_date(msgspec.structs.replace(embedded, create=False))
    assert told.value.code == "no-store"
