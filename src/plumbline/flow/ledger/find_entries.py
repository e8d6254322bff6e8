"""Entries of the ledger by what somebody remembers of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

if TYPE_CHECKING:
    from plumbline.model.event import EntryFilter, FoundEntries
    from plumbline.model.ports.ledger import Ledger


class Search(NamedTuple):
    """``named``: the text is exactly their subject, or exactly their id, and so the whole ledger was looked at; else it
    is a part of one of these or of their source."""

    found: FoundEntries
    named: bool


def find_entries(
    ledger: Ledger, wanted: EntryFilter, text: str, limit: int, *, before: int = 0, part: bool = False
) -> Search:
    """Newest first, those before a number (0: all). ``part``: by a part of a name at once."""
    for named in () if part or not text else (replace(wanted, subject=text), replace(wanted, id=text)):
        found = ledger.look(named, limit, start=before)
        if found.entries or found.next:
            return Search(found, named=True)
    return Search(ledger.look(replace(wanted, text=text), limit, start=before), named=False)
