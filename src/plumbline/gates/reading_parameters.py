"""The parameters of a built-in check, read: each of its type, none unknown, none missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.gates.checks._check import Parameter, Takes
from plumbline.kernel import Text, t
from plumbline.pipeline.source.syntax import Map, Seq, mark_of

if TYPE_CHECKING:
    from plumbline.gates.checks import Check
    from plumbline.judging.rule_text import RuleText

_WORDS: dict[Takes, Text] = {
    Takes.NUMBER: t("A number of 0 or more"),
    Takes.COUNT: t("A whole number of 0 or more"),
    Takes.SHARE: t("A number from 0 to 100"),
    Takes.FLAG: t("true or false"),
    Takes.WORD: t("A text"),
    Takes.WORDS: t("A list of texts"),
}


def read_parameters(reader: RuleText, item: Map, check: Check) -> dict[str, Any]:
    found = reader.map(item, "with", [one.name for one in check.parameters]) or Map(
        (), item.marks.get("with", item.mark)
    )
    before = len(reader.problems)
    given: dict[str, Any] = {}
    for one in check.parameters:
        if one.name in found:
            given[one.name] = _value(reader, found, one)
        elif one.standard is None:
            message = t("The parameter '{name}' is missing: {about}", name=one.name, about=one.about)
            reader.wrong("missing-parameter", message, found.mark)
        else:
            given[one.name] = one.standard
    if len(reader.problems) == before:
        for name, message in check.faults(given):
            reader.wrong("wrong-parameter", message, found.marks.get(name, found.mark))
    return given


def _value(reader: RuleText, found: Map, wanted: Parameter) -> Any:
    value = found[wanted.name]
    where = found.marks[wanted.name]
    if wanted.takes is Takes.WORDS:
        return _several(reader, found, wanted)
    if not _fits(value, wanted.takes):
        reader.expected(_WORDS[wanted.takes], value, where)
    elif wanted.choices and value not in wanted.choices:
        reader.unknown("unknown-word", t("'{word}' is not known here.", word=value), where, value, wanted.choices)
    return value


def _several(reader: RuleText, found: Map, wanted: Parameter) -> tuple[str, ...]:
    value = found[wanted.name]
    if isinstance(value, Seq) and not value:
        return ()
    words = reader.texts(found, wanted.name)
    for number, one in enumerate(words):
        if wanted.choices and one not in wanted.choices:
            place = mark_of(value, number) if isinstance(value, Seq) else found.marks[wanted.name]
            reader.unknown("unknown-word", t("'{word}' is not known here.", word=one), place, one, wanted.choices)
    return words


def _fits(value: Any, takes: Takes) -> bool:
    if takes is Takes.FLAG:
        return isinstance(value, bool)
    if takes is Takes.WORD:
        return isinstance(value, str) and bool(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0 or value == float("inf"):
        return False
    if takes is Takes.COUNT:
        return isinstance(value, int)
    return takes is Takes.NUMBER or value <= 100
