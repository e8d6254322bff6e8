"""Statements of named persons with their documents, and exemptions from criteria."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.flow.assessments.grades import LARGEST_FILE
from plumbline.judging import STATEMENTS
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.model.words import Words

LARGEST = LARGEST_FILE + 64 * 1024  # bytes of a statement with its documents
DECISIONS = {"": t("waits for a second person"), "accepted": t("accepted"), "rejected": t("rejected"),
             "withdrawn": t("withdrawn")}  # fmt: skip


@shows("/nodes/{node:int}/statements", slow=True)
def statements(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    found = ask.desk.grades.statements(ask.visitor.standing, node.id)
    return Shown(
        "statements.html",
        {
            "node": node,
            "ancestors": ancestors,
            "links_itself": True,
            "statements": found,
            "decisions": DECISIONS,
            "topics": _topics(ask),
            "topic": ask.text("topic"),
            "largest": LARGEST,
            "writes": ask.desk.may(ask.visitor, Permission.STATEMENT_WRITE, node.id),
            "reviews": ask.desk.may(ask.visitor, Permission.STATEMENT_REVIEW, node.id),
            "command": api_command(f"/nodes/{node.id}/statements"),
        },
    )


def _topics(ask: Ask) -> dict[str, Words]:
    """What the packs ask persons for, by the name of the fact."""
    signals = (signal for pack in ask.desk.grades.packs() for signal in pack.signals)
    found = {signal.fact: signal.title for signal in signals if signal.probe in STATEMENTS}
    return dict(sorted(found.items()))


@does("/nodes/{node:int}/statements", largest=LARGEST)
@keeps(statements)
def attest(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    files = [one.data for one in ask.files]
    words = ask.text("text").replace("\r\n", "\n").strip()
    ask.desk.grades.attest(ask.visitor.standing, node, ask.text("topic").strip(), words, files, _day(ask))
    return Redirect(f"/nodes/{node}/statements")


def _day(ask: Ask) -> int | None:
    """The last second of the day that was chosen."""
    text = ask.text("until").strip()
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        message = t("'{text}' is not a day.", text=text)
        raise PlumblineError("day-wrong", message, t("Write 2027-12-31."), kind=ErrorKind.CONFIGURATION) from None
    return int((day + timedelta(days=1, seconds=-1)).timestamp() * 1_000_000)


@does("/nodes/{node:int}/statements/review")
def review(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    decision = ask.text("decision")
    if decision not in ("accepted", "rejected", "withdrawn"):
        message = t("A statement is accepted, rejected or withdrawn.")
        raise PlumblineError("invalid-request", message, kind=ErrorKind.CONFIGURATION)
    reason = ask.text("reason").strip()
    ask.desk.grades.review(ask.visitor.standing, node, ask.text("statement"), decision, reason)
    return Redirect(f"/nodes/{node}/statements")


@shows("/nodes/{node:int}/statements/file", slow=True)
def file(ask: Ask) -> Raw:
    digest = ask.text("digest")
    data = ask.desk.grades.file(ask.visitor.standing, ask.numbers["node"], digest)
    headers = {"Content-Disposition": f'attachment; filename="{digest[7:19]}.bin"'}
    return Raw(data, "application/octet-stream", headers)


@shows("/nodes/{node:int}/exemptions", slow=True)
def exemptions(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    return Shown(
        "exemptions.html",
        {
            "node": node,
            "ancestors": ancestors,
            "links_itself": True,
            "exemptions": ask.desk.grades.exemptions(ask.visitor.standing, node.id),
            "rule": ask.text("rule"),
            "grants": ask.desk.may(ask.visitor, Permission.EXCEPTION_GRANT, node.id),
            "command": api_command(f"/nodes/{node.id}/exemptions"),
        },
    )


@does("/nodes/{node:int}/exemptions")
@keeps(exemptions)
def waive(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    ask.desk.grades.waive(ask.visitor.standing, node, ask.text("rule").strip(), ask.text("reason").strip(), _day(ask))
    return Redirect(f"/nodes/{node}/exemptions")


@does("/nodes/{node:int}/exemptions/agree")
def agree(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    ask.desk.grades.confirm(ask.visitor.standing, node, ask.number("exemption"))
    return Redirect(f"/nodes/{node}/exemptions")


PART = (statements, attest, review, file, exemptions, waive, agree)
