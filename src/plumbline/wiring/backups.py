"""Backups, restores and rehearsals of a store, each with its entry in the ledger that it is about."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from plumbline.evidence.vocabulary import own_operations as events
from plumbline.flow.event_writer import EventWriter
from plumbline.flow.ledger.checkpoints import verify_ledger
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.wiring import stores
from plumbline.wiring.blobs import known_address
from plumbline.wiring.installation import installation_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.adapters.store import Store
    from plumbline.evidence import Content
    from plumbline.model.backup import Backup

COMMAND = "urn:plumbline:command"  # of a store that no server has used yet
_FAILED = frozenset({"backup-broken", "not-a-backup", "restore-failed", "backup-of-another"})  # the backup's own fault


@dataclass(frozen=True, slots=True)
class Done:
    """``untold``: why the ledger could not be told; None where it says so."""

    made: Backup
    seconds: float
    untold: PlumblineError | None = None


def back_up(file: str, data: str | None, database: str | None) -> Done:
    """Write a backup of the server's store, and say so in its ledger, which is after what the backup holds.

    Raises PlumblineError; then the ledger says that it failed, where there is one.
    """
    begun = time.monotonic()
    try:
        made = stores.back_up(file, data, database)
    except PlumblineError as error:
        _tell(data, database, "backup", events.BackupFinished(outcome="failure", reason=error.code))
        raise
    made = msgspec.structs.replace(made, blobs_at=_blobs_at(data, database))
    digest, spent = digest_of(file), time.monotonic() - begun
    content = events.BackupFinished(
        outcome="success", digest=digest, bytes=os.path.getsize(file), seconds=spent, entries=made.entries
    )
    return Done(made, spent, _tell(data, database, digest, content))


def restore(file: str, data: str | None, database: str | None, *, force: bool) -> Done:
    """Put a backup back, and say so in its ledger. Raises PlumblineError."""
    begun = time.monotonic()
    made = stores.restore(file, data, database, force=force)
    digest, spent = digest_of(file), time.monotonic() - begun
    content = events.RestoreFinished(outcome="success", digest=digest, seconds=spent, entries=made.entries)
    return Done(made, spent, _tell(data, database, digest, content))


def rehearse(file: str, data: str | None, database: str | None, scratch: str | None) -> Done:
    """Restore a backup into a temporary folder (``scratch``: and into that empty PostgreSQL database), verify the
    ledger there, and tell the ledger of the server how it went.

    Raises PlumblineError as :func:`restore`, and ``backup-of-another``.
    """
    begun = time.monotonic()
    with _records(data, database) as (store, writer):
        try:
            with tempfile.TemporaryDirectory(prefix="plumbline-rehearsal-") as folder:
                made = stores.restore(file, folder, scratch, force=False)
                _same_ledger(store, made, file)
                _verify(folder, scratch, data)
        except PlumblineError as error:
            if error.code in _FAILED:
                content = events.DrillFinished(kind="restore", outcome="failure", reason=error.code)
                _record(store, writer, "restore", content)
            raise
        digest, spent = digest_of(file), time.monotonic() - begun
        known = tuple(entry.id for entry in store.ledger.of_subject(digest) if entry.type == events.BackupFinished.TYPE)
        content = events.DrillFinished(kind="restore", outcome="success", seconds=spent, rests_on=known or UNSET)
        _record(store, writer, digest, content)
    return Done(made, spent)


def _blobs_at(data: str | None, database: str | None) -> str:
    with stores.read_records(data, database) as store:
        return known_address(store)


def digest_of(file: str) -> str:
    with open(file, "rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _same_ledger(store: Store, made: Backup, file: str) -> None:
    """A backup of another server shows nothing of this one."""
    last = next(iter(store.ledger.read(made.entries, 1)), None) if made.entries else None
    if made.entries and (last is None or last.chain.hex() != made.chain):
        raise PlumblineError(
            "backup-of-another",
            t("{path} is no backup of this ledger: entry {seq} is not the same in both.", path=file, seq=made.entries),
            t("Name a backup of the store that --data and --database name."),
            kind=ErrorKind.CONFIGURATION,
        )


def _verify(folder: str, scratch: str | None, data: str | None) -> None:
    key = stores.ledger_key(data)
    with stores.open_ledger(folder, scratch) as ledger:
        report = verify_ledger(ledger, [key.verifier] if key is not None else [])
    if report.fault is not None:
        raise PlumblineError(
            "backup-broken",
            t("The ledger in the backup does not verify: {reason}", reason=report.fault.message),
            t("Do not use this backup: somebody changed it, or its medium did. Take another one."),
        )


def _tell(data: str | None, database: str | None, subject: str, content: Content) -> PlumblineError | None:
    """The act itself is done: that it could not be told must not undo it."""
    try:
        with _records(data, database) as (store, writer):
            _record(store, writer, subject, content)
    except PlumblineError as error:
        return error
    return None


def _record(store: Store, writer: EventWriter, subject: str, content: Content) -> None:
    with store.change() as tx:
        writer.record(tx, subject, content)


@contextmanager
def _records(data: str | None, database: str | None) -> Iterator[tuple[Store, EventWriter]]:
    with stores.open_records(data, database) as store:
        yield store, EventWriter(store.clock(), installation_source(store) or COMMAND, lambda: os.urandom(16).hex())
