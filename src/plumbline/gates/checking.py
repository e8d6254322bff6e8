"""One check of a policy over facts. What is missing is no data, before anything is asked; nothing can say "skip"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.gates.facts import fact_types
from plumbline.gates.wording import lacking
from plumbline.judging import Defaults, find
from plumbline.judging.expressions import fits
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack
from plumbline.model.gate import CheckResult, FactValue, Outcome, Stage
from plumbline.model.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.gates.policy import Check

_MISSING = FactValue(lack=Lack.NO_SOURCE.value)
_DEFAULTS = Defaults()
_OUTCOMES = {
    Judgement.MET: Outcome.PASS,
    Judgement.NOT_MET: Outcome.FAIL,
    Judgement.UNKNOWN: Outcome.NO_DATA,
    Judgement.ERROR: Outcome.ERROR,
}
_Came = tuple[Outcome, Words | None, str]  # outcome, reason, detail


def checked(check: Check, facts: Mapping[str, FactValue], at: int, waiver: str = "") -> CheckResult:
    """``waiver``: uid of the one that is in force for this check here."""
    stage = check.stage(at)
    known = {name: facts.get(name, _MISSING) for name in check.asked}
    applies, came = _applies(check, known)
    if came is None:
        came = _looked(check, known)
    outcome, reason, detail = came
    judged = outcome
    used = bool(waiver) and outcome is not Outcome.PASS and applies and stage is Stage.ENFORCED
    good = outcome is Outcome.PASS or not applies
    return CheckResult(
        check=check.id,
        title=check.title,
        outcome=Outcome.WAIVED if used else outcome,
        judged=judged,
        reason=None if good else reason or check.reason,
        remedy=None if good else _remedy(check),
        detail=detail,
        needs=known,
        advisory=stage is not Stage.ENFORCED,
        stage=stage,
        applies=applies,
        rule=check.rule,
        maps=check.maps,
        waiver=waiver if used else "",
    )


def _remedy(check: Check) -> Words | None:
    return check.remedy or (check.built_in.remedy if check.built_in else None)


def _values(names: tuple[str, ...], known: Mapping[str, FactValue]) -> dict[str, Any] | str:
    """The values of these facts; the name of the first that is missing."""
    values: dict[str, Any] = {}
    for name in names:
        value = known[name]
        if value.lack or value.value is None:
            return name
        values[name] = value.value
    return values


def _applies(check: Check, known: Mapping[str, FactValue]) -> tuple[bool, _Came | None]:
    """Whether it is meant here. Nobody can tell: it is, and has no answer."""
    if check.applies is None:
        return True, None
    values = _values(check.applies.names, known)
    if isinstance(values, str):
        return True, _missing(values, known)
    answer = check.applies.ask(values)
    if answer.holds is None:
        return True, _threw(answer.why)
    return (True, None) if answer.holds else (False, (Outcome.NO_DATA, None, "not-applicable"))


def _looked(check: Check, known: Mapping[str, FactValue]) -> _Came:
    if check.signal is not None:
        return _signalled(check, known)
    values = _values(check.needs, known)
    if isinstance(values, str):
        return _missing(values, known)
    if check.condition is not None:
        answer = check.condition.ask(values)
        if answer.holds is None:
            return _threw(answer.why)
        return (Outcome.PASS if answer.holds else Outcome.FAIL), None, ""
    types = fact_types()
    for name, value in values.items():
        if not fits(value, types[name]):
            return _threw(f"{name}: {types[name].value}")
    assert check.built_in is not None  # noqa: S101 - a check is one of three
    found = check.built_in.look(check.given, values)
    return found.outcome, found.reason, found.detail


def _signalled(check: Check, known: Mapping[str, FactValue]) -> _Came:
    """By the code that grades by the same facts."""
    assert check.signal is not None  # noqa: S101
    value = known[check.signal.key]
    if value.measured is None:
        return _missing(check.signal.key, known)
    found = find(check.signal, value.measured, _DEFAULTS)
    return _OUTCOMES[found.outcome], None, f"{check.signal.key}: {found.lack}" if found.lack else ""


def _missing(name: str, known: Mapping[str, FactValue]) -> _Came:
    lack = known[name].lack or Lack.NO_SOURCE.value
    return Outcome.NO_DATA, lacking(name, lack), name


def _threw(why: str) -> _Came:
    reason = Words(en=f"The condition came to no answer: {why}.", zh=f"条件没有得出结果：{why}。")
    return Outcome.ERROR, reason, why
