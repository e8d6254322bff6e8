"""Files that tell which operations were called: HAR, Newman, Schemathesis, and Plumbline's own recorder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plumbline.kernel import shelf
from plumbline.model.report import Call, Calls, Report, Tested
from plumbline.reports.parser import Marks, Source

OURS = ("har", "newman", "schemathesis", "plumbline_calls")


def marks_of(data: bytes) -> Marks:
    """What a look at the file gives, as far as these parsers ask."""
    try:
        return Marks(shape="json", document=json.loads(data))
    except ValueError:
        return Marks(shape="jsonl", document=[line for line in data.split(b"\n") if line.strip()])


def read(name: str, document: object) -> Report:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    marks = marks_of(data)
    parts = {each: shelf("plumbline.reports.parsers")[each] for each in OURS}
    assert [each for each, part in parts.items() if part.marks(marks)] == [name]
    report = parts[name].read(Source(name="x", data=data), marks)
    assert isinstance(report, Report)
    return report


def calls(report: Report) -> list[Call]:
    assert isinstance(report.content, Calls)
    return list(report.content.calls)


def jsonl(*lines: object) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def har(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "browser", "version": "7"}, "entries": list(entries)}}


GET = {
    "request": {"method": "GET", "url": "http://a/b?c"},
    "response": {"status": 200},
    "startedDateTime": "2026-01-01",
}


def test_a_har_tells_of_requests_and_of_no_test() -> None:
    report = read("har", har(GET))
    assert calls(report) == [Call(verb="GET", name="http://a/b?c", status=200)]
    assert (report.tool, report.tool_version, report.format_version, report.made) == (
        "browser",
        "7",
        "1.2",
        "2026-01-01",
    )


def test_a_har_of_a_graphql_interface_tells_of_its_fields() -> None:
    body = {"text": json.dumps({"query": "{ account { id } }"})}
    entry = {"request": {"method": "POST", "url": "/graphql", "postData": body}, "response": {"status": 200}}
    assert [(call.verb, call.name) for call in calls(read("har", har(entry)))] == [
        ("POST", "/graphql"),
        ("query", "account"),
    ]


def test_a_har_without_its_head_is_read_and_not_strict() -> None:
    report = read("har", {"log": {"entries": [GET]}})
    assert (len(calls(report)), report.strict) == (1, False)


@pytest.mark.parametrize(
    "entry", [None, 7, {}, {"request": 1}, {"request": {"method": "GET"}}, {"request": {"method": "GET", "url": "\0"}}]
)
def test_entries_that_say_nothing_are_counted(entry: object) -> None:
    report = read("har", har(entry, GET))
    assert len(calls(report)) == 1
    assert [defect.code for defect in report.defects] == ["entries-unread"]
    assert not report.strict


NEWMAN: dict[str, Any] = {
    "collection": {"item": [{"name": "Accounts", "item": [{"id": "1", "name": "one"}, {"id": "2", "name": "two"}]}]},
    "run": {
        "executions": [
            {
                "item": {"id": "1", "name": "one"},
                "request": {
                    "method": "GET",
                    "url": {"host": ["a"], "path": ["accounts", ":id"], "variable": [{"key": "id", "value": "42"}]},
                },
                "response": {"code": 200},
                "assertions": [{"assertion": "is ok"}, {"assertion": "is json", "error": {"name": "AssertionError"}}],
            },
            {"item": {"id": "2"}, "request": {"method": "GET", "url": "http://a/b"}, "assertions": [{"skipped": True}]},
            {"item": {"id": "3", "name": "loose"}, "request": {"method": "GET", "url": "http://a/c"}},
        ]
    },
}


def test_newman_tells_of_assertions() -> None:
    assert calls(read("newman", NEWMAN)) == [
        Call(verb="GET", name="/accounts/42", status=200, test="Accounts / one", asserted=True),
        Call(verb="GET", name="http://a/b", test="Accounts / two", asserted=False, skipped=True),
        Call(verb="GET", name="http://a/c", test="loose", asserted=False),
    ]


SCHEMATHESIS = (
    {"Initialize": {"schemathesis_version": "4.32.5"}},
    {
        "ScenarioFinished": {
            "phase": "fuzzing",
            "recorder": {
                "label": "GET /a/{id}",
                "checks": {"x": [{"name": "not_a_server_error", "status": "failure"}], "y": [{"status": "skip"}]},
                "interactions": {
                    "x": {"request": {"method": "GET", "uri": "http://h/a/1"}, "response": {"status_code": 500}},
                    "y": {"request": {"method": "GET", "uri": "http://h/a/2"}, "response": None},
                },
            },
        }
    },
    {"EngineFinished": {}},
)


def test_schemathesis_tells_of_checks() -> None:
    report = read("schemathesis", jsonl(*SCHEMATHESIS))
    assert calls(report) == [
        Call(verb="GET", name="http://h/a/1", status=500, test="GET /a/{id} [fuzzing]", asserted=True),
        Call(verb="GET", name="http://h/a/2", test="GET /a/{id} [fuzzing]", asserted=False),
    ]
    assert report.strict


def test_a_report_that_was_cut_off_is_not_whole() -> None:
    report = read("schemathesis", jsonl(*SCHEMATHESIS[:2]) + b'{"EngineFin')
    assert len(calls(report)) == 2
    assert not report.strict


def test_our_recorder_tells_of_calls_and_tests() -> None:
    report = read(
        "plumbline_calls",
        jsonl(
            {"plumbline": "recorder", "version": "1"},
            {"plumbline": "call", "verb": "GET", "name": "/a", "status": 200, "test": "t"},
            {"plumbline": "call", "name": "bank.Ledger/Post", "test": "t"},
            {"plumbline": "test", "test": "t", "outcome": "passed", "assertions": 2},
            {"plumbline": "test", "test": "u", "outcome": "passed", "assertions": 0},
            {"plumbline": "test", "test": "v", "outcome": "passed", "assertions": None},
            {"plumbline": "test", "test": "w", "outcome": "failed", "assertions": None},
            {"plumbline": "test", "test": "x", "outcome": "skipped", "assertions": 0},
            {"plumbline": "test", "test": "y", "outcome": "passed", "assertions": True},
        ),
    )
    assert calls(report) == [
        Call(verb="GET", name="/a", status=200, test="t"),
        Call(verb="", name="bank.Ledger/Post", test="t"),
    ]
    assert isinstance(report.content, Calls)
    assert report.content.tests == (
        Tested(test="t", asserted=True),
        Tested(test="u", asserted=False),
        Tested(test="v"),
        Tested(test="w", asserted=True),
        Tested(test="x", skipped=True),
        Tested(test="y"),
    )
    assert (report.tool_version, report.strict) == ("1", True)


@pytest.mark.parametrize(
    "document", [[], {}, {"log": {}}, {"log": {"entries": []}}, {"run": {"executions": []}}, [har()], 7]
)
def test_what_has_no_mark_is_nobodys(document: object) -> None:
    marks = marks_of(json.dumps(document).encode())
    parts = shelf("plumbline.reports.parsers")
    assert [name for name in OURS if parts[name].marks(marks)] == []
