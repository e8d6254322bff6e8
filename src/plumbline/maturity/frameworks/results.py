"""What came of each requirement, in the words that control frameworks share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from plumbline.judging import STATEMENTS
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.maturity.pack import Criterion, Item, PackFile
    from plumbline.model.assessment import Assessment, Finding, Verdict


class Result(StrEnum):
    """``NOT_RUN``: nobody who could tell is connected, or nobody stated anything. ``UNKNOWN``: somebody is, and what
    was told does not decide it; and whatever is bound to nothing."""

    PASSED = "Passed"
    FAILED = "Failed"
    NEEDS_REVIEW = "Needs Review"
    NOT_APPLICABLE = "Not Applicable"
    NOT_RUN = "Not Run"
    UNKNOWN = "Unknown"


# Of several, the first that is among them; what does not apply says nothing where something does.
_WORST = (Result.FAILED, Result.UNKNOWN, Result.NEEDS_REVIEW, Result.NOT_RUN, Result.PASSED, Result.NOT_APPLICABLE)
_SILENT = (Lack.NO_SOURCE, Lack.NOT_SUPPORTED)


class RequirementResult(NamedTuple):
    """``waived``: people set it aside; ``result`` is what it is without that."""

    item: Item
    level: str
    criterion: Criterion
    verdict: Verdict
    result: Result
    waived: bool


def together(results: Iterable[Result]) -> Result:
    found = set(results)
    return next((one for one in _WORST if one in found), Result.UNKNOWN)


def result_of(verdict: Verdict) -> Result:
    """``PASSED`` if and only if it is met."""
    if verdict.outcome is Judgement.MET:
        return Result.PASSED
    if verdict.outcome is Judgement.NOT_APPLICABLE:
        return Result.NOT_APPLICABLE
    found = together(_of(one) for one in verdict.findings if one.binding)
    return Result.UNKNOWN if found is Result.PASSED else found


def _of(finding: Finding) -> Result:
    if finding.outcome is Judgement.MET:
        return Result.PASSED
    if finding.outcome is Judgement.NOT_MET:
        waits = finding.probe == STATEMENTS[0] and finding.lack is None and finding.fact.value == 0
        return Result.NEEDS_REVIEW if waits else Result.FAILED
    return Result.NOT_RUN if finding.outcome is Judgement.UNKNOWN and finding.lack in _SILENT else Result.UNKNOWN


def results(made: Assessment, pack: PackFile) -> Iterator[RequirementResult]:
    """Of every requirement that is asked for. An item that does not apply has requirements that do not."""
    by_item = {one.id: one for one in made.every_item()}
    for id_, (item, level, criterion) in pack.criteria.items():
        grade = by_item.get(item.id)
        verdict = next((one for one in grade.verdicts if one.criterion == id_), None) if grade else None
        if grade is None or verdict is None:
            continue
        result = result_of(verdict) if grade.applies else Result.NOT_APPLICABLE
        yield RequirementResult(item, level, criterion, verdict, result, verdict.outcome is Judgement.WAIVED)
