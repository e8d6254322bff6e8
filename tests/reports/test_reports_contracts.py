"""What interfaces declare: operations of OpenAPI, AsyncAPI, GraphQL and gRPC."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plumbline.model.report import Contract, Report, Unreadable
from plumbline.reports import yaml
from plumbline.reports.parser import Source
from plumbline.reports.reading import read


def report(document: Any) -> Report:
    data = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    found = read(Source(name="x", data=data))
    assert isinstance(found, Report), found
    return found


def contract(document: Any) -> Contract:
    content = report(document).content
    assert isinstance(content, Contract)
    return content


def operations(document: Any) -> list[str]:
    return [f"{each.verb} {each.name}".strip() for each in contract(document).operations]


def codes(document: Any) -> list[str]:
    return [defect.code for defect in report(document).defects]


# OpenAPI


def openapi(**more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "Bank", "version": "7"}, "paths": {}, **more}


ACCOUNTS = {
    "/accounts": {"get": {}, "post": {}, "parameters": [], "summary": "x", "x-own": {}},
    "/accounts/{id}": {"get": {}, "delete": {}},
}


def test_methods_are_operations_and_nothing_else_is() -> None:
    found = contract(openapi(paths=ACCOUNTS, webhooks={"paid": {"post": {}}}))
    assert (found.title, found.version, found.style) == ("Bank", "7", "openapi")
    assert [f"{each.verb} {each.name}" for each in found.operations] == [
        "DELETE /accounts/{id}",
        "GET /accounts",
        "GET /accounts/{id}",
        "POST /accounts",
    ]


def test_references_are_followed_in_the_document_alone() -> None:
    paths = {
        "/a": {"$ref": "#/components/pathItems/a"},
        "/b": {"$ref": "#/paths/~1a"},
        "/c": {"$ref": "other.yaml#/c"},
        "/d": {"$ref": "#/paths/~1d"},
        "/e": {"$ref": "#/nowhere"},
    }
    document = openapi(paths=paths, components={"pathItems": {"a": {"get": {}}}})
    assert operations(document) == ["GET /a", "GET /b"]
    assert codes(document) == ["no-reference"] * 3


BASES = [
    ({"servers": [{"url": "https://a.example/v1/"}, {"url": "/v2"}, {"url": "/"}]}, ("/v1", "/v2")),
    ({"servers": [{"url": "https://a.example:{port}/{v}", "variables": {"v": {"default": "v3"}}}]}, ("/v3",)),
    ({"swagger": "2.0", "openapi": None, "basePath": "/old/"}, ("/old",)),
    ({}, ()),
]


@pytest.mark.parametrize(("more", "bases"), BASES)
def test_what_its_servers_put_before_the_paths(more: dict[str, Any], bases: tuple[str, ...]) -> None:
    assert contract(openapi(**more)).bases == bases


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one path twice": (openapi(paths={"/a/{id}": {"get": {}}, "/a/{name}": {"put": {}}}), ["duplicate-path"]),
    "one id twice": (
        openapi(paths={"/a": {"get": {"operationId": "x"}, "put": {"operationId": "x"}}}),
        ["duplicate-id"],
    ),
    "no stroke": (openapi(paths={"a": {"get": {}}}), ["no-path"]),
    "no paths": (openapi(paths=None), ["no-paths"]),
    "no paths are needed in 3.1": (openapi(openapi="3.1.0", paths=None), []),
}


@pytest.mark.parametrize(("document", "wrong"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_contract(document: Any, wrong: list[str]) -> None:
    assert codes(document) == wrong


def test_yaml_is_the_same_as_json() -> None:
    text = """
swagger: 2.0
x-shared: &shared {get: {operationId: a}}
paths:
  /a: *shared
  /b:
    <<: *shared
    put: {}
    responses: {200: {}}
