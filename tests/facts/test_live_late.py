"""Evidence that came in late is counted for each who told it, and a pack may refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import Live

from plumbline.model.assessment import Late
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
NAME = "production-deployments"


def deployed(live: Live, subject: str, ago: float) -> None:
    place = {"id": "core/production"}
    said = {"environment": place, "tier": "production", "outcome": "success", "intent": "deploy", "attempt": 1}
    live.told("deployment.finished", subject, said, ago=ago)


def test_the_share_that_came_late_is_counted_by_who_told_it(live: Live) -> None:
    live.run()
    live.later(40)
    for number in range(3):
        deployed(live, f"old {number}", 2)
    deployed(live, "new", 0.5)
    live.run()
    assert live.evidence().late == (Late(word="source:tool", late=3, events=4),)


def test_a_pack_refuses_what_came_late(live: Live) -> None:
    """Three of four is too much for it; what happened in another window is another matter."""
    deployed(live, "first", 0)
    live.later(40)
    for number in range(3):
        deployed(live, f"old {number}", 2)
    assert live.fact(NAME, 90).lack is None
    found = live.fact(NAME, 90, most_late=0.5)
    assert (found.lack, found.value, found.numerator, found.sources) == (Lack.LATE, None, None, ("source:tool",))
    assert live.fact(NAME, 90, most_late=0.75).lack is None
    live.later(35)
    deployed(live, "new", 0)
    assert live.fact(NAME, 30, most_late=0).lack is None


def test_what_a_repository_shows_is_never_late(live: Live) -> None:
    """Its commits are years old, and are looked at today."""
    live.observe()
    assert live.evidence().has("commit.observed")
    assert live.evidence().late == ()
    assert live.fact("commits-linked-to-a-work-item", 5000, most_late=0).lack is not Lack.LATE
