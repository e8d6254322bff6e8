"""HAR: the requests that a browser, a proxy or a test tool recorded. It does not say which test made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Call, Calls, Report
from plumbline.reports.interface.observed import (
    MOST_CALLS,
    calls_in,
    inside,
    is_call,
    listed_at,
    status_of,
    text_at,
    too_many,
    unread,
)
from plumbline.reports.parser import Parser

if TYPE_CHECKING:
    from plumbline.reports.parser import Marks, Source


def _marks(marks: Marks) -> bool:
    """What the format demands, or what nothing but a recorded request looks like."""
    log = inside(marks.document, "log") if marks.shape == "json" else {}
    entries = log.get("entries")
    if not isinstance(entries, list):
        return False
    first = entries[0] if entries else None
    return _named(log) or bool(inside(first, "request") and inside(first, "response"))


def _named(log: dict[str, Any]) -> bool:
    return isinstance(log.get("creator"), dict) and "version" in log


def _read(source: Source, marks: Marks) -> Report:
    del source
    log = inside(marks.document, "log")
    calls: list[Call] = []
    wrong = 0
    entries = listed_at(log, "entries")
    for entry in entries[:MOST_CALLS]:
        verb, name = text_at(entry, "request", "method"), text_at(entry, "request", "url")
        if not is_call(verb, name):
            wrong += 1
            continue
        call = Call(verb=verb, name=name, status=status_of(inside(entry, "response").get("status")))
        calls += calls_in(call, text_at(entry, "request", "postData", "text"))
    cut = (too_many(),) if len(entries) > MOST_CALLS else ()
    return Report(
        format="har",
        content=Calls(calls=tuple(calls)),
        tool=text_at(log, "creator", "name"),
        tool_version=text_at(log, "creator", "version"),
        format_version=text_at(log, "version"),
        made=text_at(entries[0], "startedDateTime") if entries else "",
        strict=not wrong and _named(log),
        defects=(*unread(wrong, "log/entries"), *cut),
    )


PART = Parser(
    name="har",
    title=t("Recorded requests (HAR)"),
    marks=_marks,
    read=_read,
    paths=("**/*.har",),
    reference="http://www.softwareishard.com/blog/har-12-spec/",
)
