"""The ledger's nouns: an event on its way in, the line it became, and a signed statement about all lines so far."""

from __future__ import annotations

import msgspec

from plumbline.model.moves import Stretch

NO_CHAIN = bytes(32)  # the chain value before the first entry
MAX_EVENT = 1 << 20  # bytes; a larger event is refused
LONGEST_NAME = 600  # bytes of a source, an id, a type or a subject; indexes do not take longer ones
# A ledger keeps the Merkle hash over every 256 entries, over every 256 of those, ...
SUBTREE_LEVELS = 8
SUBTREE = 1 << SUBTREE_LEVELS


class EventDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is not in the ledger yet."""

    source: str  # CDEvents context.source
    id: str  # CDEvents context.id; (source, id) is unique
    type: str  # CDEvents context.type as received or emitted
    subject: str  # subject.id
    body: bytes  # exactly the bytes received or emitted
    scope: str = ""  # path of the project or node it is about; empty: nobody said
    who: str = ""  # who did what it tells, see plumbline.evidence.filed_under; empty: nobody said
    sender: bytes = b""  # who sent it, as plumbline.evidence.Sender writes it; empty: this server tells it itself


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the ledger."""

    seq: int  # 1, 2, 3, ... without gaps
    source: str
    id: str
    type: str
    subject: str
    received: (
        int  # microseconds since the epoch by the server's clock: when it was first seen; before the entry before it
    )
    # only where that clock was set back
    body: bytes
    chain: bytes  # 32 bytes: SHA-256(chain before || record), see plumbline.evidence.record
    sender: bytes = b""  # of who sent it; empty: this server told it itself, or it came before senders were kept


class EntryText(msgspec.Struct, frozen=True, gc=False):
    """What the chain commits to of one line of the ledger, as :class:`Entry` has it."""

    seq: int
    received: int
    body: bytes
    sender: bytes


class EntryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty does not matter."""

    kind: str = ""  # stands in its type
    kind_begins: str = ""
    source: str = ""
    id: str = ""
    subject: str = ""
    scope: str = ""  # filed under this path of the tree, or below it
    part: Stretch | None = None  # of the ledger, in which the path meant what is asked for
    within: tuple[Stretch, ...] = ()  # and filed in one of these
    who: str = ""  # who did what it tells, by exactly this name
    text: str = ""  # stands in its subject, its id or its source
    since: int = 0  # received then or later
    until: int = 0  # received before


class FoundEntries(msgspec.Struct, frozen=True, kw_only=True):
    """``next``: where to go on; 0: there are no more. With fewer entries than were wanted: so far was looked."""

    entries: tuple[Entry, ...] = ()
    next: int = 0


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger was at one size, and the signed note that says so to others."""

    origin: str  # names the ledger; also the name of the key that signs
    size: int  # the number of entries
    root: bytes  # 32 bytes, RFC 6962
    chain: bytes  # of the last entry
    note: bytes = b""  # the whole signed note; empty while it is not signed
    made: int = 0  # microseconds since the epoch
