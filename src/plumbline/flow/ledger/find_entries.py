"""Entries of the ledger: in order, or by what somebody remembers of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import contents

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.sight import SeenLedger
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.model.event import EntryFilter, FoundEntries


class Listed(NamedTuple):
    found: FoundEntries
    size: int  # of the ledger


class Search(NamedTuple):
    """``named``: the text is exactly their subject, or exactly their id, and so the whole ledger was looked at; else it
    is a part of one of these or of their source. ``wanted``: what that comes to."""

    found: FoundEntries
    named: bool
    wanted: EntryFilter


def list_entries(
    actor: Actor, tools: LedgerTools, wanted: EntryFilter, limit: int, *, start: int = 0, newest: bool = False
) -> Listed:
    """Those after the number ``start``, or with ``newest`` those before it (0: all), the newest first."""
    seen = tools.seen(actor, use_cases.SEARCH_LEDGER)
    return Listed(seen.look(wanted, limit, start=start, newest=newest), tools.ledger.size())


def search_entries(
    actor: Actor, tools: LedgerTools, wanted: EntryFilter, text: str, limit: int, *, before: int = 0, part: bool = False
) -> Search:
    """As :func:`find_entries`."""
    seen = tools.seen(actor, use_cases.SEARCH_LEDGER)
    return find_entries(seen, wanted, text, limit, before=before, part=part)


def list_entry_types(actor: Actor, tools: LedgerTools) -> list[str]:
    """Every type that an entry has; to whoever sees a part of the ledger, every type that this server knows."""
    seen = tools.seen(actor, use_cases.SEARCH_LEDGER)
    return tools.ledger.types() if seen.whole else list(contents())


def find_entries(
    seen: SeenLedger, wanted: EntryFilter, text: str, limit: int, *, before: int = 0, part: bool = False
) -> Search:
    """Newest first, those before a number (0: all). ``part``: by a part of a name at once."""
    for named in () if part or not text else (replace(wanted, subject=text), replace(wanted, id=text)):
        found = seen.look(named, limit, start=before)
        if found.entries or found.next:
            return Search(found, named=True, wanted=named)
    part_of = replace(wanted, text=text)
    return Search(seen.look(part_of, limit, start=before), named=False, wanted=part_of)
