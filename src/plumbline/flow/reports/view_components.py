"""See what the newest bills of materials of a project list. Raises PlumblineError ``not-found``, ``not-allowed``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import project_for
from plumbline.model.report import Components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.model.report import Component
    from plumbline.model.reported import StoredReport
    from plumbline.model.tree import Node

_LOOKED_AT = 50  # reports


class ListedComponent(NamedTuple):
    report: StoredReport
    component: Component


class ComponentsSeen(NamedTuple):
    """``reports``: the newest of the default branch of each series and file; none: nothing is known."""

    project: Node
    reports: Sequence[StoredReport]
    components: Sequence[ListedComponent]


def view_components(actor: Actor, tools: ReportTools, project: int) -> ComponentsSeen:
    with tools.units.view(actor) as unit:
        node = project_for(unit, use_cases.VIEW_REPORTS, project)[0]
        newest: dict[tuple[str, str], StoredReport] = {}
        for one in unit.tx.reports.newest(project, "components", _LOOKED_AT, trunk=True):
            if not one.flagged and not one.problem:
                newest.setdefault((one.series, one.name), one)
        listed = [
            ListedComponent(report, each)
            for report in newest.values()
            if isinstance(content := unit.tx.reports.detail(report.id).content, Components)
            for each in content.components
        ]
        return ComponentsSeen(node, list(newest.values()), listed)
