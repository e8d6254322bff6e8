"""Whether a condition is answered alike whatever the facts are, as far as trying shows.

It is tried with the values that decide: those that its text compares with, just beside these, and plain ones. One that
is answered alike by all of them is called constant; so a condition with other values than these in mind may be called
so, and that is a warning, never a refusal.
"""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from plumbline.judging.expressions import ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.expressions import Expression, Value

_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
MOST_TRIED = 2000


def always(found: Expression, types: Mapping[str, ValueType]) -> bool | None:
    """What it is always answered with; None: not always the same, or nobody can tell."""
    answers = set()
    choices = [_values(found.text, types[name]) for name in found.names]
    for values in islice(product(*choices), MOST_TRIED):
        answer = found.ask(dict(zip(found.names, values, strict=True))).holds
        if answer is None:
            continue
        answers.add(answer)
        if len(answers) > 1:
            return None
    return answers.pop() if answers else None


def _values(text: str, kind: ValueType) -> list[Value]:
    said = [one[0] or one[1] for one in _QUOTED.findall(text)]
    numbers = [float(one) for one in _NUMBER.findall(_QUOTED.sub("''", text))]
    if kind is ValueType.FLAG:
        return [True, False]
    if kind is ValueType.COUNT:
        near = {int(one) + step for one in numbers for step in (-1, 0, 1)} | {0, 1, 1000}
        return sorted(one for one in near if one >= 0)
    if kind is ValueType.NUMBER:
        beside = {one + step for one in numbers for step in (-0.001, 0, 0.001)} | {0.0, 0.5, 1.0, 1e6}
        return sorted(one for one in beside if one >= 0)
    one_text = [*dict.fromkeys((*said, *(f"{one}x" for one in said), *(f"x{one}" for one in said), "", "zz"))]
    if kind is ValueType.TEXT:
        return [*one_text]
    return [(), *((one,) for one in one_text), tuple(one_text)]
