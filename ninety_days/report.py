"""What of a grade is decided from records, and why the rest is not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.facts import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ninety_days.bank import Door

LEVELS = ("3", "2")
_STATED = ("statement", "no_statement")  # probes of what people say
_DECIDED = ("met", "not_met")


class Demand(NamedTuple):
    """One demand of a level. ``findings``: what each of its signals found."""

    level: str
    item: str
    criterion: str
    outcome: str
    findings: Sequence[dict[str, Any]]

    @property
    def decided(self) -> bool:
        """From records: it is met without anybody's statement, or a record shows that it is not."""
        if self.outcome == "met":
            return all(finding["probe"] not in _STATED for finding in self.findings)
        return self.outcome == "not_met" and any(_is_decisive(finding) for finding in self.findings)

    @property
    def stated(self) -> bool:
        """It is decided, and what people stated and accepted has a part in it."""
        return self.outcome in _DECIDED and not self.decided

    @property
    def reported(self) -> bool:
        """It rests on a figure that another tool computed."""
        return any(finding["fact"].get("origin") == "reported" for finding in self.findings)


def demands(assessor: Door, record: int) -> list[Demand]:
    """Those of levels 2 and 3 of an assessment, in the order of the model."""
    made = assessor.get(f"/api/v1/assessments/{record}")["assessment"]
    return [
        Demand(level["level"], item["id"], one["criterion"], one["outcome"], one["findings"])
        for item in _items(made["groups"])
        for level in item["levels"]
        for one in level["verdicts"]
        if level["level"] in LEVELS and one["kind"] == "demand"
    ]


def tell(name: str, found: Sequence[Demand]) -> None:
    """Print the figures of one team, and for each demand what decides it, or why nothing does."""
    print(f"\n{name}")
    of = {level: [one for one in found if one.level == level] for level in LEVELS}
    decided = {level: [one for one in of[level] if one.decided] for level in LEVELS}
    third, second = (f"{len(decided[level])} of the {len(of[level])}" for level in LEVELS)
    print(f"{third} demands of level 3 and {second} of level 2 are decided from records")
    for level in LEVELS:
        outcomes = Counter(one.outcome for one in decided[level])
        print(f"  level {level}: {outcomes['met']} met, {outcomes['not_met']} not met;", end=" ")
        print(f"{sum(one.reported for one in decided[level])} of them by figures of other tools")
    more = [sum(one.decided or one.stated for one in of[level]) for level in LEVELS]
    print(f"  with statements that a second person accepted: {more[0]} and {more[1]}")
    for one in found:
        mark = one.outcome.replace("_", " ") if one.decided else "stated" if one.stated else "-"
        print(f"  {one.level}  {one.criterion:14} {mark:8} {'; '.join(_reasons(one))}")


def _reasons(demand: Demand) -> Iterator[str]:
    for finding in demand.findings:
        fact = finding["fact"]
        if finding["probe"] in _STATED:
            yield f"{finding['outcome'].replace('_', ' ')} by a statement"
        elif finding["outcome"] in _DECIDED:
            yield f"{finding['outcome'].replace('_', ' ')} by {', '.join(_kinds(fact))}"
        else:
            yield f"{fact['name']}: {fact.get('lack') or finding['outcome']}"


def _kinds(fact: dict[str, Any]) -> Iterator[str]:
    if fact.get("origin") == "reported":
        yield f"measurement.recorded of {fact['reporter']}"
        return
    definition = definitions().get(fact["name"].partition("@")[0])
    for group in (definition.needs, *definition.also) if definition else ():
        yield "/".join(group)


def _is_decisive(finding: dict[str, Any]) -> bool:
    return finding["outcome"] == "not_met" and finding["probe"] not in _STATED


def _items(groups: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for group in groups:
        yield from group.get("items", ())
        yield from _items(group.get("groups", ()))
