"""What is found in the ledger: by number, by name, and by a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.ledger.prove_entry import entry_at
from plumbline.flow.search.found import Found, FoundKind, Rank
from plumbline.model.event import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.ledger.sight import SeenLedger
    from plumbline.flow.search.found import Wanted
    from plumbline.model.event import Entry

REACH = 20_000  # newest entries that are found by a part of their names; the ledger's own search goes on from there
_SHORTEST = 4  # letters of a name
_HEX = frozenset("0123456789abcdef")


def in_ledger(seen: SeenLedger, wanted: Wanted, most: int) -> Iterator[Found]:
    text = wanted.folded.removeprefix("#")
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        entry = entry_at(seen.ledger, int(text))
        if entry is not None and seen.shows(entry):
            yield Found(FoundKind.EVENT, text, "", f"/ledger/{int(text)}", Rank(0))
    if len(wanted.text) < _SHORTEST:
        return
    digest = wanted.folded.removeprefix("sha256:")
    if len(digest) == 64 and not set(digest) - _HEX:
        named = seen.ledger.of_digest(bytes.fromhex(digest), most + 1)
        yield from (_found(entry, Rank(0)) for entry in named if seen.shows(entry))
    looks = [EntryFilter(id=wanted.text), EntryFilter(subject=wanted.text), EntryFilter(text=wanted.text)]
    for look in looks:  # by a part of a name only what has no such name itself
        found = seen.look(look, most + 1, reach=REACH).entries
        yield from (_found(entry, wanted.rank(entry.id, entry.subject) or Rank(3)) for entry in found)
        if found:
            return


def _found(entry: Entry, rank: Rank) -> Found:
    return Found(FoundKind.EVENT, f"{entry.seq} {entry.subject}", entry.type, f"/ledger/{entry.seq}", rank)
