"""Rehearsals that somebody records, with the run that carried them out where there was one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import BAD, Live

from plumbline.flow.assessments.drills import Drill, record_drill
from plumbline.kernel import PlumblineError
from plumbline.model.fact import Lack
from plumbline.model.person import Role

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
ROLLBACKS = "successful-rollbacks-or-rollback-rehearsals"
RESTORE = "last-restore-rehearsal-time-until-service-is-back"


@pytest.fixture
def live(live: Live) -> Live:
    live.hire("ops", Role.OPERATOR)
    live.run()
    live.later(40)
    return live


def rehearse(live: Live, kind: str, outcome: str | None = None, **more: object) -> None:
    drill = Drill(kind=kind, outcome=outcome, **more)  # type: ignore[arg-type]
    record_drill(live.actor("ops"), live.assessments, live.project, drill)


def test_a_rollback_that_was_rehearsed_counts_if_it_worked(live: Live) -> None:
    assert live.fact(ROLLBACKS, 365).lack is Lack.NO_SOURCE
    rehearse(live, "rollback", "failure", reason="the older package was gone")
    assert live.fact(ROLLBACKS, 365).value == 0
    rehearse(live, "rollback", "success", environment="core/staging")
    assert live.fact(ROLLBACKS, 365).value == 1


def test_the_time_of_the_newest_restore_counts(live: Live) -> None:
    assert live.fact(RESTORE, 365).lack is Lack.NO_SOURCE
    rehearse(live, "restore", "success", seconds=1800)
    assert live.fact(RESTORE, 365).value == 1800
    rehearse(live, "restore", "failure")
    assert live.fact(RESTORE, 365).lack is Lack.TOO_FEW


def test_a_run_that_carried_it_out_says_how_it_went(live: Live) -> None:
    """Whatever whoever records it says."""
    bad = live.run({"build": BAD})
    rehearse(live, "rollback", "success", run=bad.uid)
    assert live.fact(ROLLBACKS, 365).value == 0
    good = live.run()
    rehearse(live, "restore", run=good.uid)
    assert 55 < (live.fact(RESTORE, 365).value or 0) < 70  # its one job took a minute


def test_what_nobody_carried_out_is_refused(live: Live) -> None:
    other = live.add("apps", "")
    for more, code in (
        ({"run": "no such run"}, "no-such-run"),
        ({"run": live.start(live.project).uid}, "no-such-run"),
        ({}, "drill-wrong"),
        ({"outcome": "success", "seconds": -1.0}, "drill-wrong"),
    ):
        with pytest.raises(PlumblineError) as caught:
            rehearse(live, "rollback", **more)
        assert (caught.value.code, caught.value.hint is not None) == (code, True)
    drill = Drill(kind="rollback", run=live.run().uid)
    with pytest.raises(PlumblineError):
        record_drill(live.root, live.assessments, other.id, drill)
    assert not live.events("drill.finished")
