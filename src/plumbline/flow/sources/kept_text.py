"""A sentence as it is kept, so that everybody reads it in their own language."""

from __future__ import annotations

import msgspec

from plumbline.kernel import Text
from plumbline.model.coding import json_of, plain, revived
from plumbline.model.ready import ready

LONGEST_SAID = 200  # characters of a value


def keep(text: Text) -> str:
    """As one line of JSON; values shortened, and a sentence in it as one."""
    shortened = text.map(lambda value: value[:LONGEST_SAID])
    return json_of(shortened, plain).decode("utf-8", "replace")


def kept(line: str) -> Text:
    """The sentence again; what cannot be read is shown as it stands."""
    try:
        return msgspec.json.decode(line, type=ready(Text), dec_hook=revived)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Text("{said}", {"said": line})
