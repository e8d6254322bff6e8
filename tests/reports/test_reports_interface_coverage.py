"""Interface coverage: what a contract declares, held against what tests called, and counted by hand."""

from __future__ import annotations

import pytest

from plumbline.model.report import Call, Calls, CaseOutcome, Contract, Operation, TestCase, Tested, TestRun
from plumbline.reports.interface.coverage import InterfaceCoverage, Standing, cover, joined
from plumbline.reports.interface.from_tests import calls_of, operation_of
from plumbline.reports.interface.graphql import asked, fields
from plumbline.reports.interface.routes import LONGEST, Routes

DIGEST = "sha256:" + "0" * 64


def contract(*operations: str, style: str = "openapi", bases: tuple[str, ...] = ()) -> Contract:
    made = tuple(Operation(*(each.split(" ", 1) if " " in each else ("", each))) for each in operations)
    return Contract(operations=made, style=style, bases=bases)


BANK = contract(
    "GET /accounts", "POST /accounts", "GET /accounts/{id}", "GET /accounts/mine", "GET /accounts/{id}/entries/{entry}",
    "GET /files/{name}.pdf", "GET /files/{name}", "DELETE /accounts/{id}",
)  # fmt: skip


def asserted(verb: str, name: str, test: str = "t", status: int = 200) -> Call:
    return Call(verb=verb, name=name, test=test, asserted=True, status=status)


def standing(coverage: InterfaceCoverage, operation: str) -> Standing:
    return next(
        one.standing for one in coverage.operations if f"{one.operation.verb} {one.operation.name}" == operation
    )


@pytest.mark.parametrize(
    ("verb", "called", "declared"),
    [
        ("GET", "/accounts", "GET /accounts"),
        ("get", "/accounts", "GET /accounts"),
        ("GET", "/accounts/", "GET /accounts"),
        ("GET", "/accounts?page=2", "GET /accounts"),
        ("GET", "/accounts#top", "GET /accounts"),
        ("GET", "http://127.0.0.1:8080/accounts", "GET /accounts"),
        ("POST", "/accounts", "POST /accounts"),
        ("PUT", "/accounts", None),
        ("GET", "/accounts/42", "GET /accounts/{id}"),
        ("GET", "/accounts/mine", "GET /accounts/mine"),
        ("GET", "/accounts/{id}", "GET /accounts/{id}"),
        ("GET", "/accounts/a%2Fb", "GET /accounts/{id}"),
        ("GET", "/accounts/a/b", None),
        ("GET", "/accounts//", None),
        ("GET", "/Accounts", None),
        ("GET", "/accounts/42/entries/7", "GET /accounts/{id}/entries/{entry}"),
        ("GET", "/files/x.pdf", "GET /files/{name}.pdf"),
        ("GET", "/files/.pdf", "GET /files/{name}"),
        ("GET", "/files/x.png", "GET /files/{name}"),
        ("DELETE", "/accounts/mine", "DELETE /accounts/{id}"),
        ("GET", "/%61ccounts", "GET /accounts"),
        ("GET", "/" + "a" * LONGEST, None),
    ],
)
def test_a_call_is_the_most_specific_declared_operation(verb: str, called: str, declared: str | None) -> None:
    found = Routes(BANK).find(verb, called)
    assert (f"{found.verb} {found.name}" if found else None) == declared


@pytest.mark.parametrize(
    ("called", "found", "within"),
    [
        ("/v1/accounts", True, True),
        ("https://bank.example/v1/accounts", True, True),
        ("/eu/v2/accounts", True, True),
        ("/accounts", True, False),  # asked of the application itself, without what stands before it
        ("/v1/rates", False, True),
        ("/static/app.js", False, False),
        ("/v10/accounts", False, False),
    ],
)
def test_base_paths_stand_before_operations(called: str, found: bool, within: bool) -> None:
    routes = Routes(contract("GET /accounts", bases=("https://api.bank.example/v1/", "/{region}/v2")))
    assert (routes.find("GET", called) is not None, routes.within(called)) == (found, within)


