"""An artifact with what is said of it, in a small ledger, for tests."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from tests.evidence.ledgers import KEY, checkpoint, draft, node_of

from plumbline.evidence import inclusion_proof, write_event
from plumbline.evidence.artifact_file import About, ArtifactFile, Piece, artifact_lines, read_artifact_file
from plumbline.evidence.chain import chained
from plumbline.evidence.dsse import MEDIA_TYPE, key_id, sign_envelope
from plumbline.evidence.predicates import cyclonedx, slsa_provenance
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.evidence.statement import PAYLOAD_TYPE, resource, write_statement
from plumbline.evidence.vocabulary import own_delivery
from plumbline.model.event import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import SigningKey
    from plumbline.model.event import EventDraft

BYTES = b"the bytes of a release"
DIGEST = f"sha256:{sha256(BYTES).hexdigest()}"
OTHER_DIGEST = "sha256:" + "1" * 64
TIME = 1_760_000_000_000_000
SBOM = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [], "compositions": [{"aggregate": "complete"}]}
PROVENANCE = slsa_provenance.Provenance(
    build_definition=slsa_provenance.BuildDefinition(
        build_type="https://plumbline.example/job/v1", external_parameters={"ref": "refs/tags/v1"}
    ),
    run_details=slsa_provenance.RunDetails(builder=slsa_provenance.Builder(id="urn:plumbline:test")),
)


def envelope(predicate_type: str, predicate: Any, key: SigningKey = KEY, digest: str = DIGEST) -> bytes:
    payload = write_statement([resource(digest, "release.tar")], predicate_type, predicate)
    return sign_envelope(payload, PAYLOAD_TYPE, [key])


def provenance(key: SigningKey = KEY, digest: str = DIGEST) -> bytes:
    return envelope(slsa_provenance.TYPE, PROVENANCE, key, digest)


def sbom(key: SigningKey = KEY, digest: str = DIGEST) -> bytes:
    return envelope(cyclonedx.TYPE, SBOM, key, digest)


def told(
    number: int, data: bytes, predicate: str, *, subject: str = DIGEST, source: str = "urn:plumbline:x"
) -> EventDraft:
    content = own_delivery.AttestationRecorded(
        predicate=predicate,
        digest=f"sha256:{sha256(data).hexdigest()}",
        subjects=(subject,),
        key=key_id(KEY.verifier),
    )
    return write_event(content, id=f"attested-{number}", source=source, subject=subject, time=TIME)


def ledger_piece(drafts: Sequence[EventDraft], *, keys: Sequence[SigningKey] = (KEY,), rotations: Sequence[bytes] = (),
                 left_out: Sequence[int] = ()) -> Piece:  # fmt: skip
    """``left_out``: numbers of entries that the file does not have."""
    entries = list(chained(0, NO_CHAIN, TIME, [draft(1), draft(2), *drafts, draft(4)]))
    node, point = node_of(entries), checkpoint(entries, len(entries), *keys)
    lines = selection_lines(
        [entry for entry in entries if entry.seq not in left_out],
        lambda entry: inclusion_proof(entry.seq - 1, len(entries), node),
        point,
        Chosen(by="ada", at=TIME),
        rotations,
    )
    return Piece(kind="ledger", data=b"".join(lines))


def attested(data: bytes) -> Piece:
    return Piece(kind="attestation", data=data, type=MEDIA_TYPE)


def whole(drafts: Sequence[EventDraft] | None = None, *more: Piece, **options: Any) -> ArtifactFile:
    """Provenance and a bill of materials, both in the ledger."""
    said, bill = provenance(), sbom()
    if drafts is None:
        drafts = [told(1, said, slsa_provenance.TYPE), told(2, bill, cyclonedx.TYPE)]
    pieces = (attested(said), attested(bill), ledger_piece(drafts, **options), *more)
    return ArtifactFile(about=About(digest=DIGEST, names=("shop/release.tar",), by="ada", at=TIME), pieces=pieces)


def written(found: ArtifactFile) -> bytes:
    return b"".join(artifact_lines(found.about, found.pieces))


def read(data: bytes) -> ArtifactFile:
    return read_artifact_file(io.BytesIO(data))


def with_pieces(found: ArtifactFile, *pieces: Piece) -> ArtifactFile:
    return msgspec.structs.replace(found, pieces=pieces)
