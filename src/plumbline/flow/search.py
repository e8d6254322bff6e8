"""What an id, a digest, a commit or a name may mean, as far as whoever asks may see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import Actor, Permission, may
from plumbline.flow.ledger.find_entries import find_entries
from plumbline.flow.tree.read_tree import visible_nodes
from plumbline.model.event import EntryFilter
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.flow.service import ServerTools
    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
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


def resolve(tools: ServerTools, standing: Actor, text: str) -> list[Found]:
    """At most 20, best first; nothing for an empty text."""
    text = text.strip()
    if not text:
        return []
    size = tools.ledger.size()
    with tools.store.view() as tx:
        asked = _Asked(size, tx, standing)
        found = [*asked.numbered(text.removeprefix("#")), *asked.named(text.lower())]
        if len(text) >= _SHORTEST:
            found += asked.commits(text.lower())
    if len(text) >= _SHORTEST and asked.reads_ledger:
        found += _events(tools.ledger, text)
    return found[:MOST]


class _Asked:
    """One question, inside one transaction."""

    def __init__(self, size: int, tx: Transaction, standing: Actor) -> None:
        self._size = size  # of the ledger
        self._records = tx
        self._standing = standing
        self.reads_ledger = bool(may(standing, Permission.LEDGER_READ, ()))

    def named(self, text: str) -> list[Found]:
        found = []
        for node in visible_nodes(self._records, self._standing):
            if text in f"{node.title} {node.path}".lower():
                project = node.kind is NodeKind.PROJECT
                path = f"/projects/{node.id}" if project else f"/nodes/{node.id}"
                found.append(Found("project" if project else "node", node.title or node.name, node.path, path))
        if may(self._standing, Permission.PEOPLE_VIEW, ()):
            found += [
                Found("person", person.title or person.name, person.name, f"/people/{person.id}")
                for person in self._records.people.all()
                if text in f"{person.name} {person.title}".lower()
            ]
        return sorted(found, key=lambda one: one.kind != "project")[:MOST]

    def numbered(self, text: str) -> list[Found]:
        """A pipeline, a job and an entry may have this number."""
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            return []
        number, found = int(text), []
        pipeline = self._records.pipelines.get(number)
        if pipeline and self._sees(pipeline):
            found.append(Found("pipeline", f"#{pipeline.id}", pipeline.ref, f"/pipelines/{number}"))
        job = self._records.jobs.get(number)
        own = self._records.pipelines.get(job.pipeline) if job else None
        if job and own and self._sees(own):
            found.append(Found("job", f"#{job.id} {job.name}", own.ref, f"/jobs/{number}"))
        if self.reads_ledger and 0 < number <= self._size:
            found.append(Found("event", str(number), "", f"/ledger/{number}"))
        return found

    def commits(self, text: str) -> list[Found]:
        if len(text) > 64 or set(text) - _HEX:
            return []
        return [
            Found("pipeline", f"#{found.id} {found.ref}", found.sha, f"/pipelines/{found.id}")
            for found in self._records.pipelines.of_commit(text)[:MOST]
            if self._sees(found)
        ]

    def _sees(self, pipeline: StoredPipeline) -> bool:
        return bool(may(self._standing, Permission.PIPELINE_VIEW, self._records.tree.ancestors(pipeline.project)))


def _events(ledger: Ledger, text: str) -> list[Found]:
    """By their subject, id or source, or by the SHA-256 of their bytes."""
    entries = find_entries(ledger, EntryFilter(), text, _EVENTS).found.entries or _of_digest(ledger, text)
    return [Found("event", f"{one.seq} {one.subject}", one.type, f"/ledger/{one.seq}") for one in entries]


def _of_digest(ledger: Ledger, text: str) -> list[Entry]:
    """Among the newest: no index knows it."""
    wanted = text.lower().removeprefix("sha256:")
    if len(wanted) != 64 or set(wanted) - _HEX:
        return []
    digest = bytes.fromhex(wanted)
    newest = ledger.read(max(1, ledger.size() - _DIGESTED + 1))
    return [one for one in newest if hashlib.sha256(one.body).digest() == digest][-_EVENTS:]
