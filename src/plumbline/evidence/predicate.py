"""What a kind of predicate is: its type, and how it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from plumbline.kernel import Text, shelf
from plumbline.model.ready import ready


class Line(NamedTuple):
    """Something that a predicate says, for people."""

    name: Text
    value: str


class Predicate(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the shelf ``evidence/predicates``. ``types``: URIs, the one that is written first. ``look`` gives what
    a predicate says; it raises ``msgspec.DecodeError`` or ValueError where it is not of this form."""

    title: Text
    types: tuple[str, ...]
    look: Callable[[bytes], tuple[Line, ...]]
    reference: str


@cache
def predicates() -> dict[str, Predicate]:
    """By the name of the part."""
    found: dict[str, Predicate] = shelf("plumbline.evidence.predicates")
    return found


def predicate_of(uri: str) -> Predicate | None:
    """None where this type is not known: such a statement is shown, and says nothing here."""
    return next((part for part in predicates().values() if uri in part.types), None)


def short_name(uri: str) -> str:
    """The name of the part; the URI itself where the type is not known."""
    return next((name for name, part in predicates().items() if uri in part.types), uri)


def decoded(predicate: bytes, kind: Any) -> Any:
    """Raises msgspec.DecodeError, ValueError."""
    try:
        return msgspec.json.decode(predicate, type=ready(kind))
    except RecursionError:
        raise ValueError("nested too deep") from None
