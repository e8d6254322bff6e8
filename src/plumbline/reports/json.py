"""JSON that nobody wrote for us: decoded once, with what is wrong in it noticed."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Defect, Unreadable
from plumbline.reports import limits

_LOOKED_AT = 256 << 10  # bytes: names that stand twice are looked for in files up to this size
_NO_NUMBERS = re.compile(rb"[:\[,]\s*-?(?:NaN|Infinity)\b")
_LINES = msgspec.json.Decoder()


def decode(data: bytes) -> tuple[Any, tuple[Defect, ...]] | Unreadable:
    """The document; numbers that are none (NaN) are None. Too deep or malformed is Unreadable."""
    defects: list[Defect] = []
    if _holds_too_many(data):
        return Unreadable(
            code="too-many",
            message=t(
                "The file holds more than {objects} objects and lists, or more than {values} values.",
                objects=limits.CONTAINERS,
                values=limits.VALUES,
            ),
        )
    try:
        document = msgspec.json.decode(data)
    except RecursionError:
        return Unreadable(code="too-deep", message=t("Values stand too deep in each other."))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if not _NO_NUMBERS.search(data):
            return _malformed(error)
        try:
            document = json.loads(data, parse_constant=lambda _: None)
            msgspec.json.encode(document)  # no halves of letters
        except RecursionError:
            return Unreadable(code="too-deep", message=t("Values stand too deep in each other."))
        except (ValueError, UnicodeError):
            return _malformed(error)
        defects.append(Defect("not-json", t("The file holds NaN or Infinity, which JSON does not have.")))
    if len(data) <= _LOOKED_AT and (twice := _twice(data)):
        defects.append(
            Defect("duplicate-key", t("A name stands twice in one object; the last one counts."), twice[:200])
        )
    return document, tuple(defects)


def decode_lines(data: bytes) -> list[Any] | None:
    """The documents of JSON Lines; None where one line is none, or there are too many."""
    if _holds_too_many(data):
        return None
    try:
        return _LINES.decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _holds_too_many(data: bytes) -> bool:
    """By signs that stand in texts as well: fast, and never too low."""
    if len(data) <= limits.CONTAINERS:
        return False
    return data.count(b"{") + data.count(b"[") > limits.CONTAINERS or data.count(b",") > limits.VALUES


def _malformed(error: Exception) -> Unreadable:
    return Unreadable(
        code="malformed",
        message=t(
            "The JSON ends or breaks: {reason}. The tool may have been stopped while it wrote.", reason=str(error)
        ),
    )


def _twice(data: bytes) -> str:
    found = ""

    def pairs(given: list[tuple[str, Any]]) -> None:
        nonlocal found
        if not found and len({key for key, _ in given}) < len(given):
            names = [key for key, _ in given]
            found = next(name for name in names if names.count(name) > 1)

    try:
        json.loads(data, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return ""
    return found
