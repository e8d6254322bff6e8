"""An assessment by the number of its entry in the ledger, as commands are given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.flow.assessments.assess_ledger import Record
    from plumbline.flow.assessments.tools import AssessmentTools


def record_of(tools: AssessmentTools, seq: int | None) -> Record:
    """The newest without a number. Raises PlumblineError ``no-such-assessment``."""
    from plumbline.flow.assessments.assess_ledger import records

    made = records(tools)
    found = next((one for one in made if seq in (None, one.seq)), None)
    if found is None:
        number = seq or 0
        nearest = min((one.seq for one in made), key=lambda one: abs(one - number), default=None)
        raise PlumblineError(
            "no-such-assessment",
            t("Entry {number} of the ledger is no assessment.", number=number)
            if made
            else t("The ledger has no assessment."),
            t("The nearest is {nearest}; `plumb assess list` shows all.", nearest=nearest)
            if made
            else t("`plumb assess now NODE` makes one."),
            kind=ErrorKind.REFUSED,
        )
    return found
