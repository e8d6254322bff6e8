"""One criterion: what its facts say together, exemptions and higher criteria included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.judging import find, together
from plumbline.model.assessment import Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.judging import Defaults
    from plumbline.maturity.pack import Criterion
    from plumbline.model.fact import Exemption, Fact


def judge(criterion: Criterion, facts: Mapping[str, Fact], defaults: Defaults, exempt: Exemption | None) -> Verdict:
    """The verdict on one criterion. A fact that nobody asked for is an error here, not a met criterion."""
    findings = tuple(find(signal, facts.get(signal.key), defaults) for signal in criterion.signals)
    outcome, reason = together(findings), ""
    if exempt is not None and outcome is not Judgement.MET:
        outcome = Judgement.WAIVED if exempt.applies else Judgement.NOT_APPLICABLE
        names = exempt.person + (f", {exempt.second}" if exempt.second else "")
        reason = f"{exempt.reason} ({names})"
    return Verdict(
        criterion=criterion.id,
        text=criterion.text,
        kind=criterion.kind,
        outcome=outcome,
        findings=findings,
        remedy=criterion.remedy,
        effort=criterion.effort,
        required=criterion.kind == "demand",
        reason=reason,
    )


def outgrown(criteria: Iterable[Criterion], verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """The verdicts, where one that a met higher criterion replaces is no longer required."""
    found = dict(verdicts)
    for criterion in criteria:
        by = next((other for other in criterion.replaced_by if verdicts[other].outcome is Judgement.MET), "")
        if by:
            found[criterion.id] = msgspec.structs.replace(found[criterion.id], required=False, outgrown_by=by)
    return found
