"""The server's own desk: assessments, their reports, and where in the ledger their evidence stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.assessments.grades import Grades
from plumbline.kernel import language
from plumbline.web.desk_base import DeskBase

if TYPE_CHECKING:
    from plumbline.model.fact import Cited
    from plumbline.web.desk import Visitor


class AssessmentDesk(DeskBase):
    @property
    def grades(self) -> Grades:
        return Grades(self._tools)

    def report(self, visitor: Visitor, seq: int, form: str) -> bytes:
        _, made = self.grades.assessment(visitor.standing, seq)
        return self._tools.render_assessment(made, language(), form)

    def entry_of(self, cited: Cited) -> int:
        found = self._tools.ledger.find(cited.source, cited.id)
        return found.seq if found is not None else 0
