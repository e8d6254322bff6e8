"""The ledger: what happened, and one event with its exact bytes and its proof."""

from __future__ import annotations

import hashlib
from datetime import date
from urllib.parse import urlencode

import msgspec

from plumbline.access import use_cases
from plumbline.evidence import read_sender
from plumbline.flow.ledger.find_entries import list_entry_types, search_entries
from plumbline.flow.ledger.prove_entry import view_entry
from plumbline.flow.ledger.view_ledger import view_outside, view_state
from plumbline.kernel import t
from plumbline.model.event import EntryFilter
from plumbline.web.entries import row_of
from plumbline.web.page import Ask, Raw, Shown, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rendering import event_type

PAGE = 50
_DRAWN = "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h4"
_TYPES = 200  # offered; any other can be typed
_LAID_OUT = 64 << 10  # bytes of an event; a larger one could have a hundred times as many spaces
_DAY = 86_400_000_000  # microseconds
_EPOCH = date(1970, 1, 1).toordinal()
_DOORS = {"http": t("the API"), "import": t("a file, on the machine of the server"), "forge": t("a webhook")}
_FIELDS = ("q", "type", "scope", "from", "to", "part")


@shows(
    "/ledger",
    slow=True,
    use_case=(use_cases.SEARCH_LEDGER, use_cases.VIEW_LEDGER),
    entries=(
        Entry("ledger", t("Ledger"), Group.EVIDENCE, address="/ledger?scope={path}", drawn=_DRAWN),
        Entry("ledger", t("Ledger"), Group.EVIDENCE, Where.ESTATE, drawn=_DRAWN),
    ),
)
def search(ask: Ask) -> Shown:
    asked = {name: ask.text(name).strip() for name in _FIELDS}
    begun, ended = _day(asked["from"]), _day(asked["to"])
    wanted = EntryFilter(
        kind=asked["type"],
        scope=asked["scope"].strip("/"),
        since=max(0, begun * _DAY) if begun is not None else 0,
        until=max(1, (ended + 1) * _DAY) if ended is not None else 0,
    )
    before = ask.number("before")
    tools, part = ask.tools.ledger, bool(asked["part"])
    found, named = search_entries(ask.actor, tools, wanted, asked["q"], PAGE, before=before, part=part)
    values = {
        "ledger": view_state(ask.actor, tools),
        "outside": view_outside(ask.actor, tools, 1),
        "rows": [row_of(entry) for entry in found.entries],
        "next": found.next,
        "partly": bool(found.next) and len(found.entries) < PAGE,
        "named": named,
        "before": before,
        "asked": asked,
        "types": sorted({event_type(kind) for kind in list_entry_types(ask.actor, tools)})[:_TYPES],
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "command": "plumb ledger verify",
    }
    return Shown("ledger.html", values)


def _day(text: str) -> int | None:
    """Days since the epoch; what is no day counts as not given."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        return None


@shows("/ledger/{seq:int}", slow=True, use_case=use_cases.VIEW_ENTRY, inside="ledger")
def one(ask: Ask) -> Shown:
    proof = view_entry(ask.actor, ask.tools.ledger, ask.numbers["seq"])
    values = {
        "proof": proof,
        "entry": proof.entry,
        "row": row_of(proof.entry),
        "sender": read_sender(proof.entry.sender),
        "doors": _DOORS,
        "size": proof.size,
        "body": proof.entry.body.decode("utf-8", "backslashreplace"),
        "pretty": _pretty(proof.entry.body),
        "digest": hashlib.sha256(proof.entry.body).hexdigest(),
        "note": proof.checkpoint.note.decode("utf-8", "replace") if proof.checkpoint else "",
        "command": f"plumb ledger prove {proof.entry.seq}",
    }
    return Shown("event.html", values)


@shows("/ledger/{seq:int}/raw", slow=True, use_case=use_cases.VIEW_ENTRY)
def raw(ask: Ask) -> Raw:
    seq = ask.numbers["seq"]
    headers = {"Content-Disposition": f'attachment; filename="event-{seq}.json"'}
    entry = view_entry(ask.actor, ask.tools.ledger, seq).entry
    return Raw(entry.body, "application/octet-stream", headers)


def _pretty(body: bytes) -> str:
    if len(body) > _LAID_OUT:
        return ""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


PART = (search, one, raw)
