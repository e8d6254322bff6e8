"""No class is read for the first time by two threads at once: whoever reads one takes it from ``ready``."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
# Files that read what others made ready, each with where that is done.
MADE_READY = {"api/dispatch.py": "api/route.py, for every parameter, query and body when the route is made"}
PLAIN = {"str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "object", "None"}
# What learns a class: how it is called, and where it is told the class.
READERS = {"decode": ("type", 1), "convert": ("type", 1), "Decoder": ("type", 0)}


def readers(tree: ast.AST) -> list[ast.Call]:
    """Calls of msgspec that may be told a class, but for those that an import makes: it runs once, in one thread."""
    at_import = {id(node) for node in walked_at_import(tree)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node).startswith("msgspec.")]
    return [call for call in found if id(call) not in at_import and name_of(call).rpartition(".")[2] in READERS]


def walked_at_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from walked_at_import(child)


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def told(call: ast.Call) -> ast.expr | None:
    keyword, place = READERS[name_of(call).rpartition(".")[2]]
    given = [each.value for each in call.keywords if each.arg == keyword]
    return given[0] if given else call.args[place] if len(call.args) > place else None


def is_ready(kind: ast.expr | None) -> bool:
    if kind is None or (isinstance(kind, ast.Call) and name_of(kind) == "ready"):
        return True
    return {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)} <= PLAIN


def wrong(source: str) -> list[int]:
    return [call.lineno for call in readers(ast.parse(source)) if not is_ready(told(call))]


def test_what_a_thread_reads_was_made_ready() -> None:
    files = {str(path.relative_to(SOURCE)): path.read_text() for path in sorted(SOURCE.rglob("*.py"))}
    found = {name: lines for name, text in files.items() if "msgspec." in text and (lines := wrong(text))}
    own = found.pop("model/ready.py")
    assert (len(own), found.keys() & MADE_READY.keys()) == (1, MADE_READY.keys()), "an exception is not needed any more"
    others = [f"{name}:{line}" for name, lines in found.items() if name not in MADE_READY for line in lines]
    assert not others, "write `ready(...)` around the class: src/plumbline/model/ready.py says why"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f(x):\n    return msgspec.json.decode(x, type=Plan)", [2]),
        ("def f(x):\n    return msgspec.convert(x, list[Plan])", [2]),
        ("def f(x):\n    return msgspec.msgpack.Decoder(Plan)", [2]),
        ("read = lambda x: msgspec.json.decode(x, type=Plan)", [1]),
        ("class C:\n    def f(x):\n        return msgspec.json.decode(x, type=Plan)", [3]),
        ("def f(x):\n    return msgspec.json.decode(x, type=ready(Plan))", []),
        ("def f(x):\n    return msgspec.json.decode(x), msgspec.convert(x, dict[str, int])", []),
        ("_read = msgspec.json.Decoder(Plan).decode", []),
    ],
)
def test_a_class_that_was_not_made_ready_is_seen(source: str, lines: list[int]) -> None:
    assert wrong(source) == lines


def test_msgspec_is_always_called_by_its_whole_name() -> None:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("msgspec"):
                names = {alias.asname or alias.name for alias in node.names}
                assert not names & {*READERS, "json", "msgpack", "yaml", "toml"}, path
