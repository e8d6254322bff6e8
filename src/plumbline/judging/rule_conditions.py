"""A condition in the text of a policy or contract, compiled; what is wrong with it is told at its place in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.judging.expressions import Expression, Fault, compiled
from plumbline.kernel import Text, t
from plumbline.model.problem import Mark
from plumbline.pipeline.source.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.expressions import ValueType
    from plumbline.judging.rule_text import RuleText
    from plumbline.pipeline.source.syntax import Map

LONGEST = 4000  # characters
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_NUMBERS = "found no matching overload for '_"


def expression(
    reader: RuleText,
    found: Map,
    key: str,
    types: Mapping[str, ValueType],
    every: Mapping[str, ValueType] | None = None,
) -> Expression | None:
    """``types``: the facts that it may use; ``every``: all there are, where that is more."""
    text: str = found[key]
    where: Mark = found.marks[key]
    if len(text) > LONGEST:
        reader.wrong("condition-too-long", t("A condition has at most {limit} characters.", limit=LONGEST), where)
        return None
    made = compiled(text, types)
    if isinstance(made, Fault):
        _tell(reader, where, text, made, every or types)
        return None
    if not made.names:
        message = t("This condition names no fact: it would always come out the same.")
        reader.wrong("constant-condition", message, where)
        return None
    return made


def _tell(reader: RuleText, where: Mark, text: str, fault: Fault, every: Mapping[str, ValueType]) -> None:
    undeclared = _UNDECLARED.search(fault.message)
    word = undeclared[1] if undeclared else ""
    place = _place(reader.lines, where, text, fault, word)
    if word in every:
        message = t("The condition uses {fact}, which 'needs' does not name.", fact=word)
        reader.wrong("fact-not-needed", message, place, t("Add it to 'needs': without it the outcome is no data."))
    elif word and re.search(rf"\b{re.escape(word)}\s*\(", text):
        message = t("There is no function '{name}' in conditions.", name=word)
        reader.wrong(
            "unknown-function", message, place, t("Conditions are written in CEL, with its standard functions.")
        )
    elif word:
        reader.wrong("unknown-fact", t("There is no fact '{fact}'.", fact=word), place, did_you_mean(word, every))
    else:
        message = t("The condition cannot be read: {reason}.", reason=fault.message)
        reader.wrong("wrong-condition", message, place, _hint(fault))


def _hint(fault: Fault) -> Text | None:
    if fault.message.startswith(_NUMBERS) and "double" in fault.message and "int" in fault.message:
        return t("Shares and times are numbers with a point: write 80.0, not 80.")
    return None


def _place(lines: list[str], where: Mark, text: str, fault: Fault, word: str) -> Mark:
    """A condition stands behind its key or on the lines below it: where the word that is meant is found."""
    if word:
        for number in range(where.line, min(len(lines), where.line + text.count("\n") + 2) + 1):
            column = lines[number - 1].find(word, where.column if number == where.line else 0)
            if column >= 0:
                return Mark(where.file, number, column + 1)
    line = lines[where.line - 1] if 0 < where.line <= len(lines) else ""
    start = line.find(text.strip(), where.column)
    return Mark(where.file, where.line, start + fault.column) if start >= 0 and fault.line == 1 else where
