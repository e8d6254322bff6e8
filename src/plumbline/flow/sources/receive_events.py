"""Take in what a registered source tells. The rules, in order; what breaks one is refused alone, and counted:

1. The source proves itself, by its token or by a signature over the delivery, and is neither revoked nor expired.
2. An event is one, in a name that nobody takes for ours, and its context.source is one that this source speaks as.
3. It is of a kind that the source may tell, of a time that is not to come, and corrects nobody's events but its own.
4. It is about a node that the source speaks about: the one it names by our path or by the source's own name, or else
   the node that the source was registered at.
5. There is quota left. What was taken in before is not taken in again, and costs nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import digest, read_source_token, same, use_cases
from plumbline.evidence import AHEAD, BEHIND, EventView, Sender, check_origin, events_in, kind_of, receive, write_sender
from plumbline.flow.sources.kept_text import keep
from plumbline.flow.sources.kinds import may_tell, speaks
from plumbline.flow.sources.pace import check_pace
from plumbline.flow.sources.places import Places
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.source import SourceRefusal, SourceTally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.event import EventDraft
    from plumbline.model.source import Source

DAY = 24 * 3600 * 1_000_000  # microseconds
SOURCE_HEADER = "x-plumbline-source"
SIGNATURE_HEADER = "x-plumbline-signature"


class Delivery(NamedTuple):
    """What came in over HTTP. ``headers``: by their names in small letters."""

    headers: Mapping[str, str]
    body: bytes


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
    with tools.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_EVENTS)
        source = proven(unit, tools, delivery)
        places = Places(unit.tx.tree, source)
        now = unit.now
        check_pace(tools.pace, source.name, len(delivery.body), now)
        read = [incoming(source, places, one, now) for one in events_in(delivery.headers, delivery.body)]
    sender = Sender(source=source.name, token=source.token, address=actor.address, door="http",
                    delivery=f"sha256:{hashlib.sha256(delivery.body).hexdigest()}")  # fmt: skip
    take_in(actor, tools, source, read, sender)
    return [_taken(one) for one in read]


def proven(unit: UnitOfWork, tools: SourceTools, delivery: Delivery) -> Source:
    """The source that a delivery comes from. Raises PlumblineError ``source-unknown``, in the same words whatever is
    wrong."""
    headers = delivery.headers
    if SIGNATURE_HEADER in headers:
        found = unit.tx.sources.named(headers.get(SOURCE_HEADER, ""))
        shown = headers[SIGNATURE_HEADER].removeprefix("sha256=").lower()
        good = found is not None and found.signs and _signed(tools, found, delivery.body, shown)
    else:
        scheme, _, text = headers.get("authorization", "").partition(" ")
        bearer = read_source_token(text) if scheme.lower() == "bearer" else None
        found = unit.tx.sources.of_token(bearer.id) if bearer else None
        kept = found.digest if found is not None else b""
        good = bearer is not None and same(kept, digest(bearer.secret))
    if found is None or not good or found.revoked or (found.expires and found.expires <= unit.now):
        raise PlumblineError(
            "source-unknown",
            t("Nothing here proves itself as a registered source of evidence."),
            t("Show the token of the source (Authorization: Bearer plumbs_...), or sign the delivery. A token may "
              "have been renewed, revoked, or have expired."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    return found


def _signed(tools: SourceTools, source: Source, body: bytes, shown: str) -> bool:
    if tools.vault is None:
        return False
    secret = tools.vault.open(source.sealed, source_place(source.name))
    return same(hmac.new(secret, body, hashlib.sha256).hexdigest().encode(), shown.encode("utf-8", "replace"))


def source_place(name: str) -> str:
    """What the sealed secret of a source is bound to."""
    return f"source/{name}"


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
            t("The event says that it happened in {minutes} minutes.", minutes=(view.time - now) // 60_000_000),
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


def take_in(actor: Actor, tools: SourceTools, source: Source, read: Sequence[Incoming], sender: Sender) -> None:
    """Append what was not refused, as far as the quota goes, and count everything: in one transaction."""
    try:
        _append(actor, tools, source, read, sender)
    except PlumblineError as error:
        if error.code != "event-id-reused":
            raise
        _append(actor, tools, source, read, sender)  # somebody else was faster with an event of this id


def _append(actor: Actor, tools: SourceTools, source: Source, read: Sequence[Incoming], sender: Sender) -> None:
    fresh, again = _sorted_out(tools, read)
    with tools.units.change(actor) as unit:
        unit.require(use_cases.RECEIVE_EVENTS)
        day = unit.now // DAY
        events, size = unit.tx.sources.used(source.id, day) if fresh else (0, 0)
        tallies: dict[str, SourceTally] = {}
        for one in fresh:
            assert one.draft is not None
            events, size = events + 1, size + len(one.draft.body)
            if events > source.events_a_day or size > source.bytes_a_day:
                one.error = _over_quota(source)
                continue
            said = msgspec.structs.replace(sender, scope=one.draft.scope)
            one.draft = msgspec.structs.replace(one.draft, sender=write_sender(said))
            unit.tx.record(one.draft)
            _count(tallies, source, one, unit.now)
        for tally in tallies.values():
            unit.tx.sources.count(tally)
        for refusal in _refusals(source, read, unit.now):
            unit.tx.sources.refused(refusal)
    for one in fresh:
        if one.error is None and one.draft is not None:
            entry = tools.ledger.find(one.draft.source, one.draft.id)
            one.seq = entry.seq if entry is not None else 0
    for one, earlier in again:
        one.seq, one.known, one.error = earlier.seq, True, earlier.error


def _sorted_out(tools: SourceTools, read: Sequence[Incoming]) -> tuple[list[Incoming], list[tuple[Incoming, Incoming]]]:
    """Those that are new, and those that stand twice in the delivery with the one that stands there first."""
    first: dict[tuple[str, str], Incoming] = {}
    again = []
    for one in read:
        if one.draft is None:
            continue
        name = one.draft.source, one.draft.id
        earlier = first.setdefault(name, one)
        if earlier is one:
            _look_up(tools, one)
        elif earlier.draft is not None and earlier.draft.body == one.draft.body:
            again.append((one, earlier))
        else:
            one.error = _reused(one.draft)
    return [one for one in first.values() if one.error is None and not one.known], again


def _look_up(tools: SourceTools, one: Incoming) -> None:
    """Whether it is there already, with the same bytes."""
    draft = one.draft
    assert draft is not None
    entry = tools.ledger.find(draft.source, draft.id)
    if entry is None:
        return
    if entry.body == draft.body:
        one.seq, one.known = entry.seq, True
        return
    one.error = _reused(draft)


def _reused(draft: EventDraft) -> PlumblineError:
    return PlumblineError(
        "event-id-reused",
        t("The ledger has another event with the id {id} of {source}.", id=draft.id, source=draft.source),
        t("An event is never changed: send what is new as an event of its own, with an id of its own."),
        kind=ErrorKind.REFUSED,
    )


def _count(tallies: dict[str, SourceTally], source: Source, one: Incoming, now: int) -> None:
    assert one.draft is not None
    assert one.view is not None
    kind = kind_of(one.draft.type) or one.draft.type
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
