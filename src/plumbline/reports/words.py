"""The words of GraphQL schemas and Protocol Buffers: names, signs and texts, without comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GRAPHQL = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[A-Za-z_][A-Za-z0-9_]*|[{}()\[\]:=@!|&]|\.\.\.|[^\s{}()\[\]:=@!|&"#A-Za-z_]+'
)
_PROTO = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\.?[A-Za-z_][A-Za-z0-9_.]*|[{}()\[\]<>;=,]|[^\s{}()\[\]<>;=,\"'/A-Za-z_]+"
)


def of_graphql(text: str) -> Iterator[str]:
    """Descriptions and other texts are left out."""
    return (word for word in _GRAPHQL.findall(text) if word[0] not in '#"')


def of_proto(text: str) -> Iterator[str]:
    """Texts stay as they are, in their quotes."""
    return (word for word in _PROTO.findall(text) if not word.startswith(("//", "/*")))
