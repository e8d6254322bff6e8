"""Take in events that stand in a file, one on each line, with exactly their bytes: as the word of a registered source,
or as nobody's. A line that is refused does not stop the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import SIGNED_OUT
from plumbline.evidence import EventView, Sender, is_late, receive, sent_by
from plumbline.evidence.origin import check_origin
from plumbline.flow.sources.names import TakenNames
from plumbline.flow.sources.places import Places, root_of
from plumbline.flow.sources.receive_events import Incoming, incoming, take_in
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.pipeline import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plumbline.flow.sources.tools import SourceTools
    from plumbline.model.event import EventDraft
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.source import Source

_AT_ONCE = 500  # events imported in one transaction


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line: its number in the ledger, or why it was refused. ``late``: it is about a time long ago,
    as events that are imported mostly are, so that no note says so."""

    line: int
    seq: int = 0
    known: bool = False  # it was in the ledger already
    late: bool = False
    notes: tuple[Text, ...] = ()
    error: PlumblineError | None = None


def import_as_source(tools: SourceTools, name: str, lines: Iterable[bytes]) -> Iterator[Imported]:
    """As the word of a source, which whoever works on the store vouches for. Raises PlumblineError ``no-such-source``
    before anything is taken in."""
    with tools.units.store.view() as tx:
        _named(tx, name)
    waiting: list[tuple[int, bytes]] = []
    for number, line in enumerate(lines, 1):
        if body := line.strip(b" \t\r\n"):
            waiting.append((number, body))
        if len(waiting) == _AT_ONCE:
            yield from _as_source(tools, name, waiting)
            waiting = []
    yield from _as_source(tools, name, waiting)


def _named(tx: Transaction, name: str) -> Source:
    source = tx.sources.named(name)
    if source is None or source.revoked:
        known = [one.name for one in tx.sources.all() if not one.revoked]
        raise _refused(
            "no-such-source",
            t("There is no source named {name}.", name=name),
            did_you_mean(name, known) or t("Registered are: {names}", names=", ".join(known) or "-"),
        )
    return source


def _as_source(tools: SourceTools, name: str, waiting: Sequence[tuple[int, bytes]]) -> Iterator[Imported]:
    """Raises PlumblineError ``no-such-source`` where it was revoked meanwhile."""
    taken_in = not waiting
    read: list[Incoming] = []
    while not taken_in:
        now = tools.units.clock()
        with tools.units.store.view() as tx:
            source = _named(tx, name)
            read = _read(tx, source, waiting, now)
        taken_in = take_in(SIGNED_OUT, tools, source, read, Sender(source=source.name, door="import"))
    for (number, _), one in zip(waiting, read, strict=True):
        notes, late = _notes(one.view, now) if one.view and one.error is None else ((), False)
        yield Imported(line=number, seq=one.seq, known=one.known, late=late, notes=notes, error=one.error)


def _read(tx: Transaction, source: Source, waiting: Sequence[tuple[int, bytes]], now: int) -> list[Incoming]:
    places = Places(lambda path: tx.tree.at(path) is not None, source, root_of(tx.tree, source))
    return [incoming(source, places, body, now) for _, body in waiting]


def import_as_nobody(tools: SourceTools, lines: Iterable[bytes]) -> Iterator[Imported]:
    """They are kept, and no fact rests on them."""
    waiting: list[tuple[EventDraft, Imported]] = []
    taken = _taken_names(tools)
    for number, line in enumerate(lines, 1):
        body = line.strip(b" \t\r\n")
        if not body:
            continue
        now = tools.units.clock()
        try:
            draft, view = receive(body, now)
            check_origin(draft)
            taken.check(draft.source)
        except PlumblineError as error:
            yield Imported(line=number, error=error)
            continue
        notes, late = _notes(view, now)
        told = Imported(line=number, late=late, notes=notes)
        waiting.append((sent_by(draft, _NOBODY), told))
        if len(waiting) == _AT_ONCE:
            yield from _append(tools.ledger, waiting)
            waiting, taken = [], _taken_names(tools)
    yield from _append(tools.ledger, waiting)


def _notes(view: EventView, now: int) -> tuple[tuple[Text, ...], bool]:
    late = is_late(view, now)
    return (view.notes[:-1] if late else view.notes), late


def _taken_names(tools: SourceTools) -> TakenNames:
    """As they are before the next lines."""
    with tools.units.store.view() as tx:
        return TakenNames(tx.sources)


_NOBODY = Sender(door="import")


def _append(ledger: Ledger, waiting: Sequence[tuple[EventDraft, Imported]]) -> list[Imported]:
    before = ledger.size()
    try:
        entries = ledger.append([draft for draft, _ in waiting])
    except PlumblineError as error:
        if error.code != "event-id-reused":
            raise
        if len(waiting) == 1:
            return [Imported(line=waiting[0][1].line, error=error)]
        half = len(waiting) // 2
        return [*_append(ledger, waiting[:half]), *_append(ledger, waiting[half:])]
    seen: set[int] = set()
    found = []
    for (_, told), entry in zip(waiting, entries, strict=True):
        known = entry.seq <= before or entry.seq in seen
        seen.add(entry.seq)
        found.append(msgspec.structs.replace(told, seq=entry.seq, known=known))
    return found


def _refused(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
