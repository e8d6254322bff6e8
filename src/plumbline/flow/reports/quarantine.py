"""Put a test case into quarantine, and take it out. Rules:

1. It is executed, counted and shown as before: a quarantine changes no result and no verdict.
2. It has an owner, a reason and an end, and ends by itself.
3. Each begin, and each end before its time, is an event.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_delivery as events
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.reported import Quarantine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import CaseName

DAY = 86_400_000_000  # microseconds
LONGEST = 180 * DAY  # one that is needed for longer is renewed, or the test is mended
LONGEST_TEXT = 500  # characters of a reason or an owner


def quarantine_case(
    actor: Actor, tools: ReportTools, project: int, case: int, *, owner: str, reason: str, until: int
) -> Quarantine:
    """``until``: microseconds since the epoch. One that holds already is ended, and this one stands in its place.

    Raises PlumblineError ``quarantine-incomplete``, ``quarantine-end-wrong``.
    """
    owner, reason = owner.strip()[:LONGEST_TEXT], reason.strip()[:LONGEST_TEXT]
    with tools.units.change(actor) as unit:
        node = project_for(unit, use_cases.QUARANTINE_TEST, project)[0]
        found = _case(unit, project, case)
        if not owner or not reason:
            raise PlumblineError(
                "quarantine-incomplete",
                t("A quarantine needs an owner and a reason."),
                t("Say who mends the test, and why it fails."),
                kind=ErrorKind.REFUSED,
            )
        if not unit.now < until <= unit.now + LONGEST:
            raise PlumblineError(
                "quarantine-end-wrong",
                t("A quarantine ends in the future, and after {days} days at the latest.", days=LONGEST // DAY),
                t("Choose an earlier day; a quarantine can be renewed."),
                kind=ErrorKind.REFUSED,
            )
        for held in unit.tx.tests.quarantines(project, until_after=unit.now):
            if held.case == case:
                unit.tx.tests.end_quarantine(held.id, unit.now, actor.name)
        made = unit.tx.tests.add_quarantine(
            Quarantine(
                project=project, case=case, owner=owner, reason=reason, until=until, created=unit.now, by=actor.name
            )
        )
        content = events.TestQuarantined(
            case=subject_of_case(found), owner=owner, reason=reason, person=actor.name, until=timestamp(until)
        )
        unit.record(f"{node.path}/tests/{case}", content, node.path)
        return made


def release_case(actor: Actor, tools: ReportTools, project: int, case: int) -> None:
    """Take it out before its time. PlumblineError ``not-in-quarantine``."""
    with tools.units.change(actor) as unit:
        node = project_for(unit, use_cases.QUARANTINE_TEST, project)[0]
        found = _case(unit, project, case)
        held = [one for one in unit.tx.tests.quarantines(project, until_after=unit.now) if one.case == case]
        if not held:
            raise PlumblineError(
                "not-in-quarantine", t("{case} is not in quarantine.", case=found.title), kind=ErrorKind.REFUSED
            )
        for one in held:
            unit.tx.tests.end_quarantine(one.id, unit.now, actor.name)
        content = events.TestReleased(case=subject_of_case(found), person=actor.name)
        unit.record(f"{node.path}/tests/{case}", content, node.path)


def list_quarantines(actor: Actor, tools: ReportTools, project: int) -> Sequence[tuple[CaseName, Quarantine]]:
    """Those that hold, the one that ends first before others."""
    with tools.units.view(actor) as unit:
        project_for(unit, use_cases.VIEW_REPORTS, project)
        held = unit.tx.tests.quarantines(project, until_after=unit.now)
        names = unit.tx.tests.names({one.case for one in held})
        return [(names[one.case], one) for one in held if one.case in names]


def subject_of_case(case: CaseName) -> str:
    """As events of test runs name it."""
    return f"{case.file}::{case.title}"[:1000] if case.file else case.title[:1000]


def _case(unit: UnitOfWork, project: int, case: int) -> CaseName:
    found = unit.tx.tests.case(project, case)
    if found is None:
        raise not_found(t("There is no test case {case} in this project.", case=case))
    return found
