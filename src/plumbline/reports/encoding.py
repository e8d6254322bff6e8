"""Bytes of any honest encoding as UTF-8 without a mark in front, and without what no XML may hold."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Defect, Unreadable
from plumbline.reports import limits

if TYPE_CHECKING:
    from plumbline.reports.parser import Source

_DECLARATION = re.compile(rb"""\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^>]{0,100}?\?>""")
_DECLARED_TEXT = re.compile(r"\A\s*<\?xml\s[^>]{0,300}?\?>")
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_SPACES = bytes.maketrans(_CONTROLS, b"?" * len(_CONTROLS))
_REFERENCES = re.compile(rb"&#(?:x0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def in_utf8(source: Source) -> tuple[Source, tuple[Defect, ...]] | Unreadable:
    """The same file in UTF-8, and what was wrong about its encoding. A second time changes nothing; a file that is too
    large is Unreadable.

    An XML declaration that names another encoding is believed where the bytes agree; then it is taken away.
    """
    if len(source.data) > limits.LARGEST:
        return Unreadable(
            code="too-large",
            message=t(
                "The file has {size} MB; at most {most} MB are read.",
                size=len(source.data) >> 20,
                most=limits.LARGEST >> 20,
            ),
        )
    data, defects = source.data, list[Defect]()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    try:
        if encoding == "utf-8":
            data = data[len(codecs.BOM_UTF8) :]
        elif encoding:
            data = _without_declaration(data.decode(encoding))
        declared = "" if encoding and encoding != "utf-8" else _declared(data)
        if declared and not encoding:
            data, more = _declared_to_utf8(data, declared)
            defects += more
        else:
            data.isascii() or data.decode()
    except (UnicodeDecodeError, LookupError) as error:
        if not encoding and b"\0" in data[:1024] and not data.lstrip().startswith(b"<"):
            return source, ()  # binary: whoever knows it will say so
        return Unreadable(
            code="wrong-encoding",
            message=t(
                "The file is not in the encoding that it says or should be in ({reason}). Write it in UTF-8.",
                reason=_reason(error),
            ),
        )
    data, more = _legal(data) if data.lstrip()[:1] == b"<" else _without_nul(data)
    defects += more
    changed = source if data is source.data else msgspec.structs.replace(source, data=data)
    return changed, tuple(defects)


def _declared(data: bytes) -> str:
    found = _DECLARATION.match(data[:512])
    name = found[1].decode().lower() if found else ""
    return "" if name in ("utf-8", "utf8", "us-ascii", "ascii") else name


def _declared_to_utf8(data: bytes, declared: str) -> tuple[bytes, list[Defect]]:
    if declared.startswith(("utf-16", "utf16", "ucs-2", "utf-32")):  # without its mark: .NET writes such into UTF-8
        text = data.decode()
        return _without_declaration(text), [
            Defect("encoding-disagrees", t("The file says that it is {encoding}, and is UTF-8.", encoding=declared))
        ]
    if not codecs.lookup(declared)._is_text_encoding:  # a codec such as zip is no encoding of text
        raise LookupError(declared)
    return _without_declaration(data.decode(declared)), []


def _without_declaration(text: str) -> bytes:
    return _DECLARED_TEXT.sub("", text.removeprefix("\ufeff"), count=1).encode("utf-8", "replace")


def _legal(data: bytes) -> tuple[bytes, list[Defect]]:
    """Terminal colours and the like, raw or as references, make XML unreadable for others: they become ``?``."""
    wrong = len(data) != len(data.translate(None, _CONTROLS))
    if wrong:
        data = data.translate(_SPACES)
    if b"&#" in data:
        cleaned = _REFERENCES.sub(_reference, data)
        wrong, data = wrong or cleaned != data, cleaned
    if not wrong:
        return data, []
    return data, [
        Defect("control-characters", t("The file holds control characters, which XML forbids; they are read as '?'."))
    ]


def _without_nul(data: bytes) -> tuple[bytes, list[Defect]]:
    """NUL, raw or as JSON writes it, is in no text that a database takes. Where it begins the file that is no text."""
    if b"\0" in data[:1024]:
        return data, []
    cleaned = data.replace(b"\0", b"?").replace(b"\\u0000", b"\\ufffd")
    if cleaned == data:
        return data, []
    return cleaned, [Defect("control-characters", t("The file holds NUL characters; they are read as '?'."))]


def _reference(found: re.Match[bytes]) -> bytes:
    number = int(found[1], 16) if found[1] else int(found[2])
    legal = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    return found[0] if legal else b"?"


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{error.encoding}, byte {error.start}"
    return str(error)
