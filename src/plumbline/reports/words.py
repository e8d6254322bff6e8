"""The words of GraphQL schemas and Protocol Buffers: names, signs and texts, without comments."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.report import Unreadable

LARGEST = 8 << 20  # bytes
# What is never closed goes to the end, and repeats are possessive: nothing is tried twice.
_GRAPHQL = re.compile(
    r"""(?x)
    \"\"\" (?: [^"\\]++ | \\[\s\S] | "(?!"") )*+ (?:\"\"\")?
    | " (?: [^"\\\n]++ | \\. )*+ "?
    | \# [^\n]*+
    | [A-Za-z_][A-Za-z0-9_]*+
    | [{}()\[\]:=@!|&]
    """
)
_PROTO = re.compile(
    r"""(?x)
    // [^\n]*+
    | /\* (?: [^*]++ | \*(?!/) )*+ (?:\*/)?
    | " (?: [^"\\\n]++ | \\. )*+ "?
    | ' (?: [^'\\\n]++ | \\. )*+ '?
    | \.?[A-Za-z_][A-Za-z0-9_.]*+
    | [{}()\[\]<>;=,]
    """
)


def of_graphql(data: bytes) -> list[str] | Unreadable:
    """Descriptions and other texts are left out."""
    words = _words(_GRAPHQL, data)
    return words if isinstance(words, Unreadable) else [word for word in words if word[0] not in '#"']


def of_proto(data: bytes) -> list[str] | Unreadable:
    """Texts stay as they are, in their quotes."""
    words = _words(_PROTO, data)
    return words if isinstance(words, Unreadable) else [word for word in words if not word.startswith(("//", "/*"))]


def _words(pattern: re.Pattern[str], data: bytes) -> list[str] | Unreadable:
    if len(data) > LARGEST:
        message = t("A schema of more than {most} MB is not read.", most=LARGEST >> 20)
        return Unreadable(code="too-large", message=message)
    return pattern.findall(data.decode("utf-8", "replace"))
