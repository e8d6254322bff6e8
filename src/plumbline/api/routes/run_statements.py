"""The signed statement about a run: what was due, what came, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Count
from plumbline.api.route import route
from plumbline.flow.contracts import view_statement
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.evidence.run_statements import Check

LINES = "application/jsonl"
CollectionUid = Annotated[str, Meta(min_length=1, max_length=100)]


class StatementCheck(msgspec.Struct, frozen=True, kw_only=True):
    """``result``: passed, failed or no-data. ``entry``: of the ledger, that it rests on; 0: none."""

    about: str
    result: str
    code: str
    reason: str
    entry: Count


class RunStatement(msgspec.Struct, frozen=True, kw_only=True):
    """``digest`` of ``envelope``, a DSSE envelope as JSON with an in-toto statement; ``lacking``: ids of the slots that
    nothing filled in time; ``failed`` and ``not_run``: names of jobs."""

    collection: str
    digest: str
    key: str
    complete: bool
    result: str
    subjects: list[str]
    lacking: list[str]
    failed: list[str]
    not_run: list[str]
    checks: list[StatementCheck]
    envelope: str


@route("GET", "/collections/{uid}/statement", t("The signed statement about a run, as it is verified here and now."),
       refusals=(409,), use_case=use_cases.VIEW_RUN_STATEMENT)  # fmt: skip
def view_run_statement(call: Call, uid: CollectionUid) -> RunStatement:
    found = view_statement.view_run_statement(call.actor, call.tools.attestations, uid)
    verified, run = found.verified, found.verified.run
    return RunStatement(
        collection=uid,
        digest=found.collection.statement,
        key=verified.key,
        complete=run.complete if run is not None else False,
        result=verified.result.value,
        subjects=list(verified.subjects),
        lacking=list(run.lacking) if run is not None else [],
        failed=list(run.failed) if run is not None else [],
        not_run=list(run.not_run) if run is not None else [],
        checks=[_check(one) for one in verified.checks],
        envelope=found.envelope.decode(),
    )


@route("POST", "/collections/{uid}/statement/export", status=200, slow=True, refusals=(409,), media=LINES,
       title=t("Take a statement about a run along, as a file that `plumb evidence verify` verifies."),
       use_case=use_cases.EXPORT_RUN_STATEMENT)  # fmt: skip
def export_run_statement(call: Call, uid: CollectionUid) -> Raw:
    made = view_statement.export_run_statement(call.actor, call.tools.attestations, uid)
    named = (("Content-Disposition", f'attachment; filename="{made.name}"'),)
    return Raw(made.lines, LINES, headers=named)


def _check(one: Check) -> StatementCheck:
    return StatementCheck(
        about=one.about, result=one.result.value, code=one.code, reason=str(one.reason), entry=one.entry
    )


PART = (view_run_statement, export_run_statement)
