"""The server's own desk: what starts pipelines by the clock. Goes with the desk; pages call these verbs themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipelines import schedules as flow
from plumbline.kernel import t
from plumbline.web.desk import ScheduleRow
from plumbline.web.desk_base import DeskBase, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.server import Schedule, StoredPipeline
    from plumbline.web.desk import Visitor


class SchedulesDesk(DeskBase):
    def schedules(self, visitor: Visitor, project: int) -> Sequence[ScheduleRow]:
        found = flow.list_schedules(visitor.standing, self._tools.pipelines, project)
        return [ScheduleRow(one.schedule, one.owner, one.runs) for one in found]

    def put_schedule(self, visitor: Visitor, schedule: Schedule) -> None:
        flow.put_schedule(visitor.standing, self._tools.pipelines, schedule)

    def schedule(self, visitor: Visitor, schedule: int) -> Schedule:  # noqa: ARG002
        raise not_found(t("There is no schedule {schedule}.", schedule=schedule))  # no page asks any more

    def remove_schedule(self, visitor: Visitor, schedule: int) -> None:
        flow.remove_schedule(visitor.standing, self._tools.pipelines, schedule)

    def play_schedule(self, visitor: Visitor, schedule: int) -> StoredPipeline:
        return flow.play_schedule(visitor.standing, self._tools.pipelines, schedule)
