"""Opening the store: the right kind of database, in the right place, with today's tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.store.beginning import check_beginning
from plumbline.adapters.store.engine import (
    PATIENCE,
    check_file,
    check_folder,
    make_private,
    postgresql_engines,
    sqlite_engines,
)
from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.schema import REVISION
from plumbline.adapters.store.store import Store, now
from plumbline.adapters.store.version import stored_revision
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.store.engine import Engines

FILE = "plumbline.db"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the store is. ``address`` is that of a PostgreSQL database; without one a file in ``data`` is used."""

    data: str
    address: str = ""
    create: bool = True  # make what is not there yet; else PlumblineError `no-store`
    upgrade: bool = False  # bring an older one up to date, after a backup
    backup: bool = True
    patience: float = PATIENCE  # seconds to wait for somebody else's lock


def open_store(settings: StoreSettings, clock: Callable[[], int] = now) -> Store:
    """Open it, with today's tables. Raises PlumblineError: ``no-store``, ``store-outdated``, ``store-newer``,
    ``store-foreign``, ``store-not-a-database``, ``store-read-only``, ``store-locked``, ``store-unreachable``, ..."""
    if settings.create and not settings.address and not os.path.exists(os.path.join(settings.data, FILE)):
        check_beginning(settings.data)
    engines = reach(settings)
    try:
        _prepare(engines, settings)
    except BaseException:
        engines.close()
        raise
    return Store(engines, clock)


def reach(settings: StoreSettings) -> Engines:
    """Connections to the database, whatever is in it."""
    if settings.create:
        check_folder(settings.data)
    if settings.address:
        return postgresql_engines(settings.address, patience=settings.patience)
    path = os.path.join(settings.data, FILE)
    if not settings.create and not os.path.exists(path):
        raise no_store(settings.data)
    check_file(path)
    if not os.path.exists(path):
        make_private(path)
    return sqlite_engines(path, patience=settings.patience)


def bring_up_to_date(settings: StoreSettings, *, backup: bool = True) -> str | None:
    """Upgrade what is there; the file of the backup made before, None where none was needed."""
    engines = reach(settings)
    try:
        revision = _revision(engines)
        if revision is None:
            raise no_store(engines.place)
        if revision == REVISION:
            return None
        from plumbline.adapters.store.upgrading import upgrade

        return upgrade(engines, settings.data, backup=backup)
    finally:
        engines.close()


def _prepare(engines: Engines, settings: StoreSettings) -> None:
    revision = _revision(engines)
    if revision == REVISION:
        return
    if revision is None:
        if not settings.create:
            raise no_store(engines.place)
        _check_beginning(engines, settings.data)
    if revision is not None and not settings.upgrade:
        raise PlumblineError(
            "store-outdated",
            t("{place} was made by an older version of Plumbline.", place=engines.place),
            t("`plumb upgrade` brings it up to date, after a backup."),
        )
    from plumbline.adapters.store.upgrading import upgrade

    upgrade(engines, settings.data, backup=settings.backup)


def _check_beginning(engines: Engines, data: str) -> None:
    try:
        check_beginning(data)
    except PlumblineError:
        if _revision(engines) is None:  # else another process made it in this moment
            raise


def no_store(place: str) -> PlumblineError:
    return PlumblineError(
        "no-store",
        t("There is no store in {place}.", place=place),
        t("Name its folder with --data; `plumb up` makes a new one."),
    )


def _revision(engines: Engines) -> str | None:
    with telling(engines.place), engines.reader.connect() as connection:
        return stored_revision(connection, engines.place)
