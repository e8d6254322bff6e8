"""The server's own desk: what is set at the nodes of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.flow import serving
from plumbline.web.desk_base import DeskBase

if TYPE_CHECKING:
    from plumbline.web.desk import Visitor


class SettingsDesk(DeskBase):
    def change_setting(self, visitor: Visitor, node: int, key: str, value: object) -> None:
        with self._tools.store.change() as records:
            line = self._require(records, visitor, Permission.PROJECT_SETTINGS, node)
            serving.change_node(records, self._moment(), visitor.standing, line[0], settings={key: value})
