"""Take in what a registered source tells. The rules, in order; what breaks one is refused alone, and counted:

1. The source proves itself, by its token or by a signature over the delivery, and is neither revoked nor expired.
2. An event is one, in a name that nobody takes for ours, and its context.source is one that this source speaks as.
3. It is of a kind that the source may tell, of a time that is not to come, and corrects nobody's events but its own.
4. It is about a node that the source speaks about: the one it names by our path or by the source's own name, or else
   the node that the source was registered at.
5. There is quota left. What was taken in before is not taken in again, and costs nothing.

The quota, what was taken in before, and whether the source is still what proved itself are looked up in the transaction
that appends: nobody else writes meanwhile.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.evidence import AHEAD, BEHIND, EventView, Sender, events_in, read_sender, receive, sent_by
from plumbline.evidence.origin import check_origin, kind_of
from plumbline.flow.sources.kept_text import keep
from plumbline.flow.sources.kinds import may_tell, speaks
from plumbline.flow.sources.pace import check_pace
from plumbline.flow.sources.prove import Delivery, prove
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.source import OTHER_KINDS, SourceRefusal, SourceTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.sources.places import Places
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.model.event import EventDraft
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.source import Source

DAY = 24 * 3600 * 1_000_000  # microseconds


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one event of a delivery: its number in the ledger, or why it was refused."""

    seq: int = 0
    known: bool = False  # it was there already
    notes: tuple[Text, ...] = ()
    error: PlumblineError | None = None


@dataclass(slots=True)
class Incoming:
    """One event of a delivery on its way in."""

    draft: EventDraft | None = None
    view: EventView | None = None
    error: PlumblineError | None = None
    seq: int = 0
    known: bool = False


def receive_events(actor: Actor, tools: SourceTools, delivery: Delivery) -> Sequence[Taken]:
    """What became of each event, in their order.

    Raises PlumblineError ``source-unknown`` where nothing proves itself, ``source-too-fast``, and those of
    :func:`plumbline.evidence.events_in`.
    """
    proof = prove(actor, tools, delivery)
    now = tools.units.clock()
    try:
        check_pace(tools.pace, proof.source.name, len(delivery.body), now)
        events = events_in(delivery.headers, delivery.body)
    except PlumblineError:
        prove(actor, tools, delivery, anew=True)  # who proves nothing any more is told that
        raise
    delivered = f"sha256:{hashlib.sha256(delivery.body).hexdigest()}"
    while True:
        source = proof.source
        read = [incoming(source, proof.places, one, now) for one in events]
        sender = Sender(source=source.name, token=source.token, address=actor.address, door="http", delivery=delivered)
        if take_in(actor, tools, source, read, sender):
            return [_taken(one) for one in read]
        proof = prove(actor, tools, delivery, anew=True)


