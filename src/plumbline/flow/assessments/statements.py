"""Statements about a node: one person puts one on file, a second accepts or rejects it, its author may withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from plumbline.evidence import own_operations as own
from plumbline.evidence import timestamp
from plumbline.flow.assessments.tools import append_event, refused, scoped_events
from plumbline.kernel import t
from plumbline.trace import micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.trace import Seen

_LASTS = 365 * 86_400_000_000  # microseconds, where a statement does not say until when


class StatementOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """``decision``: empty while nobody has looked at it."""

    id: str
    path: str
    topic: str
    text: str
    person: str
    made: int
    until: int
    files: tuple[str, ...]
    decision: str
    reviewer: str
    expired: bool


def attest(
    tools: AssessmentTools,
    path: str,
    topic: str,
    text: str,
    person: str,
    files: Sequence[str] = (),
    until: int | None = None,
) -> str:
    """Put a statement on file; returns its id. It counts once a second person has accepted it. ``files``: digests of
    documents that were kept.

    Raises PlumblineError ``statement-empty``, ``statement-expired``, ``no-such-file``.
    """
    if not text.strip():
        raise refused("statement-empty", t("A statement says something."), t("Write what holds, and since when."))
    if until is not None and until <= tools.clock():
        raise refused("statement-expired", t("This statement has expired already."), t("Give a later day."))
    for digest in files:
        if tools.file(digest) is None:
            raise refused("no-such-file", t("There is no file {digest}.", digest=digest), t("Upload it first."))
    content = own.StatementAttested(
        topic=topic,
        statement=text.strip(),
        person=person,
        files=tuple(files) or UNSET,
        until=timestamp(until) if until is not None else UNSET,
    )
    return append_event(tools, path, content, subject=f"statement:{tools.new_id()}").subject


def review(tools: AssessmentTools, path: str, statement: str, decision: str, person: str, reason: str = "") -> None:
    """Accept or reject a statement of another person; its author may withdraw it. ``decision``: accepted, rejected or
    withdrawn.

    Raises PlumblineError ``no-such-statement``, ``own-statement``.
    """
    found = next((one for one in statements_on_file(tools, path) if one.id == statement), None)
    if found is None:
        raise refused("no-such-statement", t("There is no statement {id} here.", id=statement), t("Look at the list."))
    if (found.person == person) != (decision == "withdrawn"):
        raise refused(
            "own-statement",
            t("A statement is reviewed by a second person, and withdrawn by its author."),
            t("Ask a colleague who did not write it."),
        )
    content = own.StatementReviewed(
        statement=statement,
        decision=decision,  # type: ignore[arg-type]  # the vocabulary refuses any other
        person=person,
        reason=reason or UNSET,
    )
    append_event(tools, found.path, content, subject=statement)


def statements_on_file(tools: AssessmentTools, path: str) -> tuple[StatementOnFile, ...]:
    """Of a node, of what is below it and of the nodes above it, the newest first."""
    now = tools.clock()
    seen = [
        (one, entry.scope_path)
        for entry in scoped_events(tools.ledger, path, tools.ledger.size())
        if (one := entry.seen).what in ("statement.attested", "statement.reviewed")
    ]
    reviews = {one.content.get("statement"): one for one, _ in seen if one.what == "statement.reviewed"}
    found = [
        _on_file(one, where, reviews.get(one.subject), now) for one, where in seen if one.what == "statement.attested"
    ]
    return tuple(sorted(found, key=lambda one: -one.made))


def _on_file(one: Seen, path: str, decided: Seen | None, now: int) -> StatementOnFile:
    said = one.content
    until = micros(said.get("until", "")) or one.time + _LASTS
    return StatementOnFile(
        id=one.subject,
        path=path,
        topic=str(said.get("topic", "")),
        text=str(said.get("statement", "")),
        person=str(said.get("person", "")),
        made=one.time,
        until=until,
        files=tuple(said.get("files", ())),
        decision=str(decided.content.get("decision", "")) if decided else "",
        reviewer=str(decided.content.get("person", "")) if decided else "",
        expired=until <= now,
    )
