"""Turns a fact into an event in an unbroken, signed chain, and proves it later.

What events say, type by type, is in :mod:`plumbline.evidence.vocabulary`.
"""

from plumbline.evidence.bundle import verify_bundle, write_bundle
from plumbline.evidence.chain import digests, link, record
from plumbline.evidence.checkpoint import read_checkpoint, sign_checkpoint
from plumbline.evidence.cloudevents import events_in
from plumbline.evidence.cosignature import (
    Cosignature,
    WitnessKey,
    WitnessSigner,
    cosignatures,
    parse_witness_key,
    parse_witness_signer,
    with_cosignatures,
)
from plumbline.evidence.entry_faults import Fault, names_hold
from plumbline.evidence.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    root_at,
    spans,
    verify_consistency,
    verify_inclusion,
)
from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.notes import SigningKey, VerifyingKey, note_text, parse_key, parse_signing_key, verify_note
from plumbline.evidence.origin import (
    FILE,
    OWN,
    TOLD_BY_FORGE,
    ForgeWord,
    check_origin,
    claimed_kind,
    forge_of,
    forge_source,
    is_own,
    kind_of,
    looks_like,
    pretends,
    told_by_tools,
    word_of,
)
from plumbline.evidence.reading import AHEAD, BEHIND, YEARS, EventView, is_late, read_event, receive
from plumbline.evidence.rotation import Rotation, read_rotation, with_rotations, write_rotation
from plumbline.evidence.sender import Sender, read_sender, write_sender
from plumbline.evidence.shapes import countable, fitting
from plumbline.evidence.verifying import Outcome, Report, Start, verify
from plumbline.evidence.vocabulary import Content
from plumbline.evidence.witnessed import with_witnesses
from plumbline.evidence.witnessing import MOST_REQUEST, SIZE_MEDIA, read_request, read_size, tree_head, write_request
from plumbline.evidence.writing import (
    ContextId,
    EndLink,
    Link,
    PathLink,
    RelationLink,
    json_schema,
    scope_of,
    timestamp,
    write_event,
)

__all__ = [
    "AHEAD",
    "BEHIND",
    "EMPTY_ROOT",
    "FILE",
    "MOST_REQUEST",
    "OWN",
    "SIZE_MEDIA",
    "TOLD_BY_FORGE",
    "YEARS",
    "Content",
    "ContextId",
    "Cosignature",
    "EndLink",
    "EventView",
    "Fault",
    "ForgeWord",
    "Link",
    "MerkleTree",
    "Outcome",
    "PathLink",
    "RelationLink",
    "Report",
    "Rotation",
    "Sender",
    "SigningKey",
    "Start",
    "VerifyingKey",
    "WitnessKey",
    "WitnessSigner",
    "check_origin",
    "claimed_kind",
    "consistency_proof",
    "cosignatures",
    "countable",
    "digests",
    "events_in",
    "fitting",
    "forge_of",
    "forge_source",
    "frontier_at",
    "inclusion_proof",
    "is_late",
    "is_own",
    "json_schema",
    "kind_of",
    "leaf_hash",
    "link",
    "looks_like",
    "names_hold",
    "near_the_top",
    "note_text",
    "parse_key",
    "parse_signing_key",
    "parse_witness_key",
    "parse_witness_signer",
    "pretends",
    "read_checkpoint",
    "read_event",
    "read_request",
    "read_rotation",
    "read_sender",
    "read_size",
    "receive",
    "record",
    "root_at",
    "scope_of",
    "sign_checkpoint",
    "spans",
    "timestamp",
    "told_by_tools",
    "tree_head",
    "verify",
    "verify_bundle",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
    "with_cosignatures",
    "with_rotations",
    "with_witnesses",
    "word_of",
    "write_bundle",
    "write_event",
    "write_request",
    "write_rotation",
    "write_sender",
]
