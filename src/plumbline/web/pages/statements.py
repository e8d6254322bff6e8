"""Statements of named persons with their documents, rehearsals, and exemptions from criteria."""

from __future__ import annotations

from typing import get_args

import msgspec

from plumbline.access import use_cases
from plumbline.flow.assessments.drills import Drill, DrillKind, record_drill
from plumbline.flow.assessments.exemptions import agree_exemption, list_exemptions, waive_criterion
from plumbline.flow.assessments.statements import (
    LARGEST_FILE,
    list_statements,
    read_document,
    review_statement,
    write_statement,
)
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.ready import ready
from plumbline.web.assessments import node_of
from plumbline.web.days import day_on
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group
from plumbline.web.topics import topics_of

LARGEST = LARGEST_FILE + 64 * 1024  # bytes of a statement with its documents
_YEAR = 365 * 86_400  # seconds
DECISIONS = {"": t("waits for a second person"), "accepted": t("accepted"), "rejected": t("rejected"),
             "withdrawn": t("withdrawn")}  # fmt: skip
DRILLS = dict(zip(get_args(DrillKind), (
    t("a rollback"), t("a restore from a backup"), t("a failover"), t("disaster recovery"), t("something else"),
), strict=True))  # fmt: skip

_DRAWN = "M3 2.5h7l3 3v8H3zM5.5 8h5M5.5 10.5h5"
_CROSSED = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M4 12L12 4"


@shows(
    "/nodes/{node:int}/statements",
    slow=True,
    use_case=use_cases.LIST_STATEMENTS,
    entries=(Entry("statements", t("Statements"), Group.GRADE, order=2, drawn=_DRAWN),),
)
def statements(ask: Ask) -> Shown:
    found = list_statements(ask.actor, ask.tools.assessments, ask.numbers["node"])
    here, values = node_of(ask, ask.numbers["node"])
    return Shown(
        "statements.html",
        {
            **values,
            "statements": found,
            "decisions": DECISIONS,
            "topics": topics_of(ask.actor, ask.tools.assessments),
            "topic": ask.text("topic"),
            "largest": LARGEST,
            "writes": here.states,
            "reviews": here.reviews,
            "rehearses": here.rehearses,
            "drills": DRILLS,
            "recorded": bool(ask.text("recorded")),
            "command": api_command(f"/nodes/{here.node.id}/statements"),
        },
    )


@does("/nodes/{node:int}/statements", largest=LARGEST, use_case=use_cases.WRITE_STATEMENT)
@keeps(statements)
def attest(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    files = [one.data for one in ask.files]
    words = ask.text("text").replace("\r\n", "\n").strip()
    topic = ask.text("topic").strip()
    address = ask.text("address").strip()
    write_statement(ask.actor, ask.tools.assessments, node, topic, words, files, day_on(ask, "until"), address)
    return Redirect(f"/nodes/{node}/statements")


@does("/nodes/{node:int}/drills", use_case=use_cases.RECORD_DRILL)
@keeps(statements)
def rehearse(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    given = {name: ask.text(name).strip() for name in ("kind", "outcome", "minutes", "environment", "run", "reason")}
    minutes = given.pop("minutes")
    try:
        said = {name: text for name, text in given.items() if text}
        seconds = 60 * float(minutes) if minutes else None
        if seconds is not None and not 0 <= seconds <= _YEAR:
            raise ValueError(minutes)
        drill = msgspec.convert({**said, "seconds": seconds}, ready(Drill))
    except ValueError:
        message = t("This does not say what was rehearsed, how it ended and in how many minutes.")
        raise PlumblineError("drill-wrong", message, kind=ErrorKind.CONFIGURATION) from None
    record_drill(ask.actor, ask.tools.assessments, node, drill)
    return Redirect(f"/nodes/{node}/statements?recorded=1#drill")


@does("/nodes/{node:int}/statements/review", use_case=(use_cases.REVIEW_STATEMENT, use_cases.WITHDRAW_STATEMENT))
def review(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    decision = ask.text("decision")
    if decision not in ("accepted", "rejected", "withdrawn"):
        message = t("A statement is accepted, rejected or withdrawn.")
        raise PlumblineError("invalid-request", message, kind=ErrorKind.CONFIGURATION)
    reason = ask.text("reason").strip()
    review_statement(ask.actor, ask.tools.assessments, node, ask.text("statement"), decision, reason)
    return Redirect(f"/nodes/{node}/statements")


@shows("/nodes/{node:int}/statements/file", slow=True, use_case=use_cases.LIST_STATEMENTS)
def file(ask: Ask) -> Raw:
    digest = ask.text("digest")
    data = read_document(ask.actor, ask.tools.assessments, ask.numbers["node"], digest)
    headers = {"Content-Disposition": f'attachment; filename="{digest[7:19]}.bin"'}
    return Raw(data, "application/octet-stream", headers)


@shows(
    "/nodes/{node:int}/exemptions",
    slow=True,
    use_case=use_cases.LIST_EXEMPTIONS,
    entries=(Entry("exemptions", t("Exemptions"), Group.GRADE, order=3, drawn=_CROSSED),),
)
def exemptions(ask: Ask) -> Shown:
    found = list_exemptions(ask.actor, ask.tools.assessments, ask.numbers["node"])
    here, values = node_of(ask, ask.numbers["node"])
    return Shown(
        "exemptions.html",
        {
            **values,
            "exemptions": found,
            "rule": ask.text("rule"),
            "grants": here.waives,
            "command": api_command(f"/nodes/{here.node.id}/exemptions"),
        },
    )


@does("/nodes/{node:int}/exemptions", use_case=use_cases.WAIVE_CRITERION)
@keeps(exemptions)
def waive(ask: Ask) -> Redirect:
    node, rule, reason = ask.numbers["node"], ask.text("rule").strip(), ask.text("reason").strip()
    waive_criterion(ask.actor, ask.tools.assessments, node, rule, reason, day_on(ask, "until"))
    return Redirect(f"/nodes/{node}/exemptions")


@does("/nodes/{node:int}/exemptions/agree", use_case=use_cases.AGREE_EXEMPTION)
def agree(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    agree_exemption(ask.actor, ask.tools.assessments, node, ask.number("exemption"))
    return Redirect(f"/nodes/{node}/exemptions")


PART = (statements, attest, rehearse, review, file, exemptions, waive, agree)
