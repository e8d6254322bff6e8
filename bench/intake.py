"""What a registered source sends, one event a request: through the use case, and over HTTP."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

from bench.measure import CommandError, Figure
from bench.server import Caller, up
from plumbline.access import SIGNED_OUT, Actor
from plumbline.flow.sources.prove import Delivery
from plumbline.flow.sources.receive_events import receive_events
from plumbline.flow.sources.register import register_source
from plumbline.model.person import Grant, Person, Role
from plumbline.model.source import Source
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS, WRITERS, ROUNDS = 4_000, 8, 3
SENT, SENDERS = 2_000, 4  # over HTTP
LEAST = 2_000  # a second
MANY = 10**9
_NAME = "https://sonar.bank.example"


def one_by_one(scratch: Path) -> Iterator[Figure]:
    """Every writer waits until its event is durable before it sends another."""
    rates = [EVENTS / _receive(scratch / f"intake{turn}") for turn in range(ROUNDS)]
    rate = statistics.median(rates)
    note = f"{rate:,.0f} events a second from {WRITERS} writers, one a delivery, each durable before the next"
    target = f">= {LEAST:,} /s"
    yield Figure("intake, one by one", "ms", 1e3 / rate, None, target, 1e3 / LEAST, note)
    yield _over_http(scratch)


def _over_http(scratch: Path) -> Figure:
    """Without a target: the clients share the processors with the server, and cost about as much."""
    with up(scratch, "--runners", "1") as (url, link):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": link, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        caller.ask("POST", "/nodes", {"kind": "project", "name": "core", "parent": bank["id"]})
        given = {"name": "sonar", "speaks_as": [_NAME], "events_a_day": MANY, "bytes_a_day": MANY}
        token = caller.ask("POST", f"/nodes/{bank['id']}/sources", given)["secret"]
        port = int(url.rpartition(":")[2])
        _send(port, token, SENT // 10)
        began = time.perf_counter()
        took = _send(port, token, SENT)
        whole = time.perf_counter() - began
    note = (
        f"{SENT / took:,.0f} events a second from {SENDERS} processes with {WRITERS // SENDERS} connections each, "
        f"on the processors that the server runs on ({SENT / whole:,.0f} with their start)"
    )
    return Figure("intake over HTTP", "ms", 1e3 * took / SENT, note=note)


def _send(port: int, token: str, count: int) -> float:
    """Seconds that the slowest of the senders took."""
    senders = []
    for _ in range(SENDERS):
        command = [sys.executable, "-m", "bench.sender"]
        sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        bodies = [json.dumps(event()) for _ in range(count // SENDERS)]
        told = {"port": port, "token": token, "bodies": bodies, "connections": WRITERS // SENDERS}
        senders.append((sender, json.dumps(told)))
    with ThreadPoolExecutor(SENDERS) as threads:  # all at once
        said = list(threads.map(lambda one: one[0].communicate(one[1], timeout=120)[0], senders))
    if any(sender.returncode for sender, _ in senders):
        raise CommandError("an event was refused over HTTP")
    return max(float(one) for one in said)


def _receive(folder: Path) -> float:
    with OpenServer(ServerSettings(data=str(folder))) as server:
        tools = server.tools.sources
        bodies = [json.dumps(event()).encode() for _ in range(EVENTS)]
        headers = {"content-type": "application/json", "authorization": f"Bearer {_registered(server)}"}
        before = tools.ledger.size()

        def write(writer: int) -> None:
            for body in bodies[writer::WRITERS]:
                [taken] = receive_events(SIGNED_OUT, tools, Delivery(headers, body))
                if not taken.seq:
                    raise CommandError(f"an event was refused: {taken.error}")

        threads = [Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        if tools.ledger.size() - before != EVENTS:
            raise CommandError("the ledger does not hold what was sent")
        return took


def _registered(server: OpenServer) -> str:
    """The token of a source that was registered at an organisation with a project."""
    units = server.tools.units
    with units.store.change() as tx:
        person = tx.people.add(Person(id=0, name="ada", created=units.clock()))
        tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.ADMIN))
        bank = tx.tree.add(Node(id=0, parent=None, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
        tx.tree.add(Node(id=0, parent=bank.id, kind=NodeKind.PROJECT, name="core", path="bank/core"))
        actor = Actor(person, tuple(tx.grants.of(person.id)))
    given = Source(name="sonar", node=bank.id, speaks_as=(_NAME,), events_a_day=MANY, bytes_a_day=MANY)
    return register_source(actor, server.tools.sources, given).secret


def event() -> dict[str, Any]:
    """A measurement, as a tool tells of one."""
    context = {
        "specversion": "0.5.1",
        "id": str(uuid.uuid4()),
        "source": _NAME,
        "type": "dev.cdeventsx.sonar-measurement.recorded.0.1.0",
        "timestamp": datetime.now(UTC).isoformat(),
    }
    content = {"measure": "coverage", "value": 81.5, "unit": "%", "text": "x" * 200}
    custom = {"project": "bank/core", "branch": "main", "commit": "5e" * 20}
    return {"context": context, "subject": {"id": "core", "content": content}, "customData": custom}
