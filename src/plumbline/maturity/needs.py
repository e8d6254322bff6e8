"""What would make a criterion hold here: a practice, a source to connect, a statement; or nothing that can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from plumbline.judging import STATEMENTS
from plumbline.model.assessment import Judgement, NeedKind, StepNeed
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.model.assessment import Finding, Verdict

# By the name of a fact, the kinds of event that nobody connected here tells and that it takes: one of each group.
Unheard: TypeAlias = Mapping[str, tuple[tuple[str, ...], ...]]


def needs_of(verdict: Verdict, unheard: Unheard) -> tuple[StepNeed, ...]:
    """What it takes, of each kind once; none where this version could not see it whatever is done."""
    wanting = [one for one in verdict.findings if one.binding and one.outcome is not Judgement.MET]
    if not wanting or any(one.lack is Lack.NOT_SUPPORTED for one in wanting):
        return ()
    kinds: dict[NeedKind, dict[tuple[str, ...], None]] = {}
    for one in wanting:
        missing = unheard.get(one.fact.name, ())
        kinds.setdefault(_kind(one, missing), {}).update(dict.fromkeys(missing))
    return tuple(StepNeed(criterion=verdict.criterion, kind=kind, kinds=tuple(found)) for kind, found in kinds.items())


def can_be_shown(verdict: Verdict, unheard: Unheard) -> bool:
    """Whether what is done, or said, here would be seen with what is connected now."""
    found = needs_of(verdict, unheard)
    return bool(found) and not any(one.kinds for one in found)


def _kind(finding: Finding, missing: tuple[tuple[str, ...], ...]) -> NeedKind:
    if finding.probe in STATEMENTS:
        return NeedKind.STATEMENT
    return NeedKind.SOURCE if missing else NeedKind.PRACTICE
