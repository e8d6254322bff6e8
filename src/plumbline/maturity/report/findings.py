"""One criterion and what was found for it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging import STATEMENTS, probes
from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.shown import ShownCriterion, ShownEvent, ShownFinding
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack, Origin

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.assessment import Finding, Verdict

DAY = 86_400_000_000
_DECIDED = (Judgement.MET, Judgement.NOT_MET)


def criterion(verdict: Verdict, level: str, end: int, most_events: int, reason: str) -> ShownCriterion:
    """``end``: when the windows end. ``most_events``: so many event ids are named for each finding. ``reason``: of a
    waiver or of not applying, in words."""
    outcome = say.outcome_key(verdict.outcome, verdict.kind)
    basis = basis_of(verdict)
    note = reason
    if verdict.outgrown_by:
        note = str(t("No longer required: {id} is met.", id=verdict.outgrown_by))
    return ShownCriterion(
        id=verdict.criterion,
        level=level,
        text=say.capital(verdict.text),
        kind=verdict.kind,
        outcome=outcome,
        outcome_text=say.outcome_text(outcome),
        open=verdict.required and not verdict.holds,
        note=note,
        basis=basis,
        basis_text=str(say.BASES[basis]) if basis else "",
        remedy=str(verdict.remedy),
        effort=verdict.effort,
        effort_text=str(say.EFFORTS.get(verdict.effort, verdict.effort)),
        findings=tuple(_finding(one, verdict.kind, end, most_events) for one in verdict.findings),
    )


def basis_of(verdict: Verdict) -> str:
    """What a decided criterion rests on: the weakest of what decides it. Empty: it is not decided by findings."""
    if verdict.outcome not in _DECIDED:
        return ""
    deciding = [one for one in verdict.findings if one.binding and one.outcome is verdict.outcome]
    if any(one.probe in STATEMENTS for one in deciding):
        return "statement"
    if any(one.fact.origin is Origin.REPORTED for one in deciding):
        return "reported"
    return "computed" if deciding else ""


def _finding(finding: Finding, kind: str, end: int, most_events: int) -> ShownFinding:
    outcome = say.outcome_key(finding.outcome, kind)
    fact = finding.fact
    return ShownFinding(
        title=say.capital(finding.title),
        outcome=outcome,
        outcome_text=say.outcome_text(outcome),
        measured=str(_measured(finding)),
        limit=_limit(finding, kind),
        sample=_sample(finding),
        window=_window(finding, end),
        excluded=tuple(
            str(t("{count} left out: {reason}", count=count, reason=say.left_out(name)))
            for name, count in fact.excluded.items()
        ),
        origin=_origin(finding),
        note="" if finding.binding else str(t("For comparison only; it decides nothing.")),
        rule=finding.rule,
        events=tuple(ShownEvent(source=one.source, id=one.id) for one in fact.cited[:most_events]),
        total=fact.events,
        events_text=str(nt("{count} event", "{count} events", fact.events)) if fact.events else "",
    )


def _measured(finding: Finding) -> Text:
    if finding.probe in STATEMENTS:
        return _statement(finding)
    if finding.too_soon:
        return t("Watched for too few days to judge by.")
    if finding.lack is not None:
        return say.LACKS[finding.lack]
    if finding.measured is None:
        return t("The record has a form that this rule cannot judge.")
    amount = say.quantity(finding.measured, finding.unit, finding.limit)
    title = probes()[finding.probe].title
    fact = finding.fact
    if finding.probe == "share" and fact.numerator is not None and fact.denominator is not None:
        part, whole = say.number(fact.numerator), say.number(fact.denominator)
        return t("{title}: {amount} ({part} of {whole}).", title=title, amount=amount, part=part, whole=whole)
    if finding.probe == "count":
        return t("Count: {amount}.", amount=amount)
    return t("{title}: {amount}.", title=title, amount=amount)


def _statement(finding: Finding) -> Text:
    if finding.lack is Lack.STALE:
        return t("The statement on file has expired.")
    if finding.lack is not None or finding.fact.value is None:
        return t("No statement is on file.")
    if finding.fact.value > 0:
        return t("A valid statement is on file.")
    return t("A statement is on file, but no second person has accepted it.")


def _limit(finding: Finding, kind: str) -> str:
    if finding.limit is None:
        return ""
    limit = say.limit_text(finding.op, finding.limit, finding.unit)
    return str(t("The sign is: {limit}.", limit=limit) if kind == "sign" else t("Demanded: {limit}.", limit=limit))


def _sample(finding: Finding) -> str:
    """Only where there are cases: a state has none."""
    if finding.fact.values is None and (finding.probe != "share" or finding.fact.denominator is None):
        return ""
    return str(nt("{count} case", "{count} cases", finding.sample))


def _window(finding: Finding, end: int) -> str:
    window = finding.fact.window
    if finding.probe in STATEMENTS:
        return ""
    if window is None:
        return str(t("state on {day}", day=say.day(end)))
    begin, ended = say.day(window.begin), say.day(window.end)
    if finding.fact.asked_days:
        observed, asked = finding.fact.observed_days, finding.fact.asked_days
        return str(
            t("observed {days} of {asked} days ({begin} to {end})", days=observed, asked=asked, begin=begin, end=ended)
        )
    days = round((window.end - window.begin) / DAY)
    return str(t("last {days} days ({begin} to {end})", days=days, begin=begin, end=ended))


def _origin(finding: Finding) -> str:
    fact = finding.fact
    if finding.lack is not None and not fact.events:
        return ""
    if finding.probe in STATEMENTS:
        return str(say.BASES["statement"])
    if fact.origin is Origin.REPORTED:
        found = t("reported by {tool}", tool=fact.reporter) if fact.reporter else say.BASES["reported"]
    else:
        found = say.BASES["computed"]
    return f"{found}{t('; ')}{words}" if (words := say.words_of(fact)) else str(found)
