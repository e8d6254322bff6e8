"""The projects below a node, or of all that somebody may see, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.standings import list_projects
from plumbline.kernel import t
from plumbline.model.job import State
from plumbline.model.person import fold
from plumbline.model.tree import NodeKind
from plumbline.web.files import Moment
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, shows
from plumbline.web.places import GROUPS, Entry, Group, Where
from plumbline.web.states import NONE, look_of, title
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.server import PipelineBrief
    from plumbline.model.tree import Node


class ProjectRow(NamedTuple):
    """``trunk``: the newest pipeline of its default branch."""

    project: Node
    trunk: PipelineBrief | None

    @property
    def look(self) -> str:
        return look_of(self.trunk) if self.trunk is not None else NONE


_KIND: ListKind[ProjectRow] = ListKind(
    "projects",
    (
        Column("name", t("Project"), lambda row: row.project.title or row.project.name, sorts=True),
        Column("path", t("Path"), lambda row: row.project.path, sorts=True),
        Column("state", t("State"), lambda row: title(row.look), sorts=True),
        Column("ref", t("Ref"), lambda row: row.trunk.ref if row.trunk else None, sorts=True),
        Column("created", t("Last pipeline"), lambda row: Moment(row.trunk.created) if row.trunk else None, sorts=True,
               number=True, unit="UTC"),
    ),
    ("q", "state"),
    key=lambda row: str(row.project.id),
)  # fmt: skip
_DRAWN = "M2.5 4h4l1.5 1.5h5.5v7.5h-11z"


@shows("/projects", use_case=use_cases.LIST_PIPELINES, entries=(
    Entry("projects", t("Projects"), Group.BUILD, Where.ESTATE, order=5, drawn=_DRAWN),))  # fmt: skip
def every(ask: Ask) -> Shown | Raw:
    return _shown(ask, None, ())


@shows("/nodes/{node:int}/projects", use_case=(use_cases.VIEW_NODE, use_cases.LIST_PIPELINES), entries=(
    Entry("projects", t("Projects"), Group.BUILD, kinds=GROUPS, order=5, drawn=_DRAWN),))  # fmt: skip
def below(ask: Ask) -> Shown | Raw | Redirect:
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}")
    return _shown(ask, node.id, ancestors)


def _shown(ask: Ask, node: int | None, ancestors: Sequence[Node]) -> Shown | Raw:
    listing = listing_of(ask, _KIND)
    words, state = fold(listing.chosen.get("q", "")), listing.chosen.get("state", "")
    found = [
        row
        for project, standing in list_projects(ask.actor, ask.tools.pipelines, node)
        if (row := ProjectRow(project, standing.trunk))
        and (not words or words in fold(f"{project.path} {project.title}"))
        and (not state or state in (row.look, row.trunk.state if row.trunk else NONE))
    ]
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    values = {
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_all(found),
        "states": [(one, title(one)) for one in (*State, NONE)],
        "command": api_command("/nodes"),
    }
    return Shown("projects.html", values)


PART = (every, below)
