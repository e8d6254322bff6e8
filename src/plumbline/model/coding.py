"""How values with sentences in them are written as JSON: a sentence as its message and values, to be read in any
language later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import Text, legible

if TYPE_CHECKING:
    from collections.abc import Callable


def json_of(value: object, enc_hook: Callable[[Any], Any] | None = None) -> bytes:
    """As JSON, whatever bytes a name came from: what is no text stands as ``\\xe9`` in it."""
    try:
        return msgspec.json.encode(value, enc_hook=enc_hook)
    except UnicodeEncodeError:
        return msgspec.json.encode(_legible(msgspec.to_builtins(value, enc_hook=enc_hook)))


def packed_of(value: object) -> bytes:
    """The same in MessagePack, sentences as :func:`plain` writes them."""
    try:
        return msgspec.msgpack.encode(value, enc_hook=plain)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_legible(msgspec.to_builtins(value, enc_hook=plain, builtin_types=(bytes,))))


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {_legible(key): _legible(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_legible(one) for one in value]
    return value


def plain(value: object) -> object:
    """For msgspec's ``enc_hook``."""
    if isinstance(value, Text):
        values = {name: v if isinstance(v, (int, float, Text)) else str(v) for name, v in value.values.items()}
        return {"text": value.msgid, "values": values, "plural": value.plural, "count": value.count}
    return str(value)


def revived(kind: Any, value: Any) -> Any:
    """For msgspec's ``dec_hook``. A plain string is a sentence that is not translated."""
    if kind is object:
        return value
    if kind is not Text:
        raise NotImplementedError(kind)
    if isinstance(value, str):
        return Text("{text}", {"text": value})
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise ValueError("not a text")
    values = {
        str(name): revived(Text, v) if isinstance(v, dict) else v for name, v in (value.get("values") or {}).items()
    }
    return Text(value["text"], values, plural=value.get("plural") or "", count=value.get("count"))
