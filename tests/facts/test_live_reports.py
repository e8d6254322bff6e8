"""Reports that are handed out by this server and by other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import Live

from plumbline.evidence import timestamp
from plumbline.flow.assessments.assess_node import assess_node
from plumbline.flow.assessments.report import hand_out_report
from plumbline.model.fact import Lack
from plumbline.model.person import Role

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
MADE, TEMPLATE, AGE = (
    "reports-generated-by-the-system",
    "reports-built-from-a-registered-template",
    "age-of-the-data-behind-reports-median",
)


@pytest.fixture
def live(live: Live) -> Live:
    live.run()
    return live.watched()


def test_a_report_is_told_once_a_day_to_each_who_takes_it(live: Live) -> None:
    ann, bob = live.hire("ann", Role.ASSESSOR), live.hire("bob", Role.VIEWER)
    opened = assess_node(ann, live.assessments, live.project, "collaboration")
    for actor, form in ((ann, "full pdf"), (ann, "full pdf"), (ann, "full html"), (bob, "full pdf")):
        hand_out_report(actor, live.assessments, opened.record.seq, form)
    assert len(live.events("report.made")) == 3
    live.later(1)
    hand_out_report(ann, live.assessments, opened.record.seq, "full pdf")
    assert len(live.events("report.made")) == 4
    assert live.share(MADE, 90) == live.share(TEMPLATE, 90) == (4, 4)
    first, *_, last = live.fact(AGE, 90).values or ()
    assert first == pytest.approx(0, abs=60)
    assert last == pytest.approx(86_400, abs=60)


def test_a_report_of_another_tool_says_how_it_was_made(live: Live) -> None:
    assert live.fact(MADE, 90).lack is live.fact(TEMPLATE, 90).lack is live.fact(AGE, 90).lack is Lack.NO_SOURCE
    live.told("report.made", "weekly", {"byHand": True})
    assert live.share(MADE, 90) == live.share(TEMPLATE, 90) == (0, 1)
    assert live.fact(AGE, 90).lack is Lack.TOO_FEW
    old = timestamp(live.clock() - 7 * 86_400_000_000)
    live.told("report.made", "weekly", {"template": "board/2", "dataAsOf": old})
    assert live.share(MADE, 90) == live.share(TEMPLATE, 90) == (1, 2)
    assert live.fact(AGE, 90).values == (pytest.approx(7 * 86_400, abs=60),)
