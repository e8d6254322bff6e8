"""The figures of a server as they are when somebody asks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from plumbline.evidence import Outcome
from plumbline.flow.ledger.verify_onwards import last_verification
from plumbline.flow.service import FigureNow
from plumbline.model.job import FINISHED, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.store import Store
    from plumbline.model.keeping import KeptKind

_LIVE = [state for state in State if state not in FINISHED]


def figures_of_store(store: Store) -> list[FigureNow]:
    size, verified = store.ledger.size(), last_verification(store)
    at = store.clock()
    with store.view() as tx:
        jobs, pipelines, queue = tx.jobs.count(_LIVE), tx.pipelines.count(_LIVE), tx.deliveries.queue(at)
    age = max(0, at - queue.oldest) / 1_000_000 if queue.oldest else 0
    deliveries = {"waiting": queue.waiting, "put_off": queue.put_off, "at_work": queue.at_work}
    return [
        FigureNow("plumbline_ledger_entries", "Entries in the ledger.", size),
        FigureNow("plumbline_ledger_verified_entries", "Entries that held when they were verified.", verified.size),
        FigureNow("plumbline_ledger_broken", "Whether verification found a fault.", verified.outcome is Outcome.BROKEN),
        *(FigureNow("plumbline_jobs", "Jobs that have not ended.", jobs[state], state) for state in _LIVE),
        *(
            FigureNow("plumbline_pipelines", "Pipelines that have not ended.", pipelines[state], state)
            for state in _LIVE
        ),
        *(
            FigureNow("plumbline_deliveries", "Deliveries of forges that have no outcome yet.", count, state)
            for state, count in deliveries.items()
        ),
        FigureNow("plumbline_deliveries_oldest_seconds", "How long the oldest of these is there.", age),
    ]


def figures_of_fetches(fetches: Callable[[], tuple[int, int]]) -> list[FigureNow]:
    text = "Fetches of repositories that this process waits for."
    return [
        FigureNow("plumbline_fetches", text, count, state)
        for state, count in zip(("waiting", "at_work"), fetches(), strict=True)
    ]


def figures_of_files(folder: str, freed: Mapping[KeptKind, int]) -> list[FigureNow]:
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return []
    return [
        FigureNow("plumbline_disk_bytes", "Size of the disk that the data folder is on.", disk.total),
        FigureNow("plumbline_disk_free_bytes", "Of these, how many are free.", disk.free),
        *(
            FigureNow(f"plumbline_{kind}_freed_bytes", f"Bytes of {kind} let go since this server started.", size)
            for kind, size in freed.items()
        ),
    ]
