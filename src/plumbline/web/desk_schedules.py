"""The server's own desk: what starts pipelines by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Permission, allows
from plumbline.flow.pipelines.schedules import play_schedule
from plumbline.flow.tree.bind_repository import put_schedule, remove_schedule
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import t
from plumbline.web.desk import ScheduleRow
from plumbline.web.desk_base import DeskBase, not_found, nothing_to_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Schedule, StoredPipeline
    from plumbline.model.tree import Node
    from plumbline.web.desk import Visitor


class SchedulesDesk(DeskBase):
    def schedules(self, visitor: Visitor, project: int) -> Sequence[ScheduleRow]:
        with self._tools.store.view() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_VIEW, project)
            return [_row(tx, ancestors, schedule) for schedule in tx.schedules.of(project)]

    def put_schedule(self, visitor: Visitor, schedule: Schedule) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.SCHEDULE_WRITE, schedule.project)
            put_schedule(tx, self._moment(), visitor.standing, ancestors[0], schedule)

    def schedule(self, visitor: Visitor, schedule: int) -> Schedule:
        with self._tools.store.view() as tx:
            return self._schedule(tx, visitor, schedule, Permission.PROJECT_VIEW)[0]

    def remove_schedule(self, visitor: Visitor, schedule: int) -> None:
        with self._tools.store.change() as tx:
            found, line = self._schedule(tx, visitor, schedule, Permission.SCHEDULE_WRITE)
            remove_schedule(tx, self._moment(), visitor.standing, line[0], found)

    def play_schedule(self, visitor: Visitor, schedule: int) -> StoredPipeline:
        with self._tools.store.view() as tx:
            found, _ = self._schedule(tx, visitor, schedule, Permission.PIPELINE_RUN)
        made = play_schedule(self._tools.pipelines, found, by=visitor.person.id)
        if made is None:
            raise nothing_to_run()
        return made

    def _schedule(
        self, tx: Transaction, visitor: Visitor, schedule: int, permission: Permission
    ) -> tuple[Schedule, Sequence[Node]]:
        found = tx.schedules.get(schedule)
        if found is None:
            raise not_found(t("There is no schedule {schedule}.", schedule=schedule))
        return found, self._require(tx, visitor, permission, found.project)


def _row(tx: Transaction, ancestors: Sequence[Node], schedule: Schedule) -> ScheduleRow:
    owner = actor_of(tx, schedule.owner)
    if owner is None:
        return ScheduleRow(schedule, "", runs=not schedule.owner)
    name = owner.person.title or owner.person.name
    return ScheduleRow(schedule, name, runs=allows(owner, Permission.PIPELINE_RUN, ancestors))
