"""The ledger: what happened, and one event with its exact bytes and its proof."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from plumbline.access import use_cases
from plumbline.evidence import read_sender
from plumbline.flow.ledger.export_entries import export_entries
from plumbline.flow.ledger.find_entries import list_entry_types, search_entries
from plumbline.flow.ledger.prove_entry import view_entry
from plumbline.flow.ledger.verify_now import begin_verification, view_verification
from plumbline.flow.ledger.view_ledger import view_outside, view_state
from plumbline.flow.tree.read_tree import find_node, permitted, view_ancestors
from plumbline.kernel import PlumblineError, t
from plumbline.model.event import EntryFilter
from plumbline.model.tree import INSTANCE, Node
from plumbline.web.entries import row_of
from plumbline.web.files import FORMS, Moment, list_file
from plumbline.web.page import Ask, Raw, Redirect, Shown, does, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rendering import event_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.web.files import Cell

PAGE = 50
_DRAWN = "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h4"
_TYPES = 200  # offered; any other can be typed
_LAID_OUT = 64 << 10  # bytes of an event; a larger one could have a hundred times as many spaces
_DAY = 86_400_000_000  # microseconds
_EPOCH = date(1970, 1, 1).toordinal()
_DOORS = {"http": t("the API"), "import": t("a file, on the machine of the server"), "forge": t("a webhook")}
_ACTS = (use_cases.EXPORT_LEDGER, use_cases.VERIFY_LEDGER)
_HEADS = (t("Number"), t("Received (UTC)"), t("Type"), t("About"), t("Project or node"), t("Who"),
          t("How it ended"), t("Subject"), t("Source"), t("Event id"))  # fmt: skip
_IN_FILE = 500  # entries that are read at once
_FIELDS = ("q", "type", "scope", "who", "from", "to", "part")


@shows(
    "/ledger",
    slow=True,
    use_case=(use_cases.SEARCH_LEDGER, use_cases.VIEW_LEDGER),
    entries=(
        Entry("ledger", t("Ledger"), Group.EVIDENCE, address="/ledger?scope={path}", drawn=_DRAWN),
        Entry("ledger", t("Ledger"), Group.EVIDENCE, Where.ESTATE, drawn=_DRAWN),
    ),
)
def search(ask: Ask) -> Shown | Raw:
    asked = {name: ask.text(name).strip() for name in _FIELDS}
    if ask.text("file") in FORMS:
        return list_file(ask.text("file"), "ledger", [str(head) for head in _HEADS], _cells(ask, asked), ask.now)
    before, tools = ask.number("before"), ask.tools.ledger
    part = bool(asked["part"])
    found, named, _ = search_entries(ask.actor, tools, _wanted(asked), asked["q"], PAGE, before=before, part=part)
    verified = view_verification(ask.actor, tools)
    exports, verifies = permitted(ask.actor, ask.tools.tree, INSTANCE, *_ACTS)
    values = {
        "ledger": view_state(ask.actor, tools),
        "outside": view_outside(ask.actor, tools, 1),
        "asked_for": verified.asked,
        "running": verified.running,
        "exports": exports,
        "verifies": verifies,
        "rows": [row_of(entry) for entry in found.entries],
        "next": found.next,
        "partly": bool(found.next) and len(found.entries) < PAGE,
        "named": named,
        "before": before,
        "asked": asked,
        "types": sorted({event_type(kind) for kind in list_entry_types(ask.actor, tools)})[:_TYPES],
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "ancestors": _way_to(ask, asked["scope"].strip("/")),
        "command": "plumb ledger verify",
    }
    return Shown("ledger.html", values)


def _cells(ask: Ask, asked: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """Of all that is found, however far back; read page by page as it is taken."""
    before, part = 0, bool(asked["part"])
    wanted, text = _wanted(asked), asked["q"]
    while True:
        found = search_entries(ask.actor, ask.tools.ledger, wanted, text, _IN_FILE, before=before, part=part)
        for entry in found.found.entries:
            row = row_of(entry)
            yield (entry.seq, Moment(entry.received), event_type(entry.type), row.about, row.place, row.who, row.how,
                   entry.subject, entry.source, entry.id)  # fmt: skip
        before, part = found.found.next, not found.named
        if found.named:
            wanted, text = found.wanted, ""
        if not before:
            return


def _wanted(asked: Mapping[str, str]) -> EntryFilter:
    begun, ended = _day(asked["from"]), _day(asked["to"])
    return EntryFilter(
        kind=asked["type"],
        scope=asked["scope"].strip("/"),
        who=asked["who"],
        since=max(0, begun * _DAY) if begun is not None else 0,
        until=max(1, (ended + 1) * _DAY) if ended is not None else 0,
    )


def _way_to(ask: Ask, path: str) -> tuple[Node, ...]:
    """From the top to the node that is looked at; nothing where it is none that the actor sees."""
    try:
        node = find_node(ask.actor, ask.tools.tree, path) if path else None
    except PlumblineError:
        node = None
    return tuple(reversed(view_ancestors(ask.actor, ask.tools.tree, node.id))) if node is not None else ()


@does("/ledger/verify", use_case=use_cases.VERIFY_LEDGER)
def verify(ask: Ask) -> Redirect:
    begin_verification(ask.actor, ask.tools.ledger, whole=True)
    return Redirect("/ledger#verified")


@does("/ledger/export", use_case=use_cases.EXPORT_LEDGER)
def export(ask: Ask) -> Raw:
    asked = {name: ask.text(name).strip() for name in _FIELDS}
    part = bool(asked["part"])
    made = export_entries(ask.actor, ask.tools.ledger, _wanted(asked), asked["q"], part=part)
    return Raw(made.lines, "application/jsonl", {"Content-Disposition": f'attachment; filename="{made.name}"'})


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


PART = (search, verify, export, one, raw)
