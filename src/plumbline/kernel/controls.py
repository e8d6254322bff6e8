"""Bytes of a text that nobody sees: what controls a terminal, and signs without a width.

One grammar for whoever shows a text and for whoever hides secrets in it: where the two took different bytes for
invisible, a reader would see a secret whole that the masker saw in pieces.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST_STRING = 4096  # bytes of what is told a terminal (its title, a link); what is longer is text

# ECMA-48 in 7 bits; of a sequence that never ends only its introducer is one.
_SEQUENCE = (
    rb"(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b\n]{0,%d}(?:\x07|\x1b\\)|[\]PX^_]|[ -/]{1,8}[0-~]|[0-~])?"
    % LONGEST_STRING
)
_C0 = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_EACH_C0 = tuple(bytes((code,)) for code in _C0)
_SHORT = 2048  # bytes below which one table is quicker than one search for each
_FIRSTS = rb"\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f"
# Of UTF-8: C1, and what Unicode calls ignorable by default (zero-width, direction, variation, tags), with U+2028/9.
_WIDE = {
    0xC2: rb"[\x80-\x9f\xad]",
    0xCD: rb"\x8f",
    0xD8: rb"\x9c",
    0xE1: rb"(?:\x85[\x9f\xa0]|\x9e[\xb4\xb5]|\xa0[\x8b-\x8f])",
    0xE2: rb"(?:\x80[\x8b-\x8f\xa8-\xae]|\x81[\xa0-\xaf])",
    0xE3: rb"\x85\xa4",
    0xEF: rb"(?:\xb8[\x80-\x8f]|\xbb\xbf|\xbe\xa0|\xbf[\xb0-\xbb])",
    0xF3: rb"\xa0[\x80-\xbf][\x80-\xbf]",
}
_WIDE_FIRSTS = bytes(_WIDE)
_COLOUR = rb"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"


def _pattern(escape: bytes) -> re.Pattern[bytes]:
    """Begins with one class of bytes, which is what makes it quick to search with."""
    wide = b"|".join(b"(?<=%s)%s" % (re.escape(bytes((first,))), rest) for first, rest in _WIDE.items())
    return re.compile(
        rb"[%s\x1b%s](?:(?<=\x1b)%s|(?<=[%s])|%s)" % (_FIRSTS, _WIDE_FIRSTS, escape, _FIRSTS, wide), re.DOTALL
    )


@cache  # as all that only some texts need: every command would wait for it
def invisible() -> re.Pattern[bytes]:
    """Sequences whole, as a terminal and our own pages take them."""
    return _pattern(_SEQUENCE)


@cache
def signs() -> re.Pattern[bytes]:
    """Sign by sign, as something takes them that knows no sequences."""
    return _pattern(b"")


@cache
def colour() -> re.Pattern[bytes]:
    """Colours, and what else moves or clears."""
    return re.compile(_COLOUR)


@cache
def colour_or_end() -> re.Pattern[bytes]:
    """The end of a string as well: without it the string would go on."""
    return re.compile(_COLOUR + rb"|\x07|\x1b\\")


@cache
def _not_on_a_page() -> re.Pattern[bytes]:
    return re.compile(rb"\x1b(?!\[[0-9;:]{0,64}m)%s|[%s]|\xc2[\x80-\x9f]" % (_SEQUENCE, _FIRSTS), re.DOTALL)


@cache
def _begun() -> re.Pattern[bytes]:
    string = rb"[\]PX^_][^\x07\x1b\n]{0,%d}\x1b?" % LONGEST_STRING
    return re.compile(rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|%s|[ -/]{1,8})?" % string, re.DOTALL)


@cache
def _wide_signs() -> dict[bytes, re.Pattern[bytes]]:
    """By their first byte, which is quick to look for."""
    return {bytes((first,)): re.compile(re.escape(bytes((first,))) + rest) for first, rest in _WIDE.items()}


_WIDE_BEGUN = re.compile(rb"(?:[\xc2\xcd\xd8]|[\xe1\xe2\xe3\xef][\x80-\xbf]?|\xf3[\x80-\xbf]{0,2})\Z")


def any_invisible(data: bytes) -> bool:
    """Quick to say no; may say yes where a sequence hides the sign that was found."""
    if len(data) < _SHORT:
        controls = len(data.translate(None, _C0)) != len(data)
    else:
        controls = any(code in data for code in _EACH_C0)
    return controls or (
        not data.isascii() and any(first in data and sign.search(data) for first, sign in _wide_signs().items())
    )


def begun_at(data: bytes) -> int:
    """Where a sequence or sign begins that the end of the data cuts off; the length of the data where none does."""
    size = len(data)
    if data.endswith(b"\n"):
        return size
    found = _WIDE_BEGUN.search(data, max(0, size - 3))
    least = max(0, size - LONGEST_STRING - 16)
    at = data.rfind(b"\x1b", least)
    if at == size - 1 and at >= 0:  # it may be the end of a string
        before = data.rfind(b"\x1b", least, at)
        if before >= 0 and _begun().fullmatch(data, before):
            return before
    if at >= 0 and _begun().fullmatch(data, at):
        return at
    return found.start() if found else size


def without_controls(line: bytes) -> bytes:
    """What a page may show: text and colours."""
    return _not_on_a_page().sub(b"", line)


def visible(line: bytes) -> bytes:
    """Text alone."""
    return invisible().sub(b"", line)
