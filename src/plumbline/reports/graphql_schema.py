"""A GraphQL schema in its own language: which types are the roots, and the fields of each type."""

from __future__ import annotations

from itertools import pairwise

_DEFINITIONS = frozenset(("schema", "type", "interface", "input", "enum", "union", "scalar", "directive", "extend"))
_OPENING, _CLOSING = frozenset("{(["), frozenset("})]")


def roots_and_fields(words: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """``{"query": "Query"}`` and ``{"Query": ["account"]}``; extensions of a type count to it."""
    roots: dict[str, str] = {}
    types: dict[str, list[str]] = {}
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        if word == "schema":
            block, at = _block(words, at)
            roots.update(_roots(block))
        elif word == "type" and at < len(words):
            name = words[at]
            block, at = _block(words, at + 1)
            types.setdefault(name, []).extend(_fields(block))
        elif word in ("interface", "input", "enum"):
            _, at = _block(words, at + 1)
    return roots, types


def _block(words: list[str], at: int) -> tuple[list[str], int]:
    """The words at the top of the next braces, and where the next definition begins; nothing where that begins before
    any brace. What stands in brackets (arguments, lists) is left out."""
    depth = 0
    while at < len(words) and (depth or words[at] != "{"):
        if depth == 0 and words[at] in _DEFINITIONS:
            return [], at
        depth += (words[at] in _OPENING) - (words[at] in _CLOSING)
        at += 1
    found, depth, at = [], 0, at + 1
    while at < len(words) and (depth or words[at] != "}"):
        depth -= words[at] in _CLOSING
        if depth == 0 and words[at] not in _CLOSING:
            found.append(words[at])
        depth += words[at] in _OPENING
        at += 1
    return found, at + 1


def _roots(block: list[str]) -> dict[str, str]:
    """``query : Query``."""
    return {
        verb: name
        for verb, colon, name in zip(block, block[1:], block[2:], strict=False)
        if colon == ":" and verb in ("query", "mutation", "subscription")
    }


def _fields(block: list[str]) -> list[str]:
    """The names that a colon follows, with the brackets of their arguments between them."""
    plain = [word for word in block if word not in _OPENING]
    return [name for name, colon in pairwise(plain) if colon == ":" and name.isidentifier()]
