"""Conditions in the Common Expression Language (CEL), over named values.

1. A condition may name only what was declared: everything else is a problem with line and column when it is read.
2. It is true or false, or nobody can tell: a name without a value (even one that would not matter), a clash of types,
   a division by zero are no answer, never a no and never a yes.
3. It is asked of plain values alone; it sees no clock, no file, no network, and ends after a bounded number of steps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from cel_expr_python import cel

from plumbline.kernel import legible

Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...]
_WHERE = re.compile(r"<input>:(\d+):(\d+): (.*)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*")  # blanks may stand at the dots
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


class ValueType(StrEnum):
    """What a name stands for. A share is a number from 0 to 1."""

    FLAG = "flag"
    COUNT = "count"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "texts"


_TYPES = {
    ValueType.FLAG: cel.Type.BOOL,
    ValueType.COUNT: cel.Type.INT,
    ValueType.NUMBER: cel.Type.DOUBLE,
    ValueType.TEXT: cel.Type.STRING,
    ValueType.TEXTS: cel.Type.List(cel.Type.STRING),
}

_PLAIN: dict[ValueType, type] = {ValueType.FLAG: bool, ValueType.COUNT: int, ValueType.NUMBER: float}


class Fault(NamedTuple):
    """What is wrong with the text of a condition. Lines and columns begin with 1."""

    line: int
    column: int
    message: str


class Answer(NamedTuple):
    """``holds`` None: nobody can tell, and ``why`` says what is in the way."""

    holds: bool | None
    why: str = ""


class Expression:
    """A condition, ready to be asked. Safe to use from several threads."""

    __slots__ = ("_asked", "_compiled", "names", "text")

    def __init__(self, text: str, types: Mapping[str, ValueType]) -> None:
        """Raises RuntimeError as the engine does; use :func:`compiled`."""
        self.text = text
        self.names = names_in(text, types)
        self._asked = tuple((name, types[name], _PLAIN.get(types[name])) for name in self.names)
        env = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in types.items()})
        self._compiled = env.compile(text)
        if len(self.names) < len(types):  # it knows no name but those that are asked for: none hides from it
            cel.NewEnv(variables={name: _TYPES[types[name]] for name in self.names}).compile(text)
        if self._compiled.return_type() != cel.Type.BOOL:
            raise RuntimeError(f"<input>:1:1: a condition is true or false, and this is {self._compiled.return_type()}")

    def ask(self, values: Mapping[str, Value]) -> Answer:
        given: dict[str, object] = {}
        for name, kind, plain in self._asked:
            value = values.get(name)
            if value is None:
                return Answer(None, name)
            if type(value) is plain:
                given[name] = value
                continue
            fit = _fitting(value, kind)
            if fit is None:
                return Answer(None, f"{name}: {kind.value}")
            given[name] = fit
        try:
            found = self._compiled.eval(data=given)
        except (RuntimeError, ValueError) as error:  # more steps than the engine allows, a text that is none
            return Answer(None, str(error))
        if found.type() != cel.Type.BOOL:
            return Answer(None, str(found.value()))
        return Answer(found.value() is True)


def compiled(text: str, types: Mapping[str, ValueType]) -> Expression | Fault:
    try:
        return Expression(text, types)
    except RuntimeError as error:
        found = _WHERE.search(str(error))
        if found is None:
            return Fault(1, 1, str(error))
        return Fault(int(found[1]), int(found[2]), found[3])


def names_in(text: str, types: Mapping[str, ValueType]) -> tuple[str, ...]:
    """Which of the names a condition uses, in the order of the text."""
    found: dict[str, None] = {}
    for one in _NAME.finditer(_QUOTED.sub("''", text)):
        parts = [part.strip() for part in one.group().split(".")]
        for end in range(len(parts), 0, -1):
            if (name := ".".join(parts[:end])) in types:
                found[name] = None
                break
    return tuple(found)


def fits(value: Value, kind: ValueType) -> bool:
    """Whether a value is of this type."""
    return _fitting(value, kind) is not None


def _fitting(value: Value, kind: ValueType) -> object:
    """The value as the engine takes it for this type; None where it is of another one."""
    if kind is ValueType.TEXTS:
        texts = value if isinstance(value, (tuple, list)) else None
        if texts is None or not all(isinstance(one, str) for one in texts):
            return None
        return [legible(str(one)) for one in texts]
    if kind is ValueType.TEXT:
        return legible(value) if isinstance(value, str) else None
    if kind is ValueType.FLAG:
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if kind is ValueType.COUNT:
        return int(value) if float(value).is_integer() else None
    return float(value)