def read_one(source: Source, places: Places, body: bytes, now: int) -> tuple[EventDraft, EventView]:
    """An event of a source, held against the rules 2 to 4. Raises PlumblineError."""
    draft, view = receive(body, now)
    check_origin(draft)
    if not speaks(source, draft.source):
        raise _refused(
            "source-foreign-name",
            t("The source {name} does not speak as '{said}'.", name=source.name, said=draft.source[:80]),
            t("It speaks as: {names}. Send that as context.source, or have the source changed.",
              names=", ".join(source.speaks_as)),
        )  # fmt: skip
    if not may_tell(source, draft.type):
        raise _refused(
            "source-kind-refused",
            t("The source {name} may not tell '{type}'.", name=source.name, type=draft.type[:120]),
            t("Have the kind added to those that the source may tell."),
        )
    if view.time is not None and view.time > now + AHEAD:
        raise _refused(
            "event-to-come",
            t("The event says that it happens in {minutes} minutes.", minutes=(view.time - now) // 60_000_000),
            t("Set the clock of the sender, and send it again."),
        )
    _check_correction(source, view)
    scope = places.of(view.custom)
    return msgspec.structs.replace(draft, scope=scope), view


def incoming(source: Source, places: Places, one: bytes | PlumblineError, now: int) -> Incoming:
    """As :func:`read_one`, with what is wrong as a value."""
    if isinstance(one, PlumblineError):
        return Incoming(error=one)
    try:
        draft, view = read_one(source, places, one, now)
    except PlumblineError as error:
        return Incoming(error=error)
    return Incoming(draft, view)


def _check_correction(source: Source, view: EventView) -> None:
    if kind_of(view.type) != "ledger.corrected":
        return
    about = view.content.get("correctsSource")
    if not isinstance(about, str) or not speaks(source, about):
        raise _refused(
            "correction-of-others",
            t("A source corrects its own events alone, and '{said}' is none of its names.", said=str(about)[:80]),
            t("Whoever told the other event corrects it."),
        )


def take_in(actor: Actor, tools: SourceTools, source: Source, read: Sequence[Incoming], sender: Sender) -> bool:
    """Append what was not refused, as far as the quota goes, and count everything: in one transaction. False where
    somebody changed the source meanwhile: then nothing was taken in, and the events are to be read again."""
    first, again = _each_once(read)
    with tools.units.change(actor) as unit:
        unit.require(use_cases.RECEIVE_EVENTS)
        if unit.tx.sources.version(source.id) != source.version:
            return False
        fresh = _within_quota(unit.tx, source, _new(unit.tx, source, first), unit.now)
        entries = unit.tx.append([_sent(one, sender) for one in fresh])
        tallies: dict[str, SourceTally] = {}
        for one, entry in zip(fresh, entries, strict=True):
            one.seq = entry.seq
            _count(tallies, source, one, unit.now)
        for tally in tallies.values():
            unit.tx.sources.count(tally)
        for one, earlier in again:
            one.seq, one.known, one.error = earlier.seq, True, earlier.error
        for refusal in _refusals(source, read, unit.now):
            unit.tx.sources.refused(refusal)
    return True


def _each_once(read: Sequence[Incoming]) -> tuple[list[Incoming], list[tuple[Incoming, Incoming]]]:
    """Those that are an event, and those that stand again in the delivery, with the one that stands there first."""
    first: dict[tuple[str, str], Incoming] = {}
    again = []
    for one in read:
        if one.draft is None:
            continue
        earlier = first.setdefault((one.draft.source, one.draft.id), one)
        if earlier is one:
            continue
        if earlier.draft is not None and earlier.draft.body == one.draft.body:
            again.append((one, earlier))
        else:
            one.error = _reused(one.draft)
    return list(first.values()), again


def _new(tx: Transaction, source: Source, read: Sequence[Incoming]) -> list[Incoming]:
    """Those that are not in the ledger; the others learn their number, or that they are there with other bytes, or as
    the word of somebody else: what came before a source was registered counts for nothing, also when it comes again.
    """
    named = {(one.draft.source, one.draft.id): one for one in read if one.draft is not None}
    known = tx.known(named) if named else {}
    for name, entry in known.items():
        one = named[name]
        assert one.draft is not None
        if read_sender(entry.sender).source != source.name:
            one.error = _told_by_others(one.draft, entry.seq)
        elif entry.body == one.draft.body:
            one.seq, one.known = entry.seq, True
        else:
            one.error = _reused(one.draft)
    return [one for name, one in named.items() if name not in known]


def _within_quota(tx: Transaction, source: Source, read: Sequence[Incoming], now: int) -> list[Incoming]:
    events, size = tx.sources.used(source.id, now // DAY) if read else (0, 0)
    kept = []
    for one in read:
        assert one.draft is not None
        events, size = events + 1, size + len(one.draft.body)
        if events > source.events_a_day or size > source.bytes_a_day:
            one.error = _over_quota(source)
        else:
            kept.append(one)
    return kept


def _sent(one: Incoming, sender: Sender) -> EventDraft:
    """With its sender, who speaks about the node that the event is about."""
    assert one.draft is not None
    return sent_by(one.draft, msgspec.structs.replace(sender, scope=one.draft.scope))


def _reused(draft: EventDraft) -> PlumblineError:
    return PlumblineError(
        "event-id-reused",
        t("The ledger has another event with the id {id} of {source}.", id=draft.id, source=draft.source),
        t("An event is never changed: send what is new as an event of its own, with an id of its own."),
        kind=ErrorKind.REFUSED,
    )


def _told_by_others(draft: EventDraft, seq: int) -> PlumblineError:
    return PlumblineError(
        "event-id-reused",
        t("Entry {seq} of the ledger has the id {id} of {source} already, and is not this source's word.", seq=seq,
          id=draft.id, source=draft.source),
        t("No fact of this source rests on that entry. Send what it says as an event with an id of its own."),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip


def _count(tallies: dict[str, SourceTally], source: Source, one: Incoming, now: int) -> None:
    assert one.draft is not None
    assert one.view is not None
    kind = kind_of(one.draft.type) or OTHER_KINDS  # as many names as there are kinds, whatever a source makes up
    before = tallies.get(kind, SourceTally(source=source.id, day=now // DAY, kind=kind, first=now))
    late = one.view.time is not None and now - one.view.time > BEHIND
    tallies[kind] = msgspec.structs.replace(
        before, events=before.events + 1, bytes=before.bytes + len(one.draft.body), late=before.late + late, last=now
    )


def _refusals(source: Source, read: Sequence[Incoming], now: int) -> list[SourceRefusal]:
    found: dict[str, SourceRefusal] = {}
    for one in read:
        if one.error is not None:
            before = found.get(one.error.code)
            count = before.count + 1 if before else 1
            message = keep(one.error.message)
            found[one.error.code] = SourceRefusal(
                source=source.id, reason=one.error.code, count=count, last=now, message=message
            )
    return list(found.values())


def _taken(one: Incoming) -> Taken:
    if one.error is not None:
        return Taken(error=one.error)
    return Taken(seq=one.seq, known=one.known, notes=one.view.notes if one.view else ())


def _over_quota(source: Source) -> PlumblineError:
    return PlumblineError(
        "source-quota-used",
        t("The source {name} told as much today as it may: {events} events, {bytes} bytes.", name=source.name,
          events=source.events_a_day, bytes=source.bytes_a_day),
        t("Send it again tomorrow (UTC), or have the quota of the source raised."),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip


def _refused(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
