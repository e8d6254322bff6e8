"""Turns a fact into an event in an unbroken, signed chain, and proves it later.

What events say, type by type, is in :mod:`plumbline.evidence.vocabulary`; whose word they are, in
:mod:`plumbline.evidence.origin`; what witnesses and keys that follow another say, in ``cosignature``, ``witnessing``,
``witnessed`` and ``rotation``.
"""

from plumbline.evidence.bundle import bundle_lines, verify_bundle
from plumbline.evidence.chain import digests, link, record
from plumbline.evidence.checkpoint import newest_checkpoint, newest_first, read_checkpoint, sign_checkpoint
from plumbline.evidence.cloudevents import events_in
from plumbline.evidence.entry_faults import Fault, names_hold
from plumbline.evidence.filing import filed_under, scope_of, sent_by
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
from plumbline.evidence.names_once import NameTwiceError, check_names_once
from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.notes import SigningKey, VerifyingKey, note_text, parse_key, parse_signing_key, verify_note
from plumbline.evidence.reading import AHEAD, BEHIND, YEARS, EventView, is_late, read_event, receive
from plumbline.evidence.sender import Sender, read_sender, write_sender
from plumbline.evidence.shapes import countable, fitting
from plumbline.evidence.verifying import Outcome, Report, Start, verify
from plumbline.evidence.vocabulary import Content
from plumbline.evidence.writing import (
    ContextId,
    EndLink,
    Link,
    PathLink,
    RelationLink,
    json_schema,
    timestamp,
    write_event,
)

__all__ = [
    "AHEAD",
    "BEHIND",
    "EMPTY_ROOT",
    "YEARS",
    "Content",
    "ContextId",
    "EndLink",
    "EventView",
    "Fault",
    "Link",
    "MerkleTree",
    "NameTwiceError",
    "Outcome",
    "PathLink",
    "RelationLink",
    "Report",
    "Sender",
    "SigningKey",
    "Start",
    "VerifyingKey",
    "bundle_lines",
    "check_names_once",
    "consistency_proof",
    "countable",
    "digests",
    "events_in",
    "filed_under",
    "fitting",
    "frontier_at",
    "inclusion_proof",
    "is_late",
    "json_schema",
    "leaf_hash",
    "link",
    "names_hold",
    "near_the_top",
    "newest_checkpoint",
    "newest_first",
    "note_text",
    "parse_key",
    "parse_signing_key",
    "read_checkpoint",
    "read_event",
    "read_sender",
    "receive",
    "record",
    "root_at",
    "scope_of",
    "sent_by",
    "sign_checkpoint",
    "spans",
    "timestamp",
    "verify",
    "verify_bundle",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
    "write_event",
    "write_sender",
]
