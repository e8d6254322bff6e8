"""A sentence as it is kept, so that everybody reads it in their own language."""

from __future__ import annotations

import msgspec

from plumbline.kernel import Text
from plumbline.model.ready import ready

LONGEST_SAID = 200  # characters of a value


class _Kept(msgspec.Struct, frozen=True):
    said: str
    values: dict[str, str | _Kept] = {}


def keep(text: Text) -> str:
    """As one line of JSON; values as they print, and a sentence in it as one."""
    return msgspec.json.encode(_folded(text)).decode("utf-8", "replace")


def kept(line: str) -> Text:
    """The sentence again; what cannot be read is shown as it stands."""
    try:
        found = msgspec.json.decode(line, type=ready(_Kept))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Text("{said}", {"said": line})
    return _unfolded(found)


def _folded(text: Text) -> _Kept:
    values = {
        name: _folded(value) if isinstance(value, Text) else str(value)[:LONGEST_SAID]
        for name, value in text.values.items()
    }
    return _Kept(text.msgid, values)


def _unfolded(found: _Kept) -> Text:
    values = {name: _unfolded(value) if isinstance(value, _Kept) else value for name, value in found.values.items()}
    return Text(found.said, dict(values))