@pytest.mark.parametrize(
    ("declared", "style", "call", "fits"),
    [
        ("bank.Ledger/Post", "grpc", ("POST", "/bank.Ledger/Post"), True),
        ("bank.Ledger/Post", "grpc", ("", "bank.Ledger/Post"), True),
        ("bank.Ledger/Post", "grpc", ("POST", "/bank.Ledger/Get"), False),
        ("query account", "graphql", ("query", "account"), True),
        ("query account", "graphql", ("mutation", "account"), False),
        ("query account", "graphql", ("query", "Account"), False),
        ("receive accounts.changed", "asyncapi", ("receive", "accounts.changed"), True),
        ("receive accounts.changed", "asyncapi", ("send", "accounts.changed"), False),
        ("receive accounts.{id}.changed", "asyncapi", ("receive", "accounts.7.changed"), True),
        ("send accounts/{id}", "asyncapi", ("send", "accounts/7"), True),
    ],
)
def test_operations_of_other_kinds_of_interfaces(declared: str, style: str, call: tuple[str, str], fits: bool) -> None:
    assert (Routes(contract(declared, style=style)).find(*call) is not None) == fits


def test_a_hand_count_with_one_operation_untested_then_all_of_them() -> None:
    declared = contract("GET /accounts", "POST /accounts", "GET /accounts/{id}")
    calls = [
        asserted("GET", "/accounts", "a"),
        asserted("GET", "/accounts/1", "b"),
        asserted("GET", "/accounts/2", "c"),
    ]
    first = cover(declared, DIGEST, [Calls(calls=tuple(calls))])
    assert (first.covered, first.declared) == (2, 3)
    assert standing(first, "POST /accounts") is Standing.NEVER
    full = cover(declared, DIGEST, [Calls(calls=(*calls, asserted("POST", "/accounts", "d")))])
    assert (full.covered, full.declared, full.share) == (3, 3, 1.0)
    by_id = next(one for one in full.operations if one.operation == Operation("GET", "/accounts/{id}"))
    assert (by_id.tests, by_id.calls, by_id.statuses) == (("b", "c"), 2, (200,))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(verb="GET", name="/a", test="t", asserted=True), Standing.COVERED),
        (Call(verb="GET", name="/a", test="t", asserted=None), Standing.UNTOLD),
        (Call(verb="GET", name="/a", test="", asserted=True), Standing.UNTOLD),
        (Call(verb="GET", name="/a", test="t", asserted=False), Standing.NOT_ASSERTED),
        (Call(verb="GET", name="/a", test="t", asserted=True, skipped=True), Standing.SKIPPED),
    ],
)
def test_what_is_not_told_covers_nothing_and_is_said(call: Call, expected: Standing) -> None:
    found = cover(contract("GET /a"), DIGEST, [Calls(calls=(call,))])
    assert found.operations[0].standing is expected
    assert found.covered == (expected is Standing.COVERED)


def test_no_declared_operation_is_no_data() -> None:
    found = cover(contract(), DIGEST, [Calls(calls=(asserted("GET", "/a"),))])
    assert found.share is None
    assert [one.operation for one in found.drift] == [Operation("GET", "/a")]


def test_drift_is_what_was_answered_and_is_not_declared() -> None:
    calls = (
        asserted("GET", "/new/1"), asserted("GET", "/new/1", status=500), asserted("GET", "/gone", status=404),
        asserted("PUT", "/a", status=405), asserted("HEAD", "/v1/a"), asserted("OPTIONS", "/a"),
        Call(verb="GET", name="/x"),
    )  # fmt: skip
    found = cover(contract("GET /a"), DIGEST, [Calls(calls=calls)])
    assert [(one.operation.name, one.calls, one.statuses) for one in found.drift if one.operation.verb == "GET"] == [
        ("/new/1", 2, (200, 500)),
        ("/x", 1, ()),
    ]
    assert [one.operation.name for one in found.drift if one.operation.verb == "HEAD"] == ["/v1/a"]
    assert found.not_there == 3


def test_calls_outside_the_base_paths_are_no_drift() -> None:
    found = cover(contract("GET /a", bases=("/v1",)), DIGEST, [Calls(calls=(asserted("GET", "/app.css"),))])
    assert (found.outside, found.drift) == (1, ())


