"""Resource groups of a project: who has them, and in which order pipelines get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.pipelines.look_up import check_project, project_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import ProcessMode, Resource


def list_resource_groups(actor: Actor, server: Server, project: int) -> Sequence[Resource]:
    """Those that a job had, or whose mode was set. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.LIST_RESOURCE_GROUPS, project)
        return unit.tx.resources.of(project)


def set_process_mode(actor: Actor, server: Server, project: int, group: str, mode: ProcessMode) -> Resource:
    """In which order pipelines get a resource group from now on; also of one that no job asked for yet.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``not-a-project``.
    """
    with server.units.change(actor) as unit:
        node = project_for(unit, use_cases.WRITE_RESOURCE_GROUP, project)[0]
        check_project(node)
        found = unit.tx.resources.get(project, group)
        if found.mode is not mode:
            unit.tx.resources.set_mode(project, group, mode)
            fields = (f"resource_group/{group}",)
            unit.record(node.path, events.NodeChanged(path=node.path, fields=fields, by=actor.name))
    server.wake()  # it may be the turn of another job
    return msgspec.structs.replace(found, mode=mode)
