"""The ledger: what happened, and one event with its exact bytes and its proof."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import msgspec

from plumbline.web.page import Ask, Raw, Shown, shows

PAGE = 50
_TYPES = (
    "pipelinerun.queued",
    "pipelinerun.started",
    "pipelinerun.finished",
    "taskrun.started",
    "taskrun.finished",
    "plumbline-person",
)


@shows("/ledger", slow=True)
def search(ask: Ask) -> Shown:
    state = ask.desk.ledger(ask.visitor)
    text, kind, before = ask.text("q").strip(), ask.text("type").strip(), ask.number("before")
    found = ask.desk.entries(ask.visitor, text, kind, before, PAGE + 1)
    values = {
        "ledger": state,
        "entries": found[:PAGE],
        "more": found[PAGE - 1].seq if len(found) > PAGE else 0,
        "before": before,
        "text": text,
        "kind": kind,
        "types": _TYPES,
        "query": urlencode({key: value for key, value in (("q", text), ("type", kind)) if value}),
        "command": "plumb ledger verify",
    }
    return Shown("ledger.html", values)


@shows("/ledger/{seq:int}", slow=True)
def one(ask: Ask) -> Shown:
    proof = ask.desk.proof(ask.visitor, ask.numbers["seq"])
    values = {
        "proof": proof,
        "entry": proof.entry,
        "size": proof.size,
        "body": proof.entry.body.decode("utf-8", "backslashreplace"),
        "pretty": _pretty(proof.entry.body),
        "digest": hashlib.sha256(proof.entry.body).hexdigest(),
        "note": proof.checkpoint.note.decode("utf-8", "replace") if proof.checkpoint else "",
        "command": f"plumb ledger prove {proof.entry.seq}",
    }
    return Shown("event.html", values)


@shows("/ledger/{seq:int}/raw", slow=True)
def raw(ask: Ask) -> Raw:
    seq = ask.numbers["seq"]
    headers = {"Content-Disposition": f'attachment; filename="event-{seq}.json"'}
    return Raw(ask.desk.proof(ask.visitor, seq).entry.body, "application/octet-stream", headers)


def _pretty(body: bytes) -> str:
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


PART = (search, one, raw)
