"""The ledger's durable append with many writers, against plain SQLite inserts of the same rows."""

from __future__ import annotations

import sqlite3
import statistics
import time
import uuid
from contextlib import closing
from threading import Thread
from typing import TYPE_CHECKING

from bench.measure import Figure, against_peer
from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.adapters.store.engine import tune
from plumbline.model.event import EventDraft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS, WRITERS, AT_ONCE, ROUNDS = 24_000, 8, 125, 5
SINGLE = 4_000  # events appended one by one
_BATCH = WRITERS * AT_ONCE
_COLUMNS = "seq, received, source, id, type, subject, leaf, chain, body, sender"


def appends(scratch: Path) -> Iterator[Figure]:
    """Both write to the same tables with the same indexes, and both force every batch of 1,000 rows to the disk."""
    ours, peer = [], []
    for turn in range(ROUNDS):
        mine, theirs = scratch / f"ours{turn}", scratch / f"peer{turn}"
        ours.append(_append(str(mine), _events()))
        open_store(StoreSettings(data=str(theirs))).close()
        with closing(sqlite3.connect(mine / FILE)) as connection:
            rows = connection.execute(f"select {_COLUMNS} from ledger_entry order by seq").fetchall()
        if [row[0] for row in rows] != list(range(1, EVENTS + 1)):
            raise RuntimeError("the ledger does not hold what was appended")
        peer.append(_insert(theirs / FILE, rows))
    note = f"{EVENTS / statistics.median(ours):,.0f} events a second from {WRITERS} writers, {AT_ONCE} at once"
    name, medians = "durable append", (statistics.median(ours), statistics.median(peer))
    yield against_peer(name, "s", *medians, 1.3, "raw inserts, 1,000 a commit", note)
    yield _one_by_one(scratch)


def _one_by_one(scratch: Path) -> Figure:
    """Every writer waits for its own event before it has another; so as many as there are writers share a commit at
    best, and as many rows share one of the peer's, which waits for nobody."""
    ours, peer = [], []
    for turn in range(3):
        mine, theirs = scratch / f"single{turn}", scratch / f"raw{turn}"
        ours.append(_append(str(mine), _events()[:SINGLE], 1))
        open_store(StoreSettings(data=str(theirs))).close()
        with closing(sqlite3.connect(mine / FILE)) as connection:
            rows = connection.execute(f"select {_COLUMNS} from ledger_entry order by seq").fetchall()
        peer.append(_insert(theirs / FILE, rows, WRITERS))
    medians = statistics.median(ours), statistics.median(peer)
    note = f"{SINGLE / medians[0]:,.0f} events a second from {WRITERS} writers"
    return against_peer("durable append, one by one", "s", *medians, 4, f"raw inserts, {WRITERS} a commit", note)


def _events() -> list[EventDraft]:
    kind = "dev.cdevents.taskrun.finished.0.3.0"
    return [
        EventDraft(
            source="/bench",
            id=str(uuid.uuid4()),
            type=kind,
            subject=f"job/{number % 500}",
            body=b'{"context":"%d' % number + b"x" * 600 + b'"}',
        )
        for number in range(EVENTS)
    ]


def _append(folder: str, events: list[EventDraft], at_once: int = AT_ONCE) -> float:
    store = open_store(StoreSettings(data=folder))
    parts = [events[at : at + at_once] for at in range(0, len(events), at_once)]

    def write(writer: int) -> None:
        for part in parts[writer::WRITERS]:
            store.ledger.append(part)

    threads = [Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    store.close()
    return took


def _insert(path: Path, rows: list[tuple[object, ...]], batch: int = _BATCH) -> float:
    statement = f"insert into ledger_entry ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        tune(connection)
        began = time.perf_counter()
        for at in range(0, len(rows), batch):
            connection.execute("begin immediate")
            connection.executemany(statement, rows[at : at + batch])
            connection.execute("commit")
        return time.perf_counter() - began