def test_how_a_test_ended_may_stand_in_another_file() -> None:
    service = Calls(calls=(Call(verb="GET", name="/a", test="t"), Call(verb="GET", name="/b", test="s")))
    tests = Calls(tests=(Tested(test="t", asserted=True), Tested(test="s", skipped=True)))
    assert [(call.asserted, call.skipped) for call in joined([service, tests])] == [(True, False), (None, True)]


def test_of_two_that_tell_differently_the_less_counts() -> None:
    files = [Calls(calls=(asserted("GET", "/a"),)), Calls(tests=(Tested(test="t", asserted=False),))]
    assert joined(files)[0].asserted is False


CASE = TestCase(name="test_x", class_name="A", outcome=CaseOutcome.PASSED)


@pytest.mark.parametrize(
    ("properties", "outcome", "expected"),
    [
        ({"operation": "GET /a"}, CaseOutcome.PASSED, [("GET", "/a", None, False)]),
        ({"operation": "GET /a", "assertions": "3"}, CaseOutcome.PASSED, [("GET", "/a", True, False)]),
        ({"operation": "GET /a", "assertions": "0"}, CaseOutcome.PASSED, [("GET", "/a", False, False)]),
        ({"operation": "GET /a", "assertions": "-1"}, CaseOutcome.PASSED, [("GET", "/a", None, False)]),
        ({"operation": "GET /a"}, CaseOutcome.FAILED, [("GET", "/a", True, False)]),
        ({"operation": "GET /a"}, CaseOutcome.ERROR, [("GET", "/a", None, False)]),
        ({"operation": "GET /a", "assertions": "3"}, CaseOutcome.SKIPPED, [("GET", "/a", None, True)]),
        (
            {"operation": "GET /a, POST /b"},
            CaseOutcome.FAILED,
            [("GET", "/a", True, False), ("POST", "/b", True, False)],
        ),
        ({"operation": "nonsense"}, CaseOutcome.FAILED, []),
        ({"other": "GET /a"}, CaseOutcome.FAILED, []),
    ],
)
def test_properties_of_a_test_report(properties: dict[str, str], outcome: CaseOutcome, expected: list[object]) -> None:
    case = TestCase(name="test_x", class_name="A", outcome=outcome, properties=properties)
    found = calls_of(TestRun(cases=(case,))).calls
    assert [(call.verb, call.name, call.asserted, call.skipped) for call in found] == expected
    assert all(call.test == case.key for call in found)


def test_each_case_of_a_contract_tester_is_an_operation_with_checks() -> None:
    case = TestCase(name="GET /accounts/{id}", outcome=CaseOutcome.PASSED)
    assert calls_of(TestRun(cases=(case,), suite="schemathesis")).calls[0].asserted is True
    assert calls_of(TestRun(cases=(case,), suite="pytest")).calls == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /a b", ("GET", "/a b")),
        (" query account ", ("query", "account")),
        ("bank.Ledger/Post", ("", "bank.Ledger/Post")),
        ("WALK /a", None),
        ("", None),
    ],
)
def test_what_an_operation_is_written_like(text: str, expected: tuple[str, str] | None) -> None:
    assert operation_of(text) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ account(id: 1) { name } }", [("query", "account")]),
        (
            "query Q($id: ID! = 1) { a: account(id: $id) @include(if: true) { name } rates }",
            [("query", "account"), ("query", "rates")],
        ),
        ('mutation { post(text: "} { x") { id } }', [("mutation", "post")]),
        ("{ ...F ... on Query { hidden } } fragment F on Query { other }", []),
        ("subscription { changed } # { x }", [("subscription", "changed")]),
        ("}}} {{{", []),
        ("", []),
    ],
)
def test_fields_of_a_graphql_document(document: str, expected: list[tuple[str, str]]) -> None:
    assert fields(document) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"query": "query A { a } query B { b }", "operationName": "B"}', [("query", "b")]),
        ('[{"query": "{ a }"}, {"query": "{ b }"}]', [("query", "a"), ("query", "b")]),
        ('{"query": 7}', []),
        ("[" * 100_000, []),
        ("not json", []),
    ],
)
def test_graphql_in_the_body_of_a_request(body: str, expected: list[tuple[str, str]]) -> None:
    assert asked(body) == expected
