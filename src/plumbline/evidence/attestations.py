"""What is said of artifacts under signatures: the door to envelopes, statements, keys of others, and verification."""

from plumbline.evidence.artifact_file import (
    About,
    ArtifactFile,
    Piece,
    artifact_lines,
    is_artifact_file,
    read_artifact_file,
)
from plumbline.evidence.artifact_verifying import Check, Result, Verified, needing, verify_artifact_file
from plumbline.evidence.attestation import Judged, Standing, TrustedKey, parse_trusted, recorded_by
from plumbline.evidence.cosign_signature import PAYLOAD as COSIGN_PAYLOAD
from plumbline.evidence.cosign_signature import SIGNATURE as COSIGN_SIGNATURE
from plumbline.evidence.cosign_signature import join_signature
from plumbline.evidence.dsse import MEDIA_TYPE as ENVELOPE
from plumbline.evidence.dsse import MOST_BYTES, key_id, sign_envelope
from plumbline.evidence.predicate import predicate_of, short_name
from plumbline.evidence.predicates import cyclonedx, slsa_provenance, test_result, verification_summary
from plumbline.evidence.predicates.test_result import Result as TestOutcome
from plumbline.evidence.public_keys import as_pem, parse_public_key
from plumbline.evidence.statement import PAYLOAD_TYPE, Resource, read_statement, resource, write_statement

__all__ = [
    "COSIGN_PAYLOAD",
    "COSIGN_SIGNATURE",
    "ENVELOPE",
    "MOST_BYTES",
    "PAYLOAD_TYPE",
    "About",
    "ArtifactFile",
    "Check",
    "Judged",
    "Piece",
    "Resource",
    "Result",
    "Standing",
    "TestOutcome",
    "TrustedKey",
    "Verified",
    "artifact_lines",
    "as_pem",
    "cyclonedx",
    "is_artifact_file",
    "join_signature",
    "key_id",
    "needing",
    "parse_public_key",
    "parse_trusted",
    "predicate_of",
    "read_artifact_file",
    "read_statement",
    "recorded_by",
    "resource",
    "short_name",
    "sign_envelope",
    "slsa_provenance",
    "test_result",
    "verification_summary",
    "verify_artifact_file",
    "write_statement",
]
