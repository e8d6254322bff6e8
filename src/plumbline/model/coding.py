"""How values with sentences in them are written as JSON: a sentence as its message and values, to be read in any
language later."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import Text


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
