"""Statements of named persons that stand as evidence, and exemptions from criteria."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import END, Id, Line, Time, Words
from plumbline.api.route import route
from plumbline.flow.assessments import exemptions, statements
from plumbline.flow.assessments.exemptions import ExemptionOnFile, waive_criterion
from plumbline.flow.assessments.statements import LARGEST_FILE, StatementOnFile, read_document, write_statement
from plumbline.kernel import t

_ROOM = 7_500_000  # bytes of a body: LARGEST_FILE in base64, and the rest
_DIGEST = rf"^sha256:[0-9a-f]{{64}}{END}"
Text = Annotated[Words, Meta(min_length=1)]
Short = Annotated[Line, Meta(min_length=1)]
File = Annotated[bytes, Meta(max_length=LARGEST_FILE, description="Base64 of a document.")]
Until = Annotated[Time, Meta(description="Microseconds since 1970-01-01T00:00:00Z; 0: as long as the pack allows.")]


class StatementList(msgspec.Struct, frozen=True, kw_only=True):
    statements: list[StatementOnFile]


class StatementWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``topic``: the name of the fact that a criterion asks for. ``files``: at most 5 MB together. Where a pack asks
    for a document, there is one among ``files``, or ``address`` is that of a page with it."""

    topic: Short
    text: Text
    until: Until = 0
    files: Annotated[list[File], Meta(max_length=10)] = []
    address: Line = ""


class StatementMade(msgspec.Struct, frozen=True, kw_only=True):
    id: str


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A second person accepts or rejects; the author withdraws."""

    statement: Short
    decision: Literal["accepted", "rejected", "withdrawn"]
    reason: Words = ""


class ExemptionList(msgspec.Struct, frozen=True, kw_only=True):
    exemptions: list[ExemptionOnFile]


class ExemptionWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A waiver. ``rule``: id of a criterion or of an item. ``until`` 0: a year from now, and never that it does not
    apply."""

    rule: Short
    reason: Text
    until: Until = 0


class Agreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    exemption: Id  # number of the waiver in the ledger


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    digest: Annotated[str, Meta(pattern=_DIGEST)]


@route(
    "GET",
    "/nodes/{node}/statements",
    t("Statements that count for a node: its own, and those above and below."),
    slow=True,
    use_case=use_cases.LIST_STATEMENTS,
)
def list_statements(call: Call, node: Id) -> StatementList:
    return StatementList(statements=list(statements.list_statements(call.actor, call.tools.assessments, node)))


@route("POST", "/nodes/{node}/statements", t("Put a statement on file; it counts once a second person accepted it."),
       status=201, refusals=(409, 422), largest=_ROOM, use_case=use_cases.WRITE_STATEMENT)  # fmt: skip
def create_statement(call: Call, node: Id, body: StatementWrite) -> StatementMade:
    until = body.until or None
    made = write_statement(
        call.actor, call.tools.assessments, node, body.topic, body.text, body.files, until, body.address
    )
    return StatementMade(id=made)


@route("POST", "/nodes/{node}/statements/review", t("Accept or reject a statement, or withdraw one's own."),
       status=204, refusals=(409,), use_case=(use_cases.REVIEW_STATEMENT, use_cases.WITHDRAW_STATEMENT))  # fmt: skip
def review_statement(call: Call, node: Id, body: Review) -> None:
    tools = call.tools.assessments
    statements.review_statement(call.actor, tools, node, body.statement, body.decision, body.reason)


@route("GET", "/nodes/{node}/statements/file", t("A document of a statement, by its digest."),
       slow=True, media="application/octet-stream", use_case=use_cases.LIST_STATEMENTS)  # fmt: skip
def get_statement_file(call: Call, node: Id, query: Document) -> Raw:
    data = read_document(call.actor, call.tools.assessments, node, query.digest)
    name = f"{query.digest[7:19]}.bin"
    return Raw(data, headers=(("Content-Disposition", f'attachment; filename="{name}"'),))


@route(
    "GET",
    "/nodes/{node}/exemptions",
    t("Exemptions that hold for a node: its own, and those above and below."),
    slow=True,
    use_case=use_cases.LIST_EXEMPTIONS,
)
def list_exemptions(call: Call, node: Id) -> ExemptionList:
    return ExemptionList(exemptions=list(exemptions.list_exemptions(call.actor, call.tools.assessments, node)))


@route("POST", "/nodes/{node}/exemptions", t("Waive a criterion or an item, with a reason."), status=204,
       refusals=(409, 422), use_case=use_cases.WAIVE_CRITERION)  # fmt: skip
def create_exemption(call: Call, node: Id, body: ExemptionWrite) -> None:
    waive_criterion(call.actor, call.tools.assessments, node, body.rule, body.reason, body.until or None)


@route("POST", "/nodes/{node}/exemptions/agree", t("Agree, as a second person, that what was waived does not apply."),
       status=204, refusals=(409,), use_case=use_cases.AGREE_EXEMPTION)  # fmt: skip
def agree_exemption(call: Call, node: Id, body: Agreement) -> None:
    exemptions.agree_exemption(call.actor, call.tools.assessments, node, body.exemption)


PART = (
    list_statements,
    create_statement,
    review_statement,
    get_statement_file,
    list_exemptions,
    create_exemption,
    agree_exemption,
)
