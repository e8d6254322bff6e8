"""Which fields of a GraphQL interface a request asks for: what stands in its braces first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 100  # fields of one request
LONGEST = 1 << 20  # characters of a document that is looked at
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|\.\.\.|[A-Za-z_]\w*|[{}()\[\]:@$!=|&]|-?\d[\w.+-]*',
    re.ASCII,
)
_VERBS = ("query", "mutation", "subscription")


def asked(body: str) -> list[tuple[str, str]]:
    """Verb and field of each operation in a posted body, which is JSON with ``query``; empty where it is not."""
    if len(body) > LONGEST:
        return []
    try:
        decoded: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return []
    requests = decoded if isinstance(decoded, list) else [decoded]
    found: list[tuple[str, str]] = []
    for request in requests[:MOST]:
        if isinstance(request, dict) and isinstance(request.get("query"), str):
            name = request.get("operationName")
            found += fields(request["query"], name if isinstance(name, str) else "")
    return found[:MOST]


def fields(document: str, name: str = "") -> list[tuple[str, str]]:
    """The outermost fields of the operation of this name, or of the only one; fragments are not followed."""
    found = [(operation, each) for operation, each in _operations(document) if not name or operation[1] == name]
    return [(operation[0], field) for operation, field in found[:MOST]]


def _operations(document: str) -> Iterator[tuple[tuple[str, str], str]]:
    """(verb, name of the operation), field."""
    verb, name, depth, round_depth = "", "", 0, 0
    words = [word for word in _TOKEN.findall(document[:LONGEST]) if not word.startswith("#")]
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        if word in "()[]":
            round_depth += 1 if word in "([" else -1
        elif round_depth > 0:
            continue
        elif word == "{":
            depth += 1
            verb = verb or "query"
        elif word == "}":
            depth -= 1
            if depth <= 0:
                verb, name, depth = "", "", 0
        elif depth == 0 and not verb and word in (*_VERBS, "fragment"):
            verb, name = word, after if after[:1].isalpha() or after[:1] == "_" else ""
        elif depth == 1 and verb in _VERBS and _is_name(word) and _is_field(words, at):
            yield (verb, name), word


def _is_name(word: str) -> bool:
    return word[:1].isalpha() or word[:1] == "_"


def _is_field(words: list[str], at: int) -> bool:
    """No alias, directive or spread: those have a mark beside them."""
    before = words[at - 1] if at else ""
    return words[at + 1 : at + 2] != [":"] and before not in ("@", "...", "on", "$")
