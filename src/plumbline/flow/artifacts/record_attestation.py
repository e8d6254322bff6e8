"""Sign a statement, keep it beside what it is about, and tell the ledger: at once, and the same one only once.

1. The bytes are stored before anything names them; the names and the event stand in one transaction.
2. A statement is kept as an OCI manifest whose subject is the artifact, so that every client finds it: by the API of
   referrers, and under the fallback tag.
3. Nothing is signed by a key that another one has followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from plumbline.access import SIGNED_OUT
from plumbline.artifacts.manifests import OCI_IMAGE, read_manifest
from plumbline.artifacts.names import sha256_of
from plumbline.evidence import write_event
from plumbline.evidence.attestations import ENVELOPE, PAYLOAD_TYPE, key_id, read_statement, sign_envelope
from plumbline.evidence.vocabulary import own_delivery
from plumbline.flow.artifacts.referrers import renew_fallback
from plumbline.flow.unit_of_work import UnitOfWork
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Artifact, Kind, Origin
from plumbline.model.coding import json_of
from plumbline.model.ready import ready
from plumbline.model.registry import Link, Part, RepositoryBlob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import SigningKey, VerifyingKey
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.flow.artifacts.builds import Made
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
PREDICATE = "in-toto.io/predicate-type"  # annotation


def record_attestation(
    tools: AttestationTools, pipeline: StoredPipeline, job: StoredJob, made: Made, payload: bytes
) -> str:
    """The digest of the envelope. Raises PlumblineError ``key-followed`` while the key is being followed by another
    one, and those of the store."""
    key = tools.signing_key()
    envelope = sign_envelope(payload, PAYLOAD_TYPE, [key])
    said = read_statement(payload)
    predicate = said.predicate_type
    digest = sha256_of(envelope)
    name = (tools.units.source, f"attestation:{digest}")
    with tools.units.store.view() as tx:
        if tx.known([name]):
            return digest
    manifest = referrer_manifest(made, envelope, digest, predicate)
    for data in (EMPTY, envelope, manifest):
        tools.blobs.put(data)
    with tools.units.store.change() as tx:
        if tx.known([name]):
            return digest
        check_key(key, tools.keys())
        origin = Origin(commit=pipeline.sha, pipeline=pipeline.id, job=job.id)
        keep_referrer(UnitOfWork(tx, SIGNED_OUT, tools.units.writer()), pipeline.project, origin, made, manifest)
        content = own_delivery.AttestationRecorded(
            predicate=predicate,
            digest=digest,
            subjects=(made.digest,),
            key=key_id(key.verifier),
            components=components_in(bytes(said.predicate)),
        )
        tx.record(
            write_event(
                content,
                id=name[1],
                source=tools.units.source,
                subject=made.digest,
                time=tools.units.clock(),
                project=_path(tx, pipeline.project),
            )
        )
    return digest


class _Listed(msgspec.Struct):
    """A bill of materials, as CycloneDX and SPDX write theirs."""

    components: tuple[msgspec.Raw, ...] | UnsetType = UNSET
    packages: tuple[msgspec.Raw, ...] | UnsetType = UNSET


def components_in(predicate: bytes) -> int | UnsetType:
    """How many a bill of materials lists; unset: it is none."""
    try:
        found = msgspec.json.decode(predicate, type=ready(_Listed))
    except msgspec.DecodeError:
        return UNSET
    listed = found.components if found.components is not UNSET else found.packages
    return UNSET if listed is UNSET else len(listed)


def _path(tx: Transaction, project: int) -> str:
    node = tx.tree.get(project)
    return node.path if node is not None else ""


def check_key(key: SigningKey, known: Sequence[VerifyingKey]) -> None:
    """Raises PlumblineError ``key-followed``."""
    own = next((one for one in known if one.public == key.verifier.public), None)
    if own is not None and own.until:
        raise PlumblineError(
            "key-followed",
            t("The key that signs is being followed by another one."),
            t("It is tried again in a moment."),
            kind=ErrorKind.ENVIRONMENT,
        )


def referrer_manifest(made: Made, envelope: bytes, digest: str, predicate: str) -> bytes:
    """``digest`` of the envelope."""
    return json_of(
        {
            "schemaVersion": 2,
            "mediaType": OCI_IMAGE,
            "artifactType": PAYLOAD_TYPE,
            "config": {"mediaType": _EMPTY_TYPE, "digest": sha256_of(EMPTY), "size": len(EMPTY)},
            "layers": [
                {
                    "mediaType": ENVELOPE,
                    "digest": digest,
                    "size": len(envelope),
                    "annotations": {PREDICATE: predicate, "predicateType": predicate},
                }
            ],
            "subject": {"mediaType": made.media_type, "digest": made.digest, "size": made.size},
            "annotations": {PREDICATE: predicate},
        }
    )


def keep_referrer(unit: UnitOfWork, project: int, origin: Origin, made: Made, data: bytes) -> None:
    """``data``: a manifest about the artifact, whose bytes are stored already."""
    tx, at = unit.tx, unit.now
    repository = tx.repositories.by_id(made.repository) if made.repository else None
    if repository is None:
        repository = tx.repositories.take(project, "", at)
    found = read_manifest(data, OCI_IMAGE)
    assert found.config is not None
    parts = [(Part.CONFIG, found.config), *((Part.LAYER, layer) for layer in found.layers)]
    links = [Link(digest=one.digest, part=part, size=one.size, media_type=one.media_type) for part, one in parts]
    for link in links:
        tx.repositories.put_blob(RepositoryBlob(repository=repository.id, digest=link.digest, size=link.size, used=at))
    tx.artifacts.add(
        repository.id,
        Artifact(
            project=repository.project,
            repository=repository.address,
            kind=Kind.OCI,
            digest=sha256_of(data),
            size=len(data) + sum(link.size for link in links),
            media_type=OCI_IMAGE,
            artifact_type=PAYLOAD_TYPE,
            subject=made.digest,
            created=at,
            origin=origin,
            annotations=found.annotations,
        ),
        links,
    )
    renew_fallback(unit.tx, repository, made.digest)
