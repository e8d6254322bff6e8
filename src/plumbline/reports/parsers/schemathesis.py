"""Schemathesis's NDJSON report: each request that it made up from a contract, and the checks of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Call, Calls, Report
from plumbline.reports.interface.observed import (
    LONGEST_TEST,
    MOST_CALLS,
    first_line,
    inside,
    is_call,
    lines,
    listed_at,
    status_of,
    text_at,
    too_many,
    unread,
)
from plumbline.reports.parser import Parser

if TYPE_CHECKING:
    from plumbline.reports.parser import Marks, Source

_HELD = ("success", "failure")  # a check that was made; the rest was skipped or came to nothing


def _marks(marks: Marks) -> bool:
    return bool(text_at(first_line(marks), "Initialize", "schemathesis_version"))


def _read(source: Source, marks: Marks) -> Report:
    calls: list[Call] = []
    wrong = 0
    finished = False
    for _, line in lines(source.data):
        if line is None:
            wrong += 1
            continue
        finished = finished or "EngineFinished" in line
        if len(calls) < MOST_CALLS:
            made, lost = _scenario(inside(line, "ScenarioFinished"))
            calls += made
            wrong += lost
    cut = (too_many(),) if len(calls) >= MOST_CALLS else ()
    return Report(
        format="schemathesis",
        content=Calls(calls=tuple(calls[:MOST_CALLS])),
        tool="schemathesis",
        tool_version=text_at(first_line(marks), "Initialize", "schemathesis_version"),
        strict=finished and not wrong,
        defects=(*unread(wrong, ""), *cut),
    )


def _scenario(scenario: dict[str, Any]) -> tuple[list[Call], int]:
    """The calls of one scenario, and how many could not be read. One operation in one phase is one test."""
    recorder = inside(scenario, "recorder")
    test = f"{text_at(recorder, 'label')} [{text_at(scenario, 'phase')}]"[:LONGEST_TEST]
    calls, wrong = [], 0
    for case, one in inside(recorder, "interactions").items():
        verb, name = text_at(one, "request", "method"), text_at(one, "request", "uri")
        if not is_call(verb, name):
            wrong += 1
            continue
        checks = listed_at(recorder, "checks", case)
        asserted = any(text_at(check, "status") in _HELD for check in checks)
        status = status_of(inside(one, "response").get("status_code"))
        calls.append(Call(verb=verb, name=name, status=status, test=test, asserted=asserted))
    return calls, wrong


PART = Parser(
    name="schemathesis",
    title=t("Requests made up from a contract (Schemathesis NDJSON)"),
    marks=_marks,
    read=_read,
    paths=("schemathesis-report/*.ndjson",),
    reference="https://schemathesis.readthedocs.io/en/stable/reference/reporting/",
)
