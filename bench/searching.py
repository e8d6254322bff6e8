"""How soon a search of all there is is answered: 1,000,000 entries, 100,000 jobs, 500 systems; on each database."""

from __future__ import annotations

import shutil
import statistics
import time
from typing import TYPE_CHECKING

from bench.large_bank import fill, person
from bench.measure import Figure, within
from plumbline.flow.search.search import search
from plumbline.model.tree import INSTANCE
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.access import Actor
    from plumbline.flow.service import Service

MOST, ROUNDS, EACH = 150, 9, 25  # ms; of each kind, as the page shows


def of_everything(scratch: Path) -> Iterator[Figure]:
    yield from _measured("SQLite", str(scratch / "data"), None)
    try:
        from tests.postgres_server import postgres_server
    except ImportError:
        return
    try:
        with postgres_server() as server:
            server.execute("create database bench")
            yield from _measured("PostgreSQL", str(scratch / "other"), server.address("bench"))
    except RuntimeError as error:
        yield Figure("search, PostgreSQL", "ms", None, note=str(error))


def _measured(database: str, folder: str, address: str | None) -> Iterator[Figure]:
    with OpenServer(ServerSettings(data=folder, database=address)) as server:
        tools = server.tools
        last = fill(tools)
        for name, actor in (
            ("an administrator", person(tools, INSTANCE)),
            ("somebody of 50 systems", person(tools, 3)),
        ):
            times = {text: _seconds(tools, actor, text) for text in _asked(last)}
            worst = max(times, key=lambda text: times[text])
            note = f"median of {ROUNDS}, slowest of {len(times)} searches: {worst!r}; as a group: " + ", ".join(
                f"{text[:16]!r} {seconds * 1e3:.0f}" for text, seconds in times.items()
            )
            yield within(f"search, {database}, {name}", "ms", times[worst] * 1e3, MOST, note)
    shutil.rmtree(folder, ignore_errors=True)


def _asked(last: dict[str, str]) -> list[str]:
    """A name of many, of few and of none; numbers, ids and digests, and what is typed on the way to them."""
    words = (
        "p,pay,unit,deploy,system 417,service 12 scan,feature/,feature/PAY-77,限额,refund,7,9999,person 1999,cd.2.2.2"
    )
    given = [
        *words.split(","),
        "rollback",
        "timeout",
        "nothing has this name",
        "e" * 64,
        last["sha"][:8],
        last["id"][:13],
    ]
    return [*given, *last.values()]


def _seconds(tools: Service, actor: Actor, text: str) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        search(actor, tools.search, text, EACH)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])
