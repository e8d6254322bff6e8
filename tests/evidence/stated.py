"""A statement about a run in a small ledger, for tests."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from tests.evidence.ledgers import KEY, checkpoint, draft, node_of, tree_of

from plumbline.evidence import inclusion_proof, leaf_hash, record, write_event
from plumbline.evidence.artifact_file import About, Piece, artifact_lines
from plumbline.evidence.chain import chained
from plumbline.evidence.dsse import MEDIA_TYPE, key_id, sign_envelope
from plumbline.evidence.run_statements import TYPE, Cited, Contract, DueLine, Ledger, Proved, Run, RunSlot
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.evidence.statement import PAYLOAD_TYPE, resource, write_statement
from plumbline.evidence.vocabulary import own_gates
from plumbline.model.event import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import SigningKey
    from plumbline.model.event import Entry, EventDraft

SOURCE = "urn:plumbline:x"
DIGEST = "sha256:" + "d" * 64
COMMIT = "c" * 40
TIME = 1_760_000_000_000_000
CONTRACT = f"sha256:{'e' * 64}"
BEFORE = 5  # entries before the collection was opened
RULED = ("not_applicable", "waived")


def slots_of(states: Sequence[str], evidence: Sequence[Sequence[Cited]]) -> tuple[RunSlot, ...]:
    return tuple(
        RunSlot(
            id=f"line-{number}",
            need=f"line-{number}",
            contract="release",
            state=state,
            evidence=() if state in ("missing", *RULED) else tuple(evidence[number]),
            word="own" if state == "filled" else "",
            received="2026-01-01T00:00:00Z" if state == "filled" else "",
            rule="docs only" if state in RULED else "",
        )
        for number, state in enumerate(states)
    )


class Told:
    """A ledger in which evidence for some slots came, with the statement about them."""

    def __init__(self, states: Sequence[str] = ("filled", "missing", "waived"), key: SigningKey = KEY) -> None:
        self.key = key
        self.states = list(states)
        came = [draft(100 + number) for number in range(2 * len(self.states))]
        before = [draft(number) for number in range(BEFORE)]
        evidence = [
            [Cited(entry=BEFORE + 2 * number + each + 1, id=came[2 * number + each].id) for each in (0, 1)]
            for number in range(len(self.states))
        ]
        self.slots = slots_of(self.states, evidence)
        self.drafts: list[EventDraft] = [*before, *came, self.closing()]
        self.size = len(self.drafts)
        self.run = self.stated(self.entries())
        self.envelope = self.sign(self.run)

    def closing(self) -> EventDraft:
        content = own_gates.CollectionClosed(
            occasion="pipeline",
            contract=CONTRACT,
            ending="finished",
            slots=tuple(
                own_gates.ClosedSlot(id=one.id, state=one.state, contract=one.contract)  # type: ignore[arg-type]
                for one in self.slots
            ),
        )
        return write_event(content, id="closed", source=SOURCE, subject="col-1", time=TIME)

    def entries(self, *more: EventDraft) -> list[Entry]:
        return list(chained(0, NO_CHAIN, TIME, [*self.drafts, *more]))

    def stated(self, entries: Sequence[Entry], **changed: Any) -> Run:
        lacking = tuple(one.id for one in self.slots if one.state not in ("filled", *RULED))
        cited = {one.entry for slot in self.slots for one in slot.evidence} | {self.size}
        ledger = Ledger(
            origin=self.key.name,
            first=BEFORE + 1,
            last=self.size,
            size=self.size,
            root=tree_of(entries[: self.size]).root.hex(),
            chain=entries[self.size - 1].chain.hex(),
            entries=tuple(self.proved(entries, seq) for seq in sorted(cited)),
        )
        run = Run(
            server=SOURCE,
            collection="col-1",
            project="bank/pay",
            occasion="pipeline",
            ending="finished",
            opened="2026-01-01T00:00:00Z",
            closed="2026-01-01T01:00:00Z",
            complete=bool(self.slots) and not lacking,
            contract=Contract(
                digest=CONTRACT,
                due=tuple(
                    DueLine(id=one.need, contract="release", version=1, digest=CONTRACT, of="commit")
                    for one in self.slots
                ),
            ),
            slots=self.slots,
            ledger=ledger,
            lacking=lacking,
        )
        return msgspec.structs.replace(run, **changed)

    def proved(self, entries: Sequence[Entry], seq: int) -> Proved:
        entry = entries[seq - 1]
        path = inclusion_proof(seq - 1, self.size, node_of(entries[: self.size]))
        leaf = leaf_hash(record(seq, entry.received, entry.body, entry.sender))
        hashes = tuple(step.hex() for step in path)
        return Proved(entry=seq, source=entry.source, id=entry.id, leaf=leaf.hex(), path=hashes)

    def sign(self, run: Run, key: SigningKey | None = None) -> bytes:
        subjects = [resource(DIGEST), resource(f"gitCommit:{COMMIT}", "source")]
        return sign_envelope(write_statement(subjects, TYPE, run), PAYLOAD_TYPE, [key or self.key])

    def file(self, envelope: bytes = b"", *, told: bool = True, foreign: bool = False, **more: Any) -> bytes:
        """``foreign``: somebody else tells of the statement."""
        envelope = envelope or self.envelope
        digest = f"sha256:{sha256(envelope).hexdigest()}"
        said = own_gates.StatementSigned(digest=digest, key=key_id(self.key.verifier), complete=self.run.complete)
        source = "urn:tool:x" if foreign else SOURCE
        event = write_event(said, id="statement:col-1", source=source, subject="col-1", time=TIME)
        entries = self.entries(*([event] if told else []), draft(900))
        piece = self.piece(entries, **more)
        about = About(digest=digest, names=("col-1",), by="ada", at=TIME)
        return b"".join(artifact_lines(about, (Piece(kind="attestation", data=envelope, type=MEDIA_TYPE), piece)))

    def piece(
        self, entries: Sequence[Entry], keys: Sequence[SigningKey] = (), rotations: Sequence[bytes] = (),
        left_out: Sequence[int] = (),
    ) -> Piece:  # fmt: skip
        node, size = node_of(entries), len(entries)
        wanted = [one for one in entries if one.seq > BEFORE and one.seq not in left_out]
        lines = selection_lines(
            wanted,
            lambda entry: inclusion_proof(entry.seq - 1, size, node),
            checkpoint(entries, size, *(keys or (self.key,))),
            Chosen(by="ada", at=TIME),
            rotations,
        )
        return Piece(kind="ledger", data=b"".join(lines), type="application/jsonl")
