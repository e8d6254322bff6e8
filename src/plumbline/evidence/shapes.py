"""Keeps of an event what has the shape that its type says: anybody may send anything, and it stays in the ledger."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

from plumbline.evidence.vocabulary import contents, facts_about
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 10**18
_REMEMBERED = 2048  # kinds; those of no fact are whole types, which anybody may send
# Digits as 0, and what may stand before a number in JSON as a colon: one table for a whole event is far quicker than a
# pattern. A text that looks like a number only costs a second look.
_SIGNS = bytes(48 if 48 <= sign < 58 else 58 if sign in b" \t\r\n:,[-" else 32 for sign in range(256))
_LONG = b":" + b"0" * 19
_SHAPES: dict[type[inspect.Type], type | tuple[type, ...]] = {
    inspect.StrType: str,
    inspect.EnumType: str,
    inspect.LiteralType: str,
    inspect.IntType: int,
    inspect.FloatType: (int, float),
    inspect.BoolType: bool,
    inspect.DictType: dict,
}


def fitting(what: str, content: dict[str, Any], custom: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``what``: subject and predicate without our own prefix. An unknown word stays; a list for it does not."""
    said, about = _of_kind(what)
    return _kept(content, said), _kept(custom, about)


def countable(body: bytes, content: dict[str, Any], custom: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both without the fields that have a number which nothing can be computed with: one of more than 18 digits before
    its point. ``body``: what they were read from, and is looked through once."""
    if _LONG not in body.translate(_SIGNS):
        return content, custom
    return _within_reach(content), _within_reach(custom)


def _within_reach(values: dict[str, Any]) -> dict[str, Any]:
    if not any(map(_beyond, values.values())):
        return values
    return {name: value for name, value in values.items() if not _beyond(value)}


def _beyond(value: Any) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, dict):
        return any(map(_beyond, value.values()))
    if isinstance(value, list):
        return any(map(_beyond, value))
    return isinstance(value, int) and abs(value) >= _LARGEST


def unfit(values: dict[str, Any], shape: type) -> list[str]:
    """The names of those fields that the shape has in another form; what it does not have may be anything."""
    fields = _fields(shape)
    return [name for name, value in values.items() if name in fields and not _fits(value, fields[name])]


@lru_cache(_REMEMBERED)
def _of_kind(what: str) -> tuple[type | None, type | None]:
    """What the content and the customData of a kind look like; None: they may be anything."""
    found = next((kind for kind in contents() if _what(kind) == what), "")
    return (contents()[found], facts_about().get(found)) if found else (None, None)


def _what(kind: str) -> str:
    parts = kind.split(".")
    return f"{parts[2].removeprefix('plumbline-')}.{parts[3]}"


def _kept(values: dict[str, Any], shape: type | None) -> dict[str, Any]:
    if shape is None:
        return values
    try:
        msgspec.convert(values, ready(shape))
    except msgspec.ValidationError:
        fields = _fields(shape)
        return {name: value for name, value in values.items() if name not in fields or _fits(value, fields[name])}
    return values


@cache
def _fields(shape: type) -> Mapping[str, inspect.Type]:
    found = inspect.type_info(shape)
    assert isinstance(found, inspect.StructType)
    return {field.encode_name: field.type for field in found.fields}


def _fits(value: Any, shape: inspect.Type) -> bool:
    match shape:
        case inspect.Metadata(type=inner):
            return _fits(value, inner)
        case inspect.UnionType(types=types):
            return any(_fits(value, one) for one in types)
        case inspect.StructType(fields=fields):
            return isinstance(value, dict) and all(
                _fits(value[field.encode_name], field.type) for field in fields if field.encode_name in value
            )
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner):
            return isinstance(value, list) and all(_fits(one, inner) for one in value)
        case inspect.NoneType():
            return value is None
    wanted = _SHAPES.get(type(shape))
    if wanted is None:
        return isinstance(shape, inspect.AnyType)
    return isinstance(value, wanted) and (isinstance(shape, inspect.BoolType) or not isinstance(value, bool))
