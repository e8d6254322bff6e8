"""Sign what is stated of each run, once, whatever happens to the server between the closing and the signing.

1. What the ledger tells of closings is gone over in order: a closing whose statement is missing is made up for.
2. The bytes are stored before anything names them; what names them, and the event, stand in one transaction.
3. It is kept as a referrer of each artifact, and with the collection: a run that made nothing has one all the same.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.access import SIGNED_OUT
from plumbline.artifacts.names import sha256_of
from plumbline.evidence import write_event
from plumbline.evidence.attestations import PAYLOAD_TYPE, key_id, sign_envelope
from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.run_statements import TYPE
from plumbline.evidence.vocabulary import own_delivery, own_gates
from plumbline.flow.artifacts.builds import ARCHIVE, Made
from plumbline.flow.artifacts.record_attestation import EMPTY, check_key, keep_referrer, referrer_manifest
from plumbline.flow.contracts.state_run import state_run
from plumbline.flow.dealt_with import dealt_with, went_on
from plumbline.flow.unit_of_work import UnitOfWork
from plumbline.kernel import PlumblineError
from plumbline.model.artifact import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.evidence import Content, SigningKey
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.flow.contracts.state_run import Stated
    from plumbline.model.contract import Collection
    from plumbline.model.ports.transaction import Transaction

_UPTO = "run_statements"  # setting: number of the last closing that was dealt with
_AT_ONCE = 100  # closings that are looked at in one go
_NEVER = ("not-closed", "ledger-broken")  # trying again would not help
_log = logging.getLogger(__name__)


class _Signed(NamedTuple):
    stated: Stated
    key: SigningKey
    digest: str  # of the envelope
    manifests: Sequence[tuple[Made, bytes]]


def state_due(tools: AttestationTools) -> Iterator[None]:
    """Whatever is due, little at each step. PlumblineErrors of the store and of the key: it is tried again then."""
    closings, store = (own_gates.CollectionClosed.TYPE,), tools.units.store
    while entries := list(tools.ledger.of_types(closings, dealt_with(store, _UPTO) + 1, _AT_ONCE)):
        for entry in entries:
            if word_of(entry.source, entry.sender) == OWN:
                record_statement(tools, entry.subject)
            went_on(store, _UPTO, entry.seq)
            yield


def record_statement(tools: AttestationTools, uid: str) -> str:
    """The digest of the envelope; empty where the collection is gone with its project. Raises PlumblineError
    ``key-followed`` while the key is being followed by another one, and those of the store."""
    key = tools.signing_key()
    with tools.units.store.view() as tx:
        found = tx.collections.of_uid(uid)
        if found is None or found.statement:
            return found.statement if found is not None else ""
        try:
            stated = state_run(tx, tools.ledger, found, tools.units.source, key.verifier.name)
        except PlumblineError as error:
            if error.code not in _NEVER:
                raise
            _log.error("a run cannot be stated", extra={"fields": {"collection": uid, "code": error.code}})
            return ""
        made = list(_made(tx, found))
    envelope = sign_envelope(stated.payload, PAYLOAD_TYPE, [key])
    digest = sha256_of(envelope)
    manifests = [(one, referrer_manifest(one, envelope, digest, TYPE)) for one in made]
    for data in (EMPTY, envelope, *(manifest for _, manifest in manifests)):
        tools.blobs.put(data)
    return _keep(tools, found, _Signed(stated, key, digest, manifests))


def _keep(tools: AttestationTools, collection: Collection, signed: _Signed) -> str:
    with tools.units.store.change() as tx:
        now = tx.collections.get(collection.id)
        if now is None or now.statement:  # another server was first
            return now.statement if now is not None else ""
        check_key(signed.key, tools.keys())
        unit = UnitOfWork(tx, SIGNED_OUT, tools.units.writer())
        tx.collections.put(msgspec.structs.replace(now, statement=signed.digest), now.closed)
        origin = Origin(commit=now.subjects.commit, pipeline=now.subjects.pipeline)
        subjects = tuple(one.digest for one, _ in signed.manifests if one.digest.startswith("sha256:"))
        for one, manifest in signed.manifests:
            keep_referrer(unit, now.project, origin, one, manifest)
        for digest in dict.fromkeys(subjects):
            told = own_delivery.AttestationRecorded(
                predicate=TYPE, digest=signed.digest, subjects=subjects, key=key_id(signed.key.verifier)
            )
            _tell(tools, tx, f"attestation:{signed.digest}:{digest}", digest, told, now.path)
        _tell(tools, tx, f"statement:{now.uid}", now.uid, _signed_event(now, signed), now.path)
    return signed.digest


def _signed_event(collection: Collection, signed: _Signed) -> own_gates.StatementSigned:
    return own_gates.StatementSigned(
        digest=signed.digest,
        key=key_id(signed.key.verifier),
        complete=signed.stated.run.complete,
        commit=collection.subjects.commit or UNSET,
        run=collection.subjects.run or UNSET,
    )


def _tell(tools: AttestationTools, tx: Transaction, name: str, subject: str, content: Content, path: str) -> None:
    tx.record(
        write_event(
            content, id=name, source=tools.units.source, subject=subject, time=tools.units.clock(), project=path
        )
    )


def _made(tx: Transaction, collection: Collection) -> Iterator[Made]:
    """The artifacts, once in each repository of the project that has them; what a job left is in none."""
    pipeline = collection.subjects.pipeline
    left = {
        kept.digest: kept
        for job in (tx.jobs.of(pipeline) if pipeline else ())
        for kept in (job.result.kept if job.result is not None else ())
        if kept.kind == ARCHIVE
    }
    for digest in dict.fromkeys(collection.subjects.artifacts):
        found = [(at, one) for at, one in tx.artifacts.of_digest(digest) if one.project == collection.project]
        for at, one in found:
            media_type = one.media_type or "application/octet-stream"
            yield Made(digest, one.name or one.repository, media_type, one.size, at)
        if not found and digest in left:
            yield Made(digest, left[digest].name, "application/zip", left[digest].size)
