"""Looks at everything that the server needs, for ``plumb doctor``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.data_folder import BLOBS
from plumbline.adapters.doctor import (
    check_blobs,
    check_certificate,
    check_clock,
    check_database_space,
    check_disk,
    check_executors,
    check_folder,
    check_fonts,
    check_git,
    check_private,
    check_space,
)
from plumbline.adapters.store import Store, open_store
from plumbline.evidence import Outcome, verify
from plumbline.evidence.vocabulary.own_platform import StorageCorrupted
from plumbline.flow.event_writer import EventWriter
from plumbline.flow.ledger.checkpoints import start_after
from plumbline.flow.ledger.index_check import FilingCheck
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Check, Health
from plumbline.wiring.backups import COMMAND
from plumbline.wiring.blobs import known_address, open_blobs
from plumbline.wiring.installation import installation_source
from plumbline.wiring.moment import known_certificate
from plumbline.wiring.outside import check_outside, outside_of
from plumbline.wiring.server import KEYS, ServerSettings
from plumbline.wiring.tellings import check_tellings

__all__ = ["check_certificate", "examine"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.event import Entry


def examine(settings: ServerSettings, last: int) -> Iterator[Check]:
    """Look at everything that the server needs; ``last`` entries of the ledger are verified."""
    folder = settings.folder
    place = check_folder(folder)
    yield place
    if place.ok:
        yield check_disk(folder)
        yield check_space(folder)
    yield check_git()
    yield from check_executors()
    yield check_fonts()
    if not place.ok and not settings.database:
        return
    if place.ok:
        yield check_private("keys", os.path.join(folder, KEYS))
    yield from _examine_store(settings, last)


def _examine_store(settings: ServerSettings, last: int) -> Iterator[Check]:
    try:
        store = open_store(settings.store())
    except PlumblineError as error:
        yield Check(name="database", health=Health.PROBLEM, message=error.message, cure=error.hint)
        return
    try:
        yield Check(
            name="database",
            health=Health.OK,
            message=t("{place} answers, and its tables are those of this version.", place=store.place),
        )
        if settings.database:
            yield check_database_space(store)
        yield from _examine_ledger(store, last)
        yield from _examine_outside(settings.folder, store)
        yield _examine_blobs(settings.folder, store)
        yield check_tellings(store)
    except PlumblineError as error:
        yield Check(name="ledger", health=Health.PROBLEM, message=error.message, cure=error.hint)
    finally:
        store.close()


def _examine_blobs(folder: str, store: Store) -> Check:
    """What is found corrupt is told as the server tells it."""

    def tell(digest: str) -> None:
        with store.change() as tx:
            writer = EventWriter(store.clock(), installation_source(store) or COMMAND, lambda: os.urandom(16).hex())
            writer.record(tx, digest, StorageCorrupted(digest=digest))

    try:
        blobs = open_blobs(folder, tell, known_address(store))
    except PlumblineError as error:
        return Check(name="artifacts", health=Health.PROBLEM, message=error.message, cure=error.hint)
    return check_blobs(blobs, os.path.join(folder, BLOBS))


def _examine_outside(folder: str, store: Store) -> Iterator[Check]:
    """What keeps others from believing what is shown here: checkpoints that got nowhere, a certificate that is over."""
    yield check_outside(outside_of(folder, store, None), store)
    certificate = known_certificate(store)
    if certificate and os.path.exists(certificate):
        yield check_certificate(certificate)


def _examine_ledger(store: Store, last: int) -> Iterator[Check]:
    """The newest entries, from where the entries before them leave the chain and the tree."""
    size, _ = store.ledger.head()
    before = max(0, size - last)
    start = start_after(store.ledger, before)
    newest = 0

    def entries() -> Iterator[Entry]:
        nonlocal newest
        for entry in store.ledger.read(before + 1):
            newest = entry.received
            yield entry

    filing = FilingCheck(store.ledger, before)
    report = filing.judged(verify(filing.watch(entries()), [], [], start=start))
    if report.outcome is Outcome.BROKEN and report.fault is not None:
        yield Check(
            name="ledger",
            health=Health.PROBLEM,
            message=t("The ledger does not hold: {reason}", reason=report.fault.message),
            cure=t("Keep the database as it is, find out who changed it, and restore a backup that verifies."),
        )
    elif report.outcome is Outcome.NOTHING:
        yield Check(name="ledger", health=Health.WARNING, message=t("The ledger has no entries: nothing was verified."))
    else:
        message = t("Entries {first} to {last} of the ledger are as they were.", first=before + 1, last=report.last)
        yield Check(name="ledger", health=Health.OK, message=message)
    yield check_clock(newest)
