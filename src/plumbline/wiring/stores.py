"""Opens the store of a data folder, and what stands beside it, for commands that no server need be running for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.wiring.local import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.adapters.secrets import KeyVault
    from plumbline.adapters.store import Store, StoreSettings
    from plumbline.evidence import SigningKey
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.model.backup import Backup
    from plumbline.model.ports.ledger import Ledger

KEYS = "keys"  # in the data folder of a server: the file with the keys of what is sealed in its store


class SealedStore(NamedTuple):
    """A store and the keys of what is sealed in it."""

    store: Store
    vault: KeyVault
    add_key: Callable[[], None]
    drop_old_keys: Callable[[], int]  # how many there were


def back_up(file: str, data: str | None, database: str | None) -> Backup:
    """Write a backup of the server's store. Raises PlumblineError."""
    from plumbline.adapters.store.backup import back_up as write

    return write(_store_settings(data, database), file)


def restore(file: str, data: str | None, database: str | None, *, force: bool) -> Backup:
    """Put a backup of the server's store back, and verify its ledger. Raises PlumblineError."""
    from plumbline.adapters.store.restoring import restore as put_back

    return put_back(_store_settings(data, database), file, force=force)


def upgrade_store(data: str | None, database: str | None, *, backup: bool) -> str | None:
    """Bring the server's store up to date; the file of the backup made before, None where none was needed."""
    from plumbline.adapters.store.opening import bring_up_to_date

    return bring_up_to_date(_store_settings(data, database), backup=backup)


def begin_anew(data: str | None, database: str | None) -> str:
    """Set aside what a server left whose database is gone; where it is now. Raises PlumblineError ``store-exists``
    where there is one."""
    from plumbline.adapters.store import open_store
    from plumbline.adapters.store.beginning import begin_anew as set_aside

    settings = _store_settings(data, database)
    try:
        store = open_store(settings)
    except PlumblineError as error:
        if error.code != "no-store":
            raise
        return set_aside(settings.data)
    store.close()
    raise PlumblineError(
        "store-exists",
        t("There is a store in {place}: nothing begins anew beside it.", place=store.place),
        t("Start without --begin-anew. For another installation, name another folder with --data."),
        kind=ErrorKind.REFUSED,
    )


def _store_settings(data: str | None, database: str | None) -> StoreSettings:
    from plumbline.adapters.store import StoreSettings

    return StoreSettings(data=data_folder(data), address=database or "", create=False)


@contextmanager
def open_sealed(data: str | None, database: str | None, *, create: bool = False) -> Iterator[SealedStore]:
    """A store that is there already, with the keys of what is sealed in it. ``create``: a new one where the file is
    gone. Raises PlumblineError."""
    from pathlib import Path

    from plumbline.adapters.secrets import KeyVault, add_key, drop_old_keys
    from plumbline.adapters.store import open_store

    path = Path(data_folder(data), KEYS)
    store = open_store(_store_settings(data, database))
    try:
        vault = KeyVault(path, create=create)

        def add() -> None:
            add_key(path)
            vault.refresh()

        def drop() -> int:
            gone = drop_old_keys(path)
            vault.refresh()
            return len(gone)

        yield SealedStore(store, vault, add, drop)
    finally:
        store.close()


@contextmanager
def open_records(data: str | None, database: str | None) -> Iterator[Store]:
    """A store that is there already. Raises PlumblineError as opening a store does."""
    from plumbline.adapters.store import open_store

    store = open_store(_store_settings(data, database))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def read_records(data: str | None, database: str | None) -> Iterator[Store]:
    """A store that is there already, for reading: of any older revision, and on a medium that takes no writes."""
    from plumbline.adapters.store.older import open_for_reading

    store = open_for_reading(_store_settings(data, database))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_ledger(data: str | None, database: str | None) -> Iterator[Ledger]:
    """The ledger of a store that is there already. Raises PlumblineError as opening a store does."""
    with open_records(data, database) as store:
        yield store.ledger


@contextmanager
def open_sources(data: str | None, database: str | None) -> Iterator[SourceTools]:
    """What imports of events touch. Raises PlumblineError as opening a store does."""
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.flow.unit_of_work import Units

    with open_records(data, database) as store:
        units = Units(store, "urn:plumbline:command", store.clock, lambda: os.urandom(16).hex())
        yield SourceTools(units, store.ledger)


def ledger_key(data: str | None, *, create: bool = False) -> SigningKey | None:
    """The key that signs the checkpoints of this data folder; None where there is none and none is made."""
    from plumbline.adapters.ledger_key import make_ledger_key, read_ledger_key

    return (make_ledger_key if create else read_ledger_key)(data_folder(data))
