"""What all gates together say of one thing. Values only."""

from __future__ import annotations

import msgspec

from plumbline.model.contract import Slot, Subjects
from plumbline.model.gate import Evaluation, GateAct, Outcome

NOT_EVALUATED = "not-evaluated"  # no gate has looked at this revision yet


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome``: of all policies that decide, the worst. ``reason``: a code, where no check decided. ``waits``:
    something is still due that may come, until ``until`` (microseconds; 0: nobody knows). ``missing``: slots of the
    collection that are not full. ``page``: where people see it on this server."""

    outcome: Outcome
    act: GateAct
    project: int
    path: str  # of the project
    subjects: Subjects
    evaluations: tuple[Evaluation, ...] = ()
    missing: tuple[Slot, ...] = ()
    reason: str = ""
    waits: bool = False
    until: int = 0
    page: str = ""

    @property
    def passes(self) -> bool:
        """A waiver lets go on, and is told as one."""
        return self.outcome in (Outcome.PASS, Outcome.WAIVED)