"""
    assert operations(text) == ["GET /a", "GET /b", "PUT /b"]


BOMBS = {
    "aliases": "openapi: 3.0.0\na: &a [x]\nb: [" + "*a, " * 20_000 + "]\n",
    "merged keys": "openapi: 3.0.0\n"
    + "a0: &a0 {"
    + ", ".join(f"k{n}: 1" for n in range(200))
    + "}\n"
    + "".join(f"b{n}: {{<<: *a0}}\n" for n in range(2_000)),
    "depth": "openapi: 3.0.0\na: " + "[" * 5_000,
    "depth in blocks": "openapi: 3.0.0\n" + "".join(" " * n + "a:\n" for n in range(1, 2_000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_yaml_that_grows_is_refused(text: str) -> None:
    found = read(Source(name="x", data=text.encode()))
    assert isinstance(found, Unreadable)
    assert found.code in ("too-deep", "malformed")


def test_aliases_that_hold_each_other_are_shared_and_not_copied() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    found = yaml.decode(f"a0: &a0 [x]\n{levels}".encode())
    assert not isinstance(found, Unreadable)
    assert found["a29"][0] is found["a28"]


def test_yaml_that_breaks_says_where() -> None:
    found = read(Source(name="x", data=b"openapi: 3.0.0\npaths: [\n"))
    assert isinstance(found, Unreadable)
    assert found.code == "malformed"
    assert "line" in str(found.message)


# AsyncAPI


def test_asyncapi_2_says_what_others_do() -> None:
    document = {"asyncapi": "2.6.0", "channels": {"paid": {"publish": {}}, "rates": {"subscribe": {}, "publish": {}}}}
    assert operations(document) == ["receive paid", "receive rates", "send rates"]


def test_asyncapi_3_goes_by_the_address() -> None:
    channels = {
        "paid": {"address": "bank.paid"},
        "a": {"address": "/"},
        "b": {"address": "/"},
        "none": {"address": None},
    }
    made = {
        name: {"action": "send" if name == "a" else "receive", "channel": {"$ref": f"#/channels/{name}"}}
        for name in channels
    }
    document = {"asyncapi": "3.0.0", "channels": channels, "operations": {**made, "lost": {"action": "send"}}}
    assert operations(document) == ["receive b", "receive bank.paid", "receive none", "send a"]
    assert codes({**document, "operations": {"x": {"action": "send", "channel": {"$ref": "#/channels/z"}}}}) == [
        "no-reference"
    ]


# GraphQL

SCHEMA = '''
"""type Query { wrong: String }"""
extend schema @link(url: "https://specs.example/v2", import: ["@key"])
schema { query: Root mutation: Changes }
# type Root { alsoWrong: Int }
directive @auth(role: String = "x") on FIELD_DEFINITION
type Root implements Node & Other @key(fields: "id") {
  "described: here"
  account(id: ID!, filter: Filter = {type: "a"}): Account @deprecated(reason: "old: yes")
  accounts: [Account!]!
}
extend type Root { more: Int }
type Changes {
  pay(
    """ how: much """
    amount: Int = 5
  ): Payment
}
input Filter { type: String }
enum Kind { QUERY MUTATION }
interface Node { id: ID! }
union Any = Account | Payment
type Account { id: ID! }
'''


def test_the_fields_of_the_roots_are_operations() -> None:
    assert operations(SCHEMA) == ["mutation pay", "query account", "query accounts", "query more"]


def test_the_usual_roots_need_no_naming() -> None:
    schema = "type Query {\n a: Int\n}\ntype Subscription {\n b: Int\n}\n"
    assert operations(schema) == ["query a", "subscription b"]


def test_an_introspection_says_the_same() -> None:
    types = [
        {"name": "Q", "fields": [{"name": "a"}]},
        {"name": "Other", "fields": [{"name": "b"}]},
        {"name": "I", "fields": None},
    ]
    schema = {"queryType": {"name": "Q"}, "mutationType": None, "types": types}
    assert operations({"data": {"__schema": schema}}) == ["query a"]
    assert operations({"__schema": schema}) == ["query a"]


def test_a_part_of_a_schema_declares_nothing_and_says_so() -> None:
    assert codes("type Account {\n  id: ID!\n}\n") == ["no-operations"]


# gRPC

PROTO = """
// syntax = "proto2";
syntax = "proto3";
package bank.v1; /* service No { rpc Not(A) returns (B); } */
import "other.proto";
option java_package = "service X { rpc Y(A) returns (B); }";
message Service { string rpc = 1; message Inner { int32 service = 2; } }
service Ledger {
  option (x) = { rpc: "no" };
  rpc Post (Entry) returns (Receipt) { option (google.api.http) = { post: "/v1/post" }; }
  rpc Watch(stream .bank.v1.Query) returns (stream Entry);
}
service Empty {}
"""


def test_methods_of_services() -> None:
    assert operations(PROTO) == ["bank.v1.Ledger/Post", "bank.v1.Ledger/Watch"]


def test_messages_alone_declare_nothing_and_say_so() -> None:
    assert codes('syntax = "proto3";\nmessage A { string rpc = 1; }\n') == ["no-operations"]
