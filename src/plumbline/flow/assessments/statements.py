"""Statements about a node: one person puts one on file, a second accepts or rejects it, its author may withdraw it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.assessments.packs import every_pack, not_in_a_pack
from plumbline.flow.assessments.tools import record_about, refused, require_where_it_stands, scoped_events
from plumbline.flow.tree.former_names import read_moves
from plumbline.flow.unit_of_work import not_found
from plumbline.judging import STATEMENTS
from plumbline.kernel import t
from plumbline.trace import micros

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.moves import Moves
    from plumbline.model.ports.ledger import Ledger
    from plumbline.trace import Seen

_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,2000}")
LARGEST_FILE = 5 << 20  # bytes of a document that is attached to a statement
_ATTESTED, _REVIEWED = "statement.attested", "statement.reviewed"
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
    address: str = ""
    undocumented: bool = False  # the topic asks for a document, and there is none: so it was taken in former times


def list_statements(actor: Actor, tools: AssessmentTools, node: int) -> tuple[StatementOnFile, ...]:
    """Those that count for a node, the newest first. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.LIST_STATEMENTS, node)[0].path
    return statements_on_file(tools, path)


def read_document(actor: Actor, tools: AssessmentTools, node: int, digest: str) -> bytes:
    """A document of a statement that stands at the node, below it or above it.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    known = {name for one in list_statements(actor, tools, node) for name in one.files}
    data = tools.file(digest) if digest in known else None
    if data is None:
        raise not_found(t("There is no file {digest}.", digest=digest))
    return data


def write_statement(
    actor: Actor,
    tools: AssessmentTools,
    node: int,
    topic: str,
    text: str,
    files: Sequence[bytes] = (),
    until: int | None = None,
    address: str = "",
) -> str:
    """Put a statement on file; returns its id. It counts once a second person has accepted it. ``files`` and
    ``address`` (of a web page): the document that it speaks of, which many topics ask for.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-such-topic``, ``body-too-large``, ``statement-empty``,
    ``statement-expired``, ``statement-undocumented``, ``document-address-wrong``.
    """
    with tools.units.view(actor) as unit:
        unit.require(use_cases.WRITE_STATEMENT, node)
    _refuse_wrong(tools, topic, text, files, until, unit.now)
    _need_document(tools, topic, files, address)
    content = own.StatementAttested(
        topic=topic,
        statement=text.strip(),
        person=actor.name,
        files=tuple(tools.keep_file(one) for one in files) or UNSET,
        address=address or UNSET,
        until=timestamp(until) if until is not None else UNSET,
    )
    with tools.units.change(actor) as unit:
        unit.refresh()
        path = unit.require(use_cases.WRITE_STATEMENT, node)[0].path
        subject = f"statement:{unit.writer.new_id()}"
        record_about(unit.tx, unit.writer, path, subject, content)
    return subject


def _refuse_wrong(
    tools: AssessmentTools, topic: str, text: str, files: Sequence[bytes], until: int | None, now: int
) -> None:
    if topic not in {signal.fact for pack in every_pack(tools) for signal in pack.signals}:
        raise not_in_a_pack("no-such-topic", t("No pack asks for '{topic}'.", topic=topic))
    if any(len(one) > LARGEST_FILE for one in files):
        raise refused("body-too-large", t("At most {count} bytes are taken here.", count=LARGEST_FILE))
    if not text.strip():
        raise refused("statement-empty", t("A statement says something."), t("Write what holds, and since when."))
    if until is not None and until <= now:
        raise refused("statement-expired", t("This statement has expired already."), t("Give a later day."))


def document_topics(tools: AssessmentTools) -> frozenset[str]:
    """Topics of which a pack wants to see a document."""
    return frozenset(
        signal.fact
        for pack in every_pack(tools)
        for _, _, criterion in pack.criteria.values()
        if any(ask.kind == "document" and ask.answered_by == "statement" for ask in criterion.asks)
        for signal in criterion.signals
        if signal.probe in STATEMENTS
    )


def _need_document(tools: AssessmentTools, topic: str, files: Sequence[bytes], address: str) -> None:
    if address and not _ADDRESS.fullmatch(address):
        raise refused(
            "document-address-wrong",
            t("'{address}' is not the address of a document.", address=address[:200]),
            t("Write the whole address of a page, such as https://wiki.bank.example/rules, without spaces."),
        )
    if not (address or any(files)) and topic in document_topics(tools):
        raise refused(
            "statement-undocumented",
            t("'{topic}' asks for a document: words alone show none.", topic=topic),
            t("Attach the document, or give the address where it lies."),
        )


def review_statement(
    actor: Actor, tools: AssessmentTools, node: int, statement: str, decision: str, reason: str = ""
) -> None:
    """Accept or reject a statement of another person; its author may withdraw it. ``decision``: accepted, rejected or
    withdrawn.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-such-statement``, ``own-statement``.
    """
    withdrawn = decision == "withdrawn"
    use_case = use_cases.WITHDRAW_STATEMENT if withdrawn else use_cases.REVIEW_STATEMENT
    with tools.units.change(actor) as unit:
        path, said = _attested(tools.ledger, statement)
        author = str(said.get("person", ""))
        if not require_where_it_stands(unit, use_case, use_cases.LIST_STATEMENTS, node, path):
            message = t("There is no statement {id} here.", id=statement)
            raise refused("no-such-statement", message, t("Look at the list."))
        if author != actor.name if withdrawn else unit.breaks_duty(use_case, author):
            raise refused(
                "own-statement",
                t("A statement is reviewed by a second person, and withdrawn by its author."),
                t("Ask a colleague who did not write it."),
            )
        content = own.StatementReviewed(
            statement=statement,
            decision=decision,  # type: ignore[arg-type]  # the vocabulary refuses any other
            person=actor.name,
            reason=reason or UNSET,
            topic=said.get("topic") or UNSET,
            author=author or UNSET,
            files=tuple(said.get("files", ())) or UNSET,
            **{name: said[name] for name in ("commit", "change", "digest", "environment") if name in said},
        )
        record_about(unit.tx, unit.writer, path, statement, content)


def _attested(ledger: Ledger, statement: str) -> tuple[str, dict[str, Any]]:
    """Where a statement stands now, and what it says. Empty where there is none."""
    for entry in ledger.of_subject(statement):
        seen = seen_of(entry.body, entry.sender)
        if seen is not None and seen.what == _ATTESTED:
            path = read_moves(ledger).now(str(seen.custom.get("project", "")), entry.seq)
            return path, seen.content
    return "", {}


def statements_on_file(tools: AssessmentTools, path: str) -> tuple[StatementOnFile, ...]:
    """Of a node, of what is below it and of the nodes above it, the newest first."""
    now = tools.units.clock()
    seen = [
        (one, entry.scope_path)
        for entry in scoped_events(tools.ledger, path, tools.ledger.size())
        if (one := entry.seen).what in (_ATTESTED, _REVIEWED)
    ]
    reviews = {one.content.get("statement"): one for one, _ in seen if one.what == _REVIEWED}
    wanted = document_topics(tools)
    found = [
        _on_file(one, where, reviews.get(one.subject), now, wanted) for one, where in seen if one.what == _ATTESTED
    ]
    return tuple(sorted(found, key=lambda one: -one.made))


def waiting_statements(unit: UnitOfWork, tools: AssessmentTools, moves: Moves) -> Iterator[tuple[int, StatementOnFile]]:
    """Those that nobody decided on and that the actor may decide on, each with the node where it stands."""
    told = tools.ledger.of_types([own.StatementAttested.TYPE, own.StatementReviewed.TYPE])
    seen = [
        (one, moves.now(str(one.custom.get("project", "")), entry.seq))
        for entry in told
        if (one := seen_of(entry.body, entry.sender)) is not None and one.own
    ]
    decided = {one.content.get("statement") for one, _ in seen if one.what == _REVIEWED}
    for one, path in seen:
        if one.what == _REVIEWED or one.subject in decided:
            continue
        found = _on_file(one, path, None, unit.now, ())
        node = unit.tx.tree.at(found.path)
        if node is None or found.expired or not unit.may(use_cases.REVIEW_STATEMENT, node.id):
            continue
        if not unit.breaks_duty(use_cases.REVIEW_STATEMENT, found.person):
            yield node.id, found


def _on_file(one: Seen, path: str, decided: Seen | None, now: int, wanted: Container[str]) -> StatementOnFile:
    said = one.content
    documents = bool(said.get("files") or said.get("address"))
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
        address=str(said.get("address", "")),
        undocumented=not documents and said.get("topic") in wanted,
    )
