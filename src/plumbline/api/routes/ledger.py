"""The ledger: its entries, the proof that one is in it, and its signed checkpoints."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Count, EventName, Id, Limit, Time
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.evidence import read_sender
from plumbline.flow.ledger import find_entries
from plumbline.flow.ledger import send_event as events
from plumbline.flow.ledger.export_entries import export_entries
from plumbline.flow.ledger.prove_entry import Inclusion, view_entry
from plumbline.flow.ledger.view_ledger import PlaceState, view_checkpoint, view_head, view_outside
from plumbline.kernel import t
from plumbline.model.event import MAX_EVENT, Checkpoint, Entry, EntryFilter

LINES = "application/jsonl"


class SenderView(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent it, as far as that was known. ``source``: a registered source that proved itself; empty: nobody vouches
    for it. ``scope``: the node it is about, by the mapping of the source. ``written``: what the entry commits to."""

    source: str
    person: str
    token: str
    address: str
    delivery: str
    scope: str
    door: str
    written: bytes


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
    sender: SenderView | None  # null: this server told it itself, or it is older than senders are kept


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` is the ``after`` of the following page; 0: this was the last one. With fewer entries than were asked for
    and a ``next``, a part of the ledger was looked through. ``size`` is that of the ledger."""

    entries: list[EntryView]
    next: Count
    size: Count


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries of a type (or of the types that begin with it), of an id, a subject or a source, about a node of the
    tree or one below it (its path), done by a person (their name) or by an account at a forge (``forge:login``),
    received at ``since`` or later and before ``until``. Whoever reads the ledger of some nodes alone is answered with
    what is about these and below them."""

    type: EventName = ""
    id: EventName = ""
    subject: EventName = ""
    source: EventName = ""
    scope: EventName = ""
    who: EventName = ""
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
            who=self.who,
            since=self.since,
            until=self.until,
        )


class Looking(Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those after a number, or with ``newest`` those before it."""

    after: Count = 0
    newest: bool = False
    limit: Limit = 50


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


@route("GET", "/ledger/entries", t("Entries of the ledger, in order or from the newest."), slow=True,
       use_case=use_cases.SEARCH_LEDGER)  # fmt: skip
def list_entries(call: Call, query: Looking) -> EntryPage:
    listed = find_entries.list_entries(
        call.actor, call.tools.ledger, query.wanted, query.limit, start=query.after, newest=query.newest
    )
    found = listed.found
    return EntryPage(entries=[_view(entry) for entry in found.entries], next=found.next, size=listed.size)


@route(
    "GET",
    "/ledger/entries/{seq}",
    t("One entry with its exact bytes and the proof that it is in the ledger."),
    slow=True,
    use_case=use_cases.VIEW_ENTRY,
)
def get_entry(call: Call, seq: Id) -> EntryDetail:
    found = view_entry(call.actor, call.tools.ledger, seq)
    return EntryDetail(
        entry=_view(found.entry),
        body=found.entry.body,
        event=_read(found.entry.body),
        previous=found.previous,
        proof=_proof(seq, found.inclusion),
    )


def _proof(seq: int, proof: Inclusion | None) -> InclusionView | None:
    if proof is None:
        return None
    return InclusionView(index=seq - 1, size=proof.size, leaf=proof.leaf, path=list(proof.path), root=proof.root)


@route("POST", "/ledger/export", t("Take entries along, as a file that `plumb ledger verify --bundle` verifies."),
       status=200, refusals=(409, 422), media=LINES, use_case=use_cases.EXPORT_LEDGER)  # fmt: skip
def export_ledger(call: Call, body: Wanted) -> Raw:
    made = export_entries(call.actor, call.tools.ledger, body.wanted)
    named = (("Content-Disposition", f'attachment; filename="{made.name}"'),)
    return Raw(made.lines, LINES, headers=named)


@route("GET", "/ledger/state", t("The size of the ledger, its root, and its newest checkpoint."), slow=True,
       refusals=(409,), use_case=use_cases.VIEW_LEDGER)  # fmt: skip
def get_ledger(call: Call) -> LedgerState:
    head, newest = view_head(call.actor, call.tools.ledger), view_checkpoint(call.actor, call.tools.ledger)
    return LedgerState(
        size=head.size,
        chain=head.chain,
        root=head.root,
        checkpoint=_checkpoint(newest) if newest else None,
        since_checkpoint=head.size - (newest.size if newest else 0),
    )


@route("GET", "/ledger/checkpoint", t("The newest signed checkpoint, as a C2SP signed note."), refusals=(404,),
       media="text/plain", use_case=use_cases.VIEW_LEDGER)  # fmt: skip
def get_checkpoint(call: Call) -> Raw:
    newest = view_checkpoint(call.actor, call.tools.ledger)
    if newest is None:
        raise not_found(t("No checkpoint was made yet."))
    return Raw(_note(newest).encode(), "text/plain; charset=utf-8")


class CosignatureView(msgspec.Struct, frozen=True, kw_only=True):
    witness: str  # its name
    key: str  # its public key
    at: Count  # seconds since the epoch, by its clock


class CosignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    checkpoint: CheckpointView
    cosignatures: list[CosignatureView]  # by witnesses that this server knows


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A place that checkpoints are taken to. Times are microseconds since the epoch; 0: never."""

    kind: str
    name: str
    size: Count  # entries of the last checkpoint that it has
    at: Count  # when it got it
    failures: Count  # attempts since then, none of which went well
    tried: Count
    due: Count  # not tried before
    problem: str  # of the last attempt; empty: it went well, or there was none


class CheckpointList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest checkpoints first, and where they are taken, to whoever reads the ledger of the whole installation.
    ``problem``: what is set up cannot be read."""

    checkpoints: list[CosignedCheckpoint]
    places: list[PlaceView]
    problem: str


class Newest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 50


@route("GET", "/ledger/checkpoints", t("The newest checkpoints with their cosignatures, and where they are taken."),
       use_case=use_cases.VIEW_LEDGER)  # fmt: skip
def list_checkpoints(call: Call, query: Newest) -> CheckpointList:
    found = view_outside(call.actor, call.tools.ledger, query.limit)
    return CheckpointList(
        checkpoints=[
            CosignedCheckpoint(
                checkpoint=_checkpoint(made),
                cosignatures=[CosignatureView(witness=by.name, key=str(by), at=at) for by, at in cosigned],
            )
            for made, cosigned in found.checkpoints
        ],
        places=[_place(each) for each in found.places or ()],
        problem=str(found.error.message) if found.error else "",
    )


def _place(each: PlaceState) -> PlaceView:
    place, state = each
    return PlaceView(
        kind=place.kind.value,
        name=place.name,
        size=state.size,
        at=state.at,
        failures=state.failures,
        tried=state.tried,
        due=state.due,
        problem=str(state.message) if state.message is not None else "",
    )


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """``known``: the same event was there already, and this is its entry. ``notes``: what was remarkable about it."""

    seq: Id
    known: bool
    notes: list[str]


@route("POST", "/ledger/events", t("Keep a CDEvent in the ledger; nobody vouches for it, so no fact rests on it."),
       status=201, refusals=(409, 422, 429), largest=MAX_EVENT, raw_body=True,
       use_case=use_cases.SEND_EVENT)  # fmt: skip
def send_event(call: Call, body: bytes) -> Accepted:
    sent = events.send_event(call.actor, call.tools.sources, body)
    return Accepted(seq=sent.seq, known=sent.known, notes=[str(note) for note in sent.notes])


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
        sender=_sender(entry.sender) if entry.sender else None,
    )


def _sender(said: bytes) -> SenderView:
    return SenderView(**msgspec.structs.asdict(read_sender(said)), written=said)


def _read(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):  # what came from elsewhere is kept as it came
        return None


def _checkpoint(made: Checkpoint) -> CheckpointView:
    return CheckpointView(
        origin=made.origin, size=made.size, root=made.root, chain=made.chain, note=_note(made), made=made.made
    )


def _note(made: Checkpoint) -> str:
    return made.note.decode("utf-8", "replace")


PART = (list_entries, get_entry, export_ledger, get_ledger, get_checkpoint, list_checkpoints, send_event)
