"""Who holds which rights on this server, as the ledger tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import ROLES
from plumbline.model.person import Role
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.access import Permission
    from plumbline.model.fact import Cited
    from plumbline.trace import Seen

_EVERYWHERE = "/"


class Rights:
    """``events``: of this server about roles of persons, and about who is switched off: they keep roles of no use."""

    def __init__(self, events: Iterable[Seen] = ()) -> None:
        self._grants: dict[tuple[str, Role, str], Cited] = {}
        self._off: set[str] = set()
        for one in sorted(events, key=lambda one: one.time):
            said = one.content
            if one.what == "person.deactivated":
                self._off.add(one.subject)
                continue
            if one.what == "person.reactivated":
                self._off.discard(one.subject)
                continue
            try:
                grant = (str(said.get("person", "")), Role(str(said.get("role", ""))), str(said.get("node", "")))
            except ValueError:
                continue  # a role of another version gives nothing here
            if one.what == "role.granted":
                self._grants[grant] = one.cited
            else:
                self._grants.pop(grant, None)

    def holders(self, path: str, permission: Permission | None = None) -> Mapping[str, Cited]:
        """Persons with this permission at a node (None: with any role), each with an event that gave it."""
        return {
            person: cited
            for (person, role, node), cited in sorted(self._grants.items(), reverse=True)
            if person not in self._off
            and (node == _EVERYWHERE or is_within(path, node))
            and (permission is None or permission in ROLES[role].permissions)
        }
