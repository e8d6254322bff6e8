"""The ledger: its entries, the proof that one is in it, and its signed checkpoints."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.access import Permission
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Count, EventName, Id, Limit, Time
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.evidence import receive as receive_event
from plumbline.evidence import root_at
from plumbline.flow.ledger.checkpoints import check_origin
from plumbline.flow.ledger.prove_entry import Inclusion, entry_at, prove_entry
from plumbline.kernel import t
from plumbline.model.event import MAX_EVENT, NO_CHAIN, Entry, EntryFilter
from plumbline.model.tree import INSTANCE


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger; its body is to be had from the address of the entry."""

    seq: Id
    source: str
    id: str
    type: str
    subject: str
    received: Count  # microseconds since the epoch
    size: Count  # bytes of the body
    chain: bytes  # base64


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` is the ``after`` of the following page; 0: this was the last one. With fewer entries than were asked for
    and a ``next``, a part of the ledger was looked through. ``size`` is that of the ledger."""

    entries: list[EntryView]
    next: Count
    size: Count


class Looking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries after a number, or with ``newest`` those before it; only those of a type (or of the types that begin
    with it), of an id, a subject or a source, about a node of the tree or one below it (its path), received at
    ``since`` or later and before ``until``."""

    after: Count = 0
    newest: bool = False
    limit: Limit = 50
    type: EventName = ""
    id: EventName = ""
    subject: EventName = ""
    source: EventName = ""
    scope: EventName = ""
    since: Time = 0
    until: Time = 0

    @property
    def wanted(self) -> EntryFilter:
        return EntryFilter(
            kind_begins=self.type,
            id=self.id,
            subject=self.subject,
            source=self.source,
            scope=self.scope.strip("/"),
            since=self.since,
            until=self.until,
        )


class InclusionView(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6962: the path from the leaf (``SHA-256(0x00 || leaf)``) to the root of the tree of this size."""

    index: Count  # from 0
    size: Count
    leaf: bytes
    path: list[bytes]
    root: bytes


class EntryDetail(msgspec.Struct, frozen=True, kw_only=True):
    entry: EntryView
    body: bytes  # base64 of the bytes as they were received
    event: Any  # the same, read
    previous: bytes  # the chain value of the entry before
    proof: InclusionView | None  # null: the ledger is not what it was, and nothing proves this entry


class CheckpointView(msgspec.Struct, frozen=True, kw_only=True):
    origin: str
    size: Count
    root: bytes
    chain: bytes
    note: str  # the signed note, as it can be given to others
    made: Count


class LedgerState(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger is now. ``checkpoint`` null: none was made yet."""

    size: Count
    chain: bytes
    root: bytes
    checkpoint: CheckpointView | None
    since_checkpoint: Count  # entries that no checkpoint covers yet


@route("GET", "/ledger/entries", t("Entries of the ledger, in order or from the newest."), slow=True)
def list_entries(call: Call, query: Looking) -> EntryPage:
    _require(call, Permission.LEDGER_READ)
    ledger = call.service.ledger
    found = ledger.look(query.wanted, query.limit, start=query.after, newest=query.newest)
    return EntryPage(entries=[_view(entry) for entry in found.entries], next=found.next, size=ledger.size())


@route(
    "GET",
    "/ledger/entries/{seq}",
    t("One entry with its exact bytes and the proof that it is in the ledger."),
    slow=True,
)
def get_entry(call: Call, seq: Id) -> EntryDetail:
    _require(call, Permission.LEDGER_READ)
    ledger = call.service.ledger
    entry, before = entry_at(ledger, seq), entry_at(ledger, seq - 1) if seq > 1 else None
    if entry is None:
        raise not_found(t("The ledger has no entry {seq}.", seq=seq))
    return EntryDetail(
        entry=_view(entry),
        body=entry.body,
        event=_read(entry.body),
        previous=before.chain if before else NO_CHAIN,
        proof=_proof(seq, prove_entry(ledger, entry)),
    )


def _proof(seq: int, proof: Inclusion | None) -> InclusionView | None:
    if proof is None:
        return None
    return InclusionView(index=seq - 1, size=proof.size, leaf=proof.leaf, path=list(proof.path), root=proof.root)


@route("GET", "/ledger/state", t("The size of the ledger, its root, and its newest checkpoint."), slow=True,
       refusals=(409,))  # fmt: skip
def get_ledger(call: Call) -> LedgerState:
    _require(call, Permission.LEDGER_READ)
    ledger = call.service.ledger
    size, chain = ledger.head()
    newest = _newest_checkpoint(call)
    return LedgerState(
        size=size,
        chain=chain,
        root=root_at(size, ledger.node),
        checkpoint=newest,
        since_checkpoint=size - (newest.size if newest else 0),
    )


@route("GET", "/ledger/checkpoint", t("The newest signed checkpoint, as a C2SP signed note."), refusals=(404,),
       media="text/plain")  # fmt: skip
def get_checkpoint(call: Call) -> Raw:
    _require(call, Permission.LEDGER_READ)
    newest = _newest_checkpoint(call)
    if newest is None:
        raise not_found(t("No checkpoint was made yet."))
    return Raw(newest.note.encode(), "text/plain; charset=utf-8")


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """``known``: the same event was there already, and this is its entry. ``notes``: what was remarkable about it."""

    seq: Id
    known: bool
    notes: list[str]


@route("POST", "/ledger/events", t("Send a CDEvent of another tool to the ledger."), status=201, refusals=(409, 422),
       largest=MAX_EVENT, raw_body=True)  # fmt: skip
def send_event(call: Call, body: bytes) -> Accepted:
    _require(call, Permission.LEDGER_WRITE)
    draft, view = receive_event(body, call.now)
    check_origin(draft)
    known = call.service.ledger.find(draft.source, draft.id) is not None
    [entry] = call.service.ledger.append([draft])
    return Accepted(seq=entry.seq, known=known, notes=[str(note) for note in view.notes])


def _require(call: Call, permission: Permission) -> None:
    with call.service.store.view() as tx:
        call.require(tx, permission, INSTANCE)


def _view(entry: Entry) -> EntryView:
    return EntryView(
        seq=entry.seq,
        source=entry.source,
        id=entry.id,
        type=entry.type,
        subject=entry.subject,
        received=entry.received,
        size=len(entry.body),
        chain=entry.chain,
    )


def _read(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):  # what came from elsewhere is kept as it came
        return None


def _newest_checkpoint(call: Call) -> CheckpointView | None:
    found = call.service.ledger.checkpoints()
    if not found:
        return None
    newest = found[-1]
    return CheckpointView(
        origin=newest.origin,
        size=newest.size,
        root=newest.root,
        chain=newest.chain,
        note=newest.note.decode("utf-8", "replace"),
        made=newest.made,
    )


PART = (list_entries, get_entry, get_ledger, get_checkpoint, send_event)
