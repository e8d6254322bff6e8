"""A check that asks the records what the grade asks: a fact over a time, against a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.facts import definitions
from plumbline.judging import Signal, Threshold, probes, signal_mistakes
from plumbline.kernel import t
from plumbline.model.ready import ready
from plumbline.model.words import Words

if TYPE_CHECKING:
    from plumbline.judging.rule_text import RuleText
    from plumbline.pipeline.source.syntax import Map

_KEYS = ("probe", "fact", "at")
_AT = ("op", "value", "unit", "window_days")
_STATED = frozenset({"statement", "no_statement"})  # what people say of themselves passes no gate


def read_signal(reader: RuleText, item: Map) -> Signal | None:
    found = reader.map(item, "signal", _KEYS, required=True)
    if found is None:
        return None
    before = len(reader.problems)
    probe, fact = reader.text(found, "probe", required=True), reader.text(found, "fact", required=True)
    known = [name for name in probes() if name not in _STATED]
    if probe and probe not in known:
        message = t("There is no probe '{name}' for gates.", name=probe)
        reader.unknown("unknown-probe", message, found.marks["probe"], probe, known)
    if fact and fact not in definitions():
        reader.unknown("unknown-fact", t("There is no fact '{fact}'.", fact=fact), found.marks["fact"], fact,
                       tuple(definitions()))  # fmt: skip
    at = _threshold(reader, found)
    if len(reader.problems) > before:
        return None
    signal = Signal(probe=probe, fact=fact, title=Words(en=fact, zh=fact), at=at)
    for mistake in signal_mistakes(signal):
        reader.wrong("wrong-threshold", mistake, found.marks.get("at", found.mark))
    return signal if len(reader.problems) == before else None


def _threshold(reader: RuleText, found: Map) -> Threshold | None:
    at = reader.map(found, "at", _AT)
    if at is None:
        return None
    plain: dict[str, Any] = {key: value for key, value in at.items() if key in _AT}
    try:
        return msgspec.convert(plain, ready(Threshold), strict=True)
    except msgspec.ValidationError as error:
        reader.wrong("wrong-threshold", t("The threshold cannot be read: {reason}.", reason=error), found.marks["at"])
        return None
