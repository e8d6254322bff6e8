"""How soon a search of all there is is answered: 1,000,000 entries, 100,000 jobs, 500 systems; on each database."""

from __future__ import annotations

import random
import shutil
import statistics
import time
from typing import TYPE_CHECKING

import msgspec

from bench.measure import Figure, within
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import cdevents_core
from plumbline.flow.search.search import search
from plumbline.flow.unit_of_work import actor_of
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import State
from plumbline.model.person import Grant, Person, Role
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.access import Actor
    from plumbline.flow.service import Service
    from plumbline.model.event import EventDraft
    from plumbline.model.ports.transaction import Transaction

ENTRIES, PIPELINES, JOBS, SYSTEMS, PEOPLE = 1_000_000, 10_000, 10, 500, 2_000
AT_ONCE = 5_000  # entries of a commit
MOST, ROUNDS, EACH = 150, 9, 25  # ms; of each kind, as the page shows
STAGES = ("build", "unit", "lint", "scan", "package", "sign", "stage", "accept", "approve", "deploy")
WORDS = ("limits", "ledger", "支付", "refund", "audit", "mandate", "限额", "settle", "reconcile", "statement")


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
        last = _fill(tools)
        for name, actor in (
            ("an administrator", _person(tools, INSTANCE)),
            ("somebody of 50 systems", _person(tools, 3)),
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


def _person(tools: Service, node: int) -> Actor:
    """An administrator of everything, or a developer at a node."""
    with tools.units.store.change() as tx:
        person = tx.people.add(Person(id=0, name=f"asks{node}", title="Asks", created=1))
        tx.grants.add(Grant(person=person.id, node=node, role=Role.DEVELOPER if node else Role.ADMIN))
        if not node:
            tx.grants.add(Grant(person=person.id, node=node, role=Role.AUDITOR))
        actor = actor_of(tx, person.id)
    assert actor is not None
    return actor


def _fill(tools: Service) -> dict[str, str]:
    """A bank as it is after some years; what stands far back in it, to be looked for."""
    chosen = random.Random(13)
    with tools.units.store.change() as tx:
        top = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank", title="Harbour Bank"))
        lines = [_below(tx, top, NodeKind.PRODUCT_LINE, f"line-{number}", f"产品线 {number}") for number in range(10)]
        projects = []
        for number in range(SYSTEMS):
            system = _below(tx, lines[number % 10], NodeKind.SYSTEM, f"system-{number}", f"System {number}")
            projects.append(_below(tx, system, NodeKind.PROJECT, f"service-{number}", f"Pay service {number}"))
        for number in range(PEOPLE):
            tx.people.add(Person(id=0, name=f"person.{number}", title=f"Person {number}", created=1))
    found = _pipelines(tools, chosen, projects)
    return found | _entries(tools, projects)


def _below(tx: Transaction, parent: Node, kind: NodeKind, name: str, title: str) -> Node:
    node = Node(id=0, kind=kind, name=name, path=f"{parent.path}/{name}", parent=parent.id, title=title)
    return tx.tree.add(node)


def _pipelines(tools: Service, chosen: random.Random, projects: list[Node]) -> dict[str, str]:
    sha = ""
    for at in range(0, PIPELINES, 250):
        with tools.units.store.change() as tx:
            for number in range(at, at + 250):
                node = projects[number % SYSTEMS]
                sha = f"{chosen.getrandbits(160):040x}" if number != 5 else "c0ffee" + "1" * 34
                title = f"PAY-{number}: {chosen.choice(WORDS)} {chosen.choice(WORDS)}"
                branch = "main" if number % 3 else f"feature/PAY-{number}"
                change = Change(
                    project=Project(path=node.path), event=Event.PUSH, sha=sha, branch=branch, message=title
                )
                made = StoredPipeline(
                    project=node.id, uid=f"u{number}", change=change, state=State.SUCCESS, created=number
                )
                stored = tx.pipelines.add(made, b"", b"")
                names = [stage if job % 2 else f"{stage}-{number % 7}" for job, stage in enumerate(STAGES)]
                tx.jobs.add([StoredJob(pipeline=stored.id, name=name, state=State.SUCCESS) for name in names])
    return {"sha": "c0ffee" + "1" * 34}


def _entries(tools: Service, projects: list[Node]) -> dict[str, str]:
    content = cdevents_core.TaskRunFinished(task_name="job", outcome="success")
    like = write_event(content, id="ID", source="/bench", subject="SUBJECT", time=1_000_000, project="bank")
    ledger = tools.ledger.ledger
    for at in range(0, ENTRIES, AT_ONCE):
        ledger.append([_entry(like, number, projects) for number in range(at, at + AT_ONCE)])
    return {"id": _id(17), "digest": _digest(4_000)}


def _entry(like: EventDraft, number: int, projects: list[Node]) -> EventDraft:
    path, id_, subject = projects[number % SYSTEMS].path, _id(number), f"run/{number // 8}"
    body = like.body.replace(b'"ID"', f'"{id_}"'.encode()).replace(b"SUBJECT", subject.encode())
    if number % 100 == 0:
        body = body[:-1] + f',"image":"pkg:oci/service@sha256%3A{_digest(number)}"}}'.encode()
    return msgspec.structs.replace(like, id=id_, subject=subject, scope=path, body=body)


def _id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"


def _digest(number: int) -> str:
    return f"{number:064x}"
