"""A sentence as it is kept, so that everybody reads it in their own language."""

from __future__ import annotations

import msgspec

from plumbline.kernel import Text
from plumbline.model.ready import ready

LONGEST_SAID = 200  # characters of a value


class _Kept(msgspec.Struct, frozen=True):
    said: str
    values: dict[str, str] = {}


def keep(text: Text) -> str:
    """As one line of JSON; values as they print."""
    values = {name: str(value)[:LONGEST_SAID] for name, value in text.values.items()}
    return msgspec.json.encode(_Kept(text.msgid, values)).decode("utf-8", "replace")


def kept(line: str) -> Text:
    """The sentence again; what cannot be read is shown as it stands."""
    try:
        found = msgspec.json.decode(line, type=ready(_Kept))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Text("{said}", {"said": line})
    return Text(found.said, dict(found.values))
