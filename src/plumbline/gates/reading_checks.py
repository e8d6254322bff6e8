"""One check of a policy, read: a condition, a built-in check with its parameters, or a question to the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.gates.checks import built_in
from plumbline.gates.facts import fact_types
from plumbline.gates.policy import Check
from plumbline.gates.reading_parameters import read_parameters
from plumbline.gates.reading_signals import read_signal
from plumbline.judging import probes
from plumbline.judging.rule_conditions import expression
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.gates.checks import Check as BuiltIn
    from plumbline.judging import Signal
    from plumbline.judging.expressions import Expression, ValueType
    from plumbline.judging.rule_text import RuleText
    from plumbline.pipeline.source.syntax import Map

CEL = "cel/1"
_KEYS = ("id", "title", "reason", "remedy", "needs", "when", "check", "with", "signal", "maps", "advisory_from",
         "enforced_from", "retired_by", "applies")  # fmt: skip
_SWITCHES = ("skip", "skipped", "allow_failure", "enabled", "disabled", "off")
_WAYS = ("when", "check", "signal")
_HOW_NEEDS = t("Name the facts that the condition may use: without one of them the outcome is no data.")

_HOW_WAIVED = t("What shall not hold for a while is waived by two persons; what is not meant here has 'applies'.")


def read_check(reader: RuleText, item: Map) -> Check | None:
    before = len(reader.problems)
    _keys(reader, item)
    id_, title = reader.id(item, "id"), reader.words(item, "title")
    own = "check" in item  # a built-in check has a reason and a remedy of its own
    reason, remedy = reader.words(item, "reason", required=not own), reader.words(item, "remedy", required=not own)
    way = [one for one in _WAYS if one in item]
    if len(way) != 1:
        message = t("A check has exactly one of: {ways}.", ways=", ".join(_WAYS))
        reader.wrong("one-way", message, item.marks[way[1]] if way else item.mark)
        return None
    condition, needs = _condition(reader, item) if way[0] == "when" else (None, ())
    built, given = _built_in(reader, item) if way[0] == "check" else (None, {})
    signal = read_signal(reader, item) if way[0] == "signal" else None
    applies = _applies(reader, item)
    dates = _dates(reader, item)
    if len(reader.problems) > before or title is None:
        return None
    needs = needs or (built.needs(given) if built else (signal.key,) if signal else ())
    return Check(
        id=id_, title=title, reason=reason, remedy=remedy, needs=needs, condition=condition, built_in=built,
        given=given, signal=signal, applies=applies, rule=_rule(item, built, signal), where=item.mark,
        asked=tuple(dict.fromkeys((*needs, *(applies.names if applies else ())))),
        maps=reader.texts(item, "maps"), advisory_from=dates[0], enforced_from=dates[1], retired_by=dates[2],
    )  # fmt: skip


def _rule(item: Map, built: BuiltIn | None, signal: Signal | None) -> str:
    if built is not None:
        return f"{item['check']}/{built.version}"
    return f"{signal.probe}/{probes()[signal.probe].version}" if signal is not None else CEL


def _keys(reader: RuleText, item: Map) -> None:
    for key in item:
        if key in _SWITCHES:
            message = t("A check cannot be skipped or switched off in a policy.")
            reader.wrong("no-skip", message, item.marks[key], _HOW_WAIVED)
    reader.known_keys(item, (*_KEYS, *_SWITCHES))
    if "with" in item and "check" not in item:
        reader.wrong("no-parameters", t("Only a built-in check takes 'with'."), item.marks["with"])
    if "needs" in item and "when" not in item:
        message = t("'needs' belongs to a condition; a built-in check and a signal know theirs.")
        reader.wrong("needs-known", message, item.marks["needs"])
    for one in reader.texts(item, "maps"):
        if "/" not in one.strip("/"):
            reader.wrong("wrong-mapping", t("'{word}' names no requirement: write framework/requirement.", word=one),
                         item.marks["maps"])  # fmt: skip


def _condition(reader: RuleText, item: Map) -> tuple[Expression | None, tuple[str, ...]]:
    text = reader.text(item, "when", required=True)
    types = fact_types()
    if "needs" not in item:
        reader.wrong(
            "missing-key", t("The key '{key}' is missing.", key="needs"), item.mark, _HOW_NEEDS, keyword="needs"
        )
        needs = tuple(types)
    else:
        named = reader.texts(item, "needs", tuple(types), "unknown-fact")
        needs = tuple(dict.fromkeys(one for one in named if one in types))
    allowed: Mapping[str, ValueType] = {name: types[name] for name in needs}
    return (expression(reader, item, "when", allowed, types) if text else None), (needs if "needs" in item else ())


def _applies(reader: RuleText, item: Map) -> Expression | None:
    text = reader.text(item, "applies")
    return expression(reader, item, "applies", fact_types()) if text else None


def _dates(reader: RuleText, item: Map) -> tuple[int, int, int]:
    advisory, enforced = reader.date(item, "advisory_from"), reader.date(item, "enforced_from")
    retired = reader.date(item, "retired_by")
    if "advisory_from" in item and "enforced_from" not in item:
        message = t("A check that is advisory says from when it is enforced: 'enforced_from'.")
        reader.wrong("advisory-for-ever", message, item.marks["advisory_from"])
    for first, second, begin, end in (
        ("advisory_from", "enforced_from", advisory, enforced),
        ("enforced_from", "retired_by", enforced, retired),
    ):
        if begin and end and begin >= end:
            message = t("'{second}' has to be later than '{first}'.", first=first, second=second)
            reader.wrong("dates-crossed", message, item.marks[second])
    return advisory, enforced, retired


def _built_in(reader: RuleText, item: Map) -> tuple[BuiltIn | None, dict[str, Any]]:
    name = reader.text(item, "check", required=True)
    check = built_in().get(name)
    if check is None:
        if name:
            message = t("There is no built-in check '{name}'.", name=name)
            reader.unknown("unknown-check", message, item.marks["check"], name, tuple(built_in()))
        return None, {}
    return check, read_parameters(reader, item, check)
