"""The story of two teams: what the grade can see of them, the same by the same seed, in a ledger that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ninety_days.report import Demand, tell
from ninety_days.story import live

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAYS, CHANGES = 30, 1  # a fact over a longer time is answered from 28 days on


def figures(found: Sequence[Demand]) -> dict[str, int]:
    return {level: sum(one.decided for one in found if one.level == level) for level in ("3", "2")}


@pytest.mark.slow
@pytest.mark.long
def test_both_teams_are_decided_from_records_and_the_same_seed_decides_the_same(tmp_path: Path) -> None:
    stories = [live(tmp_path / name, "7", DAYS, CHANGES) for name in ("one", "again")]
    story = stories[0]
    assert [one.wrong for one in stories] == ["", ""]
    assert (len(story.steady), len(story.hasty)) == (171, 171)
    steady, hasty = figures(story.steady), figures(story.hasty)
    assert [steady[level] >= least for level, least in (("3", 19), ("2", 12))] == [True, True], steady
    assert [hasty[level] >= least for level, least in (("3", 10), ("2", 10))] == [True, True], hasty
    for team in ("steady", "hasty"):
        one, again = ([(one.criterion, one.outcome) for one in getattr(each, team)] for each in stories)
        assert one == again
    outcomes = {one.criterion: one.outcome for one in story.steady}
    others = {one.criterion: one.outcome for one in story.hasty}
    for criterion in ("cd.1.2.1-2b", "cd.2.1.3-2a", "cd.4.1.1-3a", "cd.4.2.2-2a"):  # items, schedules, steps, stages
        assert (outcomes[criterion], others[criterion]) == ("met", "not_met"), criterion


def finding(outcome: str, probe: str = "share", origin: str = "computed") -> dict[str, Any]:
    fact = {"name": "merges-with-human-review", "origin": origin, "reporter": "https://tool.example", "lack": None}
    return {"probe": probe, "outcome": outcome, "fact": fact}


@pytest.mark.parametrize(
    ("outcome", "findings", "decided", "stated"),
    [
        ("met", [finding("met")], True, False),
        ("met", [finding("met"), finding("met", "statement")], False, True),
        ("not_met", [finding("not_met"), finding("unknown", "statement")], True, False),
        ("not_met", [finding("met"), finding("not_met", "statement")], False, True),
        ("unknown", [finding("met"), finding("unknown")], False, False),
        ("waived", [finding("not_met")], False, False),
        ("error", [finding("error")], False, False),
    ],
)
def test_what_people_say_decides_nothing_from_records(
    outcome: str, findings: list[dict[str, Any]], decided: bool, stated: bool
) -> None:
    demand = Demand("2", "cd.1.2.1", "cd.1.2.1-2c", outcome, findings)
    assert (demand.decided, demand.stated) == (decided, stated)


def test_figures_and_reasons_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        Demand("2", "a", "a-2a", "met", [finding("met")]),
        Demand("3", "a", "a-3a", "met", [finding("met", origin="reported")]),
        Demand("3", "b", "b-3a", "unknown", [{**finding("unknown"), "fact": {"name": "x", "lack": "no_source"}}]),
    ]
    tell("A team", found)
    said = capsys.readouterr().out
    assert "1 of the 2 demands of level 3 and 1 of the 1 of level 2 are decided from records\n" in said
    assert "level 3: 1 met, 0 not met; 1 of them by figures of other tools" in said
    assert "met by change.merged\n" in said
    assert "met by measurement.recorded of https://tool.example\n" in said
    assert "x: no_source\n" in said
