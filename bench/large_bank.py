"""A bank as it is after some years, in a store: to measure what takes long only where there is much."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import cdevents_core
from plumbline.flow.pipelines.plan_cache import encode_plan
from plumbline.flow.unit_of_work import actor_of
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import State
from plumbline.model.person import Grant, Person, Role
from plumbline.model.pipeline import Job, Plan
from plumbline.model.problem import Mark
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.service import Service
    from plumbline.model.event import EventDraft
    from plumbline.model.ports.transaction import Transaction

ENTRIES, PIPELINES, SYSTEMS, PEOPLE = 1_000_000, 10_000, 500, 2_000
AT_ONCE = 5_000  # entries of a commit
STAGES = ("build", "unit", "lint", "scan", "package", "sign", "stage", "accept", "approve", "deploy")  # a job each
WORDS = ("limits", "ledger", "支付", "refund", "audit", "mandate", "限额", "settle", "reconcile", "statement")


def person(tools: Service, node: int) -> Actor:
    """An administrator of everything, or a developer at a node."""
    with tools.units.store.change() as tx:
        person = tx.people.add(Person(id=0, name=f"asks{node}", title="Asks", created=1))
        tx.grants.add(Grant(person=person.id, node=node, role=Role.DEVELOPER if node else Role.ADMIN))
        if not node:
            tx.grants.add(Grant(person=person.id, node=node, role=Role.AUDITOR))
        actor = actor_of(tx, person.id)
    assert actor is not None
    return actor


def fill(tools: Service, *, entries: int = ENTRIES, people: int = PEOPLE) -> dict[str, str]:
    """A bank as it is after some years; what stands far back in it, to be looked for."""
    chosen = random.Random(13)
    with tools.units.store.change() as tx:
        top = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank", title="Harbour Bank"))
        lines = [_below(tx, top, NodeKind.PRODUCT_LINE, f"line-{number}", f"产品线 {number}") for number in range(10)]
        projects = []
        for number in range(SYSTEMS):
            system = _below(tx, lines[number % 10], NodeKind.SYSTEM, f"system-{number}", f"System {number}")
            projects.append(_below(tx, system, NodeKind.PROJECT, f"service-{number}", f"Pay service {number}"))
        for number in range(people):
            tx.people.add(Person(id=0, name=f"person.{number}", title=f"Person {number}", created=1))
    found = _pipelines(tools, chosen, projects)
    return found | _entries(tools, projects, entries)


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
                    project=Project(path=node.path, default_branch="main"),
                    event=Event.PUSH,
                    sha=sha,
                    branch=branch,
                    message=title,
                )
                made = StoredPipeline(
                    project=node.id, uid=f"u{number}", change=change, state=State.SUCCESS, created=number
                )
                names, plan = _planned(number % 7)
                stored = tx.pipelines.add(made, plan, b"")
                jobs = zip(names, STAGES, strict=True)
                tx.jobs.add(
                    [StoredJob(pipeline=stored.id, name=name, stage=stage, state=State.SUCCESS) for name, stage in jobs]
                )
    return {"sha": "c0ffee" + "1" * 34}


def _entries(tools: Service, projects: list[Node], count: int) -> dict[str, str]:
    content = cdevents_core.TaskRunFinished(task_name="job", outcome="success")
    like = write_event(content, id="ID", source="/bench", subject="SUBJECT", time=1_000_000, project="bank")
    ledger = tools.ledger.ledger
    for at in range(0, count, AT_ONCE):
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


@cache
def _planned(kind: int) -> tuple[list[str], bytes]:
    """The names of jobs of a pipeline, and its plan: every second job has a name of its own in each kind."""
    names = [stage if place % 2 else f"{stage}-{kind}" for place, stage in enumerate(STAGES)]
    jobs = tuple(
        Job(name=name, group=name, where=Mark(".gitlab-ci.yml", 1), stage=stage, stage_index=place)
        for place, (name, stage) in enumerate(zip(names, STAGES, strict=True))
    )
    change = Change(project=Project(path="bank"), event=Event.PUSH, sha="0" * 40, branch="main")
    return names, encode_plan(Plan(change=change, stages=STAGES, jobs=jobs))
