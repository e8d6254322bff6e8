"""The signed statement about a run: to look at, and to take along as a file that proves itself anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import inclusion_proof
from plumbline.evidence.attestations import ENVELOPE, MOST_BYTES, About, Piece, artifact_lines
from plumbline.evidence.run_statements import verify_run
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.contracts.ledger_proofs import LedgerProofs
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor, UseCase
    from plumbline.evidence.run_statements import RunVerified
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.contract import Collection
    from plumbline.model.event import Checkpoint, Entry

SIGNED = "statement:"  # an id of the event that tells of a statement begins so


class SignedStatement(NamedTuple):
    """``verified``: what its verification by this server's own keys says."""

    collection: Collection
    envelope: bytes
    verified: RunVerified


class Exported(NamedTuple):
    name: str
    lines: Iterator[bytes]


def view_run_statement(actor: Actor, tools: AttestationTools, uid: str) -> SignedStatement:
    """Raises PlumblineError ``not-found``, ``not-allowed``, ``not-stated``."""
    with tools.units.view(actor) as unit:
        collection = _stated(unit, use_cases.VIEW_RUN_STATEMENT, uid)
    envelope = tools.blobs.get(collection.statement, MOST_BYTES)
    return SignedStatement(collection, envelope, verify_run(envelope, tools.keys()))


def export_run_statement(actor: Actor, tools: AttestationTools, uid: str) -> Exported:
    """Raises as :func:`view_run_statement`, and as signing a checkpoint does."""
    with tools.units.view(actor) as unit:
        _stated(unit, use_cases.EXPORT_RUN_STATEMENT, uid)
    checkpoint = tools.checkpoint()
    with tools.units.change(actor) as unit:
        collection = _stated(unit, use_cases.EXPORT_RUN_STATEMENT, uid)
        told = own_operations.LedgerExported(
            person=actor.name, size=checkpoint.size, nodes=(collection.path,), text=uid
        )
        unit.record(checkpoint.origin, told, collection.path)
        at = unit.now
    return Exported(f"run-{uid}.jsonl", _lines(tools, collection, checkpoint, (actor.name, at)))


def export_statement_at_machine(tools: AttestationTools, uid: str) -> Iterator[bytes]:
    """For whoever works on the store. Raises PlumblineError ``not-found``, ``not-stated``."""
    with tools.units.store.view() as tx:
        collection = _signed(tx.collections.of_uid(uid), uid)
    return _lines(tools, collection, tools.checkpoint(), ("", 0))


def _stated(unit: UnitOfWork, use_case: UseCase, uid: str) -> Collection:
    found = unit.tx.collections.of_uid(uid)
    unit.require(use_case, found.project if found is not None else None, _missing(uid))
    return _signed(found, uid)


def _signed(found: Collection | None, uid: str) -> Collection:
    if found is None:
        raise not_found(_missing(uid))
    if not found.statement:
        raise PlumblineError(
            "not-stated",
            t("The statement about the collection {uid} is not signed yet.", uid=uid),
            t("It is signed soon after the collection is closed."),
            kind=ErrorKind.REFUSED,
        )
    return found


def _missing(uid: str) -> Text:
    return t("There is no collection {uid}.", uid=uid)


def _lines(
    tools: AttestationTools, collection: Collection, checkpoint: Checkpoint, exported: tuple[str, int]
) -> Iterator[bytes]:
    """The statement, and each entry that it rests on, under one checkpoint that covers them all."""
    envelope = tools.blobs.get(collection.statement, MOST_BYTES)
    run = verify_run(envelope, tools.keys()).run
    numbers = {one.entry for one in run.ledger.entries} if run is not None else set()
    told = tools.ledger.find(tools.units.source, SIGNED + collection.uid)
    entries = [entry for seq in sorted(numbers) for entry in tools.ledger.read(seq, 1)]
    entries += [told] if told is not None else []
    node = LedgerProofs(tools.ledger, checkpoint.size).node

    def proof(entry: Entry) -> list[bytes]:
        return inclusion_proof(entry.seq - 1, checkpoint.size, node)

    by, at = exported
    covered = [entry for entry in entries if entry.seq <= checkpoint.size]
    chosen = Chosen(by=by, at=at, text=collection.uid)
    lines = selection_lines(covered, proof, checkpoint, chosen, tools.rotations())
    about = About(digest=collection.statement, names=(collection.uid,), by=by, at=at)
    pieces = (
        Piece(kind="attestation", data=envelope, type=ENVELOPE),
        Piece(kind="ledger", data=b"".join(lines), type="application/jsonl"),
    )
    return artifact_lines(about, pieces)
