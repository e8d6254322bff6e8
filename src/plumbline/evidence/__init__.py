"""Turns a fact into an event in an unbroken, signed chain, and proves it later."""

from plumbline.evidence.chain import chained, link, record
from plumbline.evidence.checkpoint import (
    checkpoint_text,
    claimed_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from plumbline.evidence.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    Node,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from plumbline.evidence.notes import (
    Signed,
    SigningKey,
    VerifyingKey,
    add_signature,
    parse_key,
    parse_signing_key,
    sign_note,
    verify_note,
)

__all__ = [
    "EMPTY_ROOT",
    "MerkleTree",
    "Node",
    "Signed",
    "SigningKey",
    "VerifyingKey",
    "add_signature",
    "chained",
    "checkpoint_text",
    "claimed_checkpoint",
    "consistency_proof",
    "frontier_at",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "link",
    "node_hash",
    "parse_key",
    "parse_signing_key",
    "read_checkpoint",
    "record",
    "root_at",
    "sign_checkpoint",
    "sign_note",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
]
