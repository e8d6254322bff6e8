"""The server's own desk: the ledger, and finding things by whatever names them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.evidence import (
    Outcome,
    Start,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    record,
    root_at,
    verify,
    verify_inclusion,
)
from plumbline.flow import serving
from plumbline.kernel import t
from plumbline.model import INSTANCE, NodeKind
from plumbline.web.desk import Found, LedgerState, Proof
from plumbline.web.desk_base import DeskBase, not_found
from plumbline.web.desk_people import PeopleDesk
from plumbline.web.desk_pipelines import PipelinesDesk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.model import Entry
    from plumbline.web.desk import Visitor

_LOOKED_AT = 20_000  # entries that one search reads
_AT_ONCE = 500
_VERIFIED = 200  # entries recomputed for the page
_FOUND = 20
_SHORTEST = 4  # letters of a commit or a digest


class LedgerDesk(DeskBase):
    def head(self) -> int:
        return self._tools.ledger.size()

    def ledger(self, visitor: Visitor) -> LedgerState:
        self._may_read(visitor)
        ledger = self._tools.ledger
        size = ledger.size()
        before = max(0, size - _VERIFIED)
        start = Start()
        if before:
            [last] = ledger.read(before, 1)
            start = Start(size=before, chain=last.chain, frontier=frontier_at(before, ledger.node))
        report = verify(ledger.read(before + 1, size - before), [], [], start=start)
        broken = report.fault.seq if report.outcome is Outcome.BROKEN and report.fault else 0
        made = ledger.checkpoints()
        return LedgerState(size, made[-1] if made else None, size - before, broken)

    def entries(self, visitor: Visitor, text: str, kind: str, before: int, limit: int) -> Sequence[Entry]:
        self._may_read(visitor)
        found = []
        for entry in self._backwards(before):
            if kind in entry.type and (text in entry.subject or text in entry.id or text in entry.source):
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def _backwards(self, before: int) -> Iterator[Entry]:
        """Newest first, those before a number (0: all), as many as one search may read."""
        end = (before or self._tools.ledger.size() + 1) - 1
        least = max(0, end - _LOOKED_AT)
        while end > least:
            first = max(least, end - _AT_ONCE) + 1
            yield from reversed(list(self._tools.ledger.read(first, end - first + 1)))
            end = first - 1

    def proof(self, visitor: Visitor, seq: int) -> Proof:
        self._may_read(visitor)
        ledger = self._tools.ledger
        size = ledger.size()
        if not 0 < seq <= size:
            raise not_found(t("There is no entry {seq}.", seq=seq))
        [entry] = ledger.read(seq, 1)
        path = tuple(inclusion_proof(seq - 1, size, ledger.node))
        root = root_at(size, ledger.node)
        leaf = leaf_hash(record(entry.seq, entry.received, entry.body))
        covering = [made for made in ledger.checkpoints() if made.size >= seq]
        holds = verify_inclusion(leaf, seq - 1, size, path, root)
        return Proof(entry, seq - 1, size, path, root, covering[-1] if covering else None, holds)

    def _may_read(self, visitor: Visitor) -> None:
        with self._tools.store.view() as records:
            self._require(records, visitor, Permission.LEDGER_READ, INSTANCE)


class ServerDesk(PeopleDesk, PipelinesDesk, LedgerDesk):
    """The whole desk over the server's tools."""

    def resolve(self, visitor: Visitor, text: str) -> Sequence[Found]:
        text = text.strip()
        found = [*self._numbered(visitor, text.removeprefix("#")), *self._named(visitor, text)]
        if len(text) >= _SHORTEST:
            found += self._commits(visitor, text.lower())
        if len(text) >= _SHORTEST and self.may(visitor, Permission.LEDGER_READ, INSTANCE):
            found += self._events(visitor, text)
        return found[:_FOUND]

    def _named(self, visitor: Visitor, text: str) -> list[Found]:
        found = []
        for node in self.nodes(visitor):
            if text.lower() in f"{node.title} {node.path}".lower():
                project = node.kind is NodeKind.PROJECT
                path = f"/projects/{node.id}" if project else f"/nodes/{node.id}"
                found.append(Found("project" if project else "node", node.title or node.name, node.path, path))
        if self.may(visitor, Permission.PEOPLE_VIEW, INSTANCE):
            found += [
                Found("person", person.title or person.name, person.name, f"/people/{person.id}")
                for person in self.people(visitor)
                if text.lower() in f"{person.name} {person.title}".lower()
            ]
        return sorted(found, key=lambda one: one.kind != "project")[:_FOUND]

    def _numbered(self, visitor: Visitor, text: str) -> list[Found]:
        """A pipeline, a job and an entry may have this number."""
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            return []
        number, found = int(text), []
        with self._tools.store.view() as records:
            pipeline = records.pipelines.get(number)
            if pipeline and self._sees(records, visitor, pipeline):
                found.append(Found("pipeline", f"#{pipeline.id}", pipeline.ref, f"/pipelines/{number}"))
            job = records.jobs.get(number)
            own = records.pipelines.get(job.pipeline) if job else None
            if job and own and self._sees(records, visitor, own):
                found.append(Found("job", f"#{job.id} {job.name}", own.ref, f"/jobs/{number}"))
        if 0 < number <= self.head() and self.may(visitor, Permission.LEDGER_READ, INSTANCE):
            found.append(Found("event", str(number), "", f"/ledger/{number}"))
        return found

    def _commits(self, visitor: Visitor, text: str) -> list[Found]:
        if len(text) > 64 or set(text) - set("0123456789abcdef"):
            return []
        with self._tools.store.view() as records:
            return [
                Found("pipeline", f"#{found.id} {found.ref}", found.sha, f"/pipelines/{found.id}")
                for found in records.pipelines.of_commit(text)[:_FOUND]
                if self._sees(records, visitor, found)
            ]

    def _events(self, visitor: Visitor, text: str) -> list[Found]:
        """By id or subject, or by the SHA-256 of their bytes."""
        wanted = text.lower().removeprefix("sha256:")
        if len(wanted) == 64 and not set(wanted) - set("0123456789abcdef"):
            digest = bytes.fromhex(wanted)
            entries = [one for one in self._backwards(0) if hashlib.sha256(one.body).digest() == digest]
        else:
            entries = list(self.entries(visitor, text, "", 0, 5))
        return [Found("event", f"{one.seq} {one.subject}", one.type, f"/ledger/{one.seq}") for one in entries]


def server_desk(tools: serving.ServerTools, url: str = "") -> ServerDesk:
    return ServerDesk(tools, url)
