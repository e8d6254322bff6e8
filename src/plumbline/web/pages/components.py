"""Components: what the newest bills of materials of a project list."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.reports.view_components import ListedComponent, view_components
from plumbline.kernel import t
from plumbline.model.person import fold
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Shown, api_command, shows
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.tree import find

_DRAWN = "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM11.2 9v4.5M9 11.2h4.5"
_KIND: ListKind[ListedComponent] = ListKind(
    "components",
    (
        Column("name", t("Component"), lambda row: row.component.name, sorts=True),
        Column("version", t("Version"), lambda row: row.component.version, sorts=True),
        Column("kind", t("Kind"), lambda row: row.component.kind, shown=False),
        Column("licences", t("Licences"), lambda row: ", ".join(row.component.licences), sorts=True),
        Column("purl", t("Package URL"), lambda row: row.component.purl),
        Column("uses", t("Uses"), lambda row: len(row.component.depends_on), number=True, sorts=True),
        Column("report", t("Report"), lambda row: row.report.name, shown=False),
    ),
    ("q", "licence"),
    key=lambda row: f"{row.report.id}|{row.component.ref}|{row.component.purl}|{row.component.name}",
)


@shows("/projects/{node:int}/components", use_case=use_cases.VIEW_REPORTS, slow=True, entries=(
    Entry("components", t("Components"), Group.PROTECT, kinds=PROJECTS, order=2, drawn=_DRAWN),))  # fmt: skip
def components(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    seen = view_components(ask.actor, ask.tools.reports, node.id)
    listing = listing_of(ask, _KIND)
    words, licence = fold(listing.chosen.get("q", "")), fold(listing.chosen.get("licence", ""))
    found = [
        row
        for row in seen.components
        if (not words or words in fold(f"{row.component.name} {row.component.version} {row.component.purl}"))
        and (not licence or licence in fold(", ".join(row.component.licences)))
    ]
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "reports": seen.reports,
        "listing": listing.with_all(found),
        "command": api_command(f"/projects/{node.id}/components"),
    }
    return Shown("components.html", values)


PART = (components,)
