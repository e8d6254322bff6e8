"""What an id, a digest, a commit or a name may mean, as far as the actor may see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.ledger.find_entries import find_entries
from plumbline.flow.ledger.prove_entry import entry_at
from plumbline.flow.ledger.sight import seen_ledger
from plumbline.flow.people.people import seen_people
from plumbline.flow.tree.read_tree import visible_nodes
from plumbline.model.event import EntryFilter
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.sight import SeenLedger
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.server import StoredPipeline

MOST = 20
_EVENTS = 5
_DIGESTED = 20_000  # entries whose digests one search computes
_SHORTEST = 4  # letters of a commit or a digest
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was meant, perhaps."""

    kind: str  # project, pipeline, job, event, person, node
    title: str
    detail: str
    path: str  # of its page


def resolve(actor: Actor, tools: LedgerTools, text: str) -> list[Found]:
    """At most 20, best first; nothing for an empty text."""
    text = text.strip()
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SEARCH)
        if not text:
            return []
        seen = seen_ledger(unit, tools.ledger, use_cases.VIEW_ENTRY)
        found = [*_numbered(unit, seen, text.removeprefix("#")), *_named(unit, text.lower())]
        if len(text) >= _SHORTEST:
            found += _commits(unit, text.lower())
    if len(text) >= _SHORTEST:
        found += _events(seen, text)
    return found[:MOST]


def _named(unit: UnitOfWork, text: str) -> list[Found]:
    found = []
    for node in visible_nodes(unit.tx, unit.actor):
        if text in f"{node.title} {node.path}".lower():
            project = node.kind is NodeKind.PROJECT
            path = f"/projects/{node.id}" if project else f"/nodes/{node.id}"
            found.append(Found("project" if project else "node", node.title or node.name, node.path, path))
    found += [
        Found("person", person.title or person.name, person.name, f"/people/{person.id}")
        for person in seen_people(unit, use_cases.VIEW_PERSON)
        if text in f"{person.name} {person.title}".lower()
    ]
    return sorted(found, key=lambda one: one.kind != "project")[:MOST]


def _numbered(unit: UnitOfWork, seen: SeenLedger, text: str) -> list[Found]:
    """A pipeline, a job and an entry may have this number."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        return []
    number, found = int(text), []
    pipeline = unit.tx.pipelines.get(number)
    if pipeline and _sees(unit, pipeline):
        found.append(Found("pipeline", f"#{pipeline.id}", pipeline.ref, f"/pipelines/{number}"))
    job = unit.tx.jobs.get(number)
    own = unit.tx.pipelines.get(job.pipeline) if job else None
    if job and own and _sees(unit, own):
        found.append(Found("job", f"#{job.id} {job.name}", own.ref, f"/jobs/{number}"))
    if (entry := entry_at(seen.ledger, number)) is not None and seen.shows(entry):
        found.append(Found("event", str(number), "", f"/ledger/{number}"))
    return found


def _commits(unit: UnitOfWork, text: str) -> list[Found]:
    if len(text) > 64 or set(text) - _HEX:
        return []
    return [
        Found("pipeline", f"#{found.id} {found.ref}", found.sha, f"/pipelines/{found.id}")
        for found in unit.tx.pipelines.of_commit(text)[:MOST]
        if _sees(unit, found)
    ]


def _sees(unit: UnitOfWork, pipeline: StoredPipeline) -> bool:
    return unit.may(use_cases.VIEW_PIPELINE, pipeline.project)


def _events(seen: SeenLedger, text: str) -> list[Found]:
    """By their subject, id or source, or by the SHA-256 of their bytes."""
    entries = find_entries(seen, EntryFilter(), text, _EVENTS).found.entries or [
        one for one in _of_digest(seen.ledger, text) if seen.shows(one)
    ]
    return [Found("event", f"{one.seq} {one.subject}", one.type, f"/ledger/{one.seq}") for one in entries]


def _of_digest(ledger: Ledger, text: str) -> list[Entry]:
    """Among the newest: no index knows it."""
    wanted = text.lower().removeprefix("sha256:")
    if len(wanted) != 64 or set(wanted) - _HEX:
        return []
    digest = bytes.fromhex(wanted)
    newest = ledger.read(max(1, ledger.size() - _DIGESTED + 1))
    return [one for one in newest if hashlib.sha256(one.body).digest() == digest][-_EVENTS:]
