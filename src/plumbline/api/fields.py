"""The kinds of values that requests carry, each with its bounds: what is outside them never reaches a store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from plumbline.flow.tree.variables import LONGEST_VALUE
from plumbline.model.forge import NAME as FORGE_NAME

MOST_BYTES = 12  # of one character at most, where JSON escapes it
MOST = 2**53 - 1  # the largest whole number that every reader of JSON keeps exactly
END = r"$(?!\n)"  # of a pattern: a dollar alone lets Python end before a line break
_PRINTABLE = rf"^[^\x00-\x1f\x7f]*{END}"
_NO_CONTROLS = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*{END}"

Id = Annotated[int, Meta(ge=1, le=MOST)]
NodeId = Annotated[int, Meta(ge=0, le=MOST, description="0 stands for the whole installation.")]
Time = Annotated[int, Meta(ge=0, le=MOST, description="Microseconds since 1970-01-01T00:00:00Z.")]
Count = Annotated[int, Meta(ge=0, le=MOST)]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=rf"^[A-Za-z0-9_][A-Za-z0-9_.-]*{END}")]
Key = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[A-Za-z_][A-Za-z0-9_.-]*{END}")]
VariableName = Annotated[str, Meta(min_length=1, max_length=255, pattern=rf"^[A-Za-z_][A-Za-z0-9_]*{END}")]
Line = Annotated[str, Meta(max_length=255, pattern=_PRINTABLE)]
# As Line, in a union with a list: msgspec 0.22.0 ends the process when a decoder with such a pattern is freed, so who
# takes one calls `need_lines`. The document says the pattern all the same.
UnionLine = Annotated[str, Meta(max_length=255, extra_json_schema={"pattern": _PRINTABLE})]
EventName = Annotated[str, Meta(max_length=600, pattern=_PRINTABLE)]  # a source, id, type or subject; may be empty
Lines = Annotated[list[Annotated[str, Meta(min_length=1, max_length=255, pattern=_PRINTABLE)]], Meta(max_length=100)]
Words = Annotated[str, Meta(max_length=2000, pattern=_NO_CONTROLS)]
Secret = Annotated[str, Meta(min_length=1, max_length=1024, pattern=r"^[^\x00]*$")]
Value = Annotated[str, Meta(max_length=LONGEST_VALUE, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Meta(ge=1, le=200)]
NAMED = "x-named"  # stands in the schema of a field for the names that the server has; see `openapi`
ForgeName = Annotated[str, Meta(pattern=FORGE_NAME, extra_json_schema={NAMED: "forges"})]

ForgeWord = Annotated[str, Meta(max_length=40, pattern=rf"^[a-z0-9_]*{END}")]  # a kind of forge, or nothing


def need_lines(values: Mapping[str, object] | None) -> None:
    """Raise ValueError where a text among the values is none that :data:`Line` takes."""
    for key, value in (values or {}).items():
        if isinstance(value, str) and not re.match(_PRINTABLE, value):
            raise ValueError(f"Expected `str` matching regex {_PRINTABLE!r} in `{key}`")


Scalar = bool | int | float | Value
InputValue = Scalar | list[Scalar]  # of an input of a job
