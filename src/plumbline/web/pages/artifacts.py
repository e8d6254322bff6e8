"""What repositories and packages there are, and the versions of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.artifacts.packages import of_stored
from plumbline.flow.artifacts.list_artifacts import RepositoryRow, list_artifacts, list_tagged, list_versions
from plumbline.flow.tree.read_tree import list_nodes, permitted
from plumbline.kernel import t
from plumbline.model.artifact import Artifact, Kind, Stage
from plumbline.model.person import fold
from plumbline.model.tree import INSTANCE, NodeKind
from plumbline.web.artifact_words import KINDS, image_commands, push_commands, row_path, what_is
from plumbline.web.files import Moment
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Shown, api_command, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.reported import STAGES
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.tree import Node

DRAWN = "M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 7.8l5.5-3M8 7.8v6.4"


class VersionRow(NamedTuple):
    """A tag of an image, or a file of a version of a package; ``name`` empty: it has no tag."""

    name: str
    file: str
    artifact: Artifact
    moved: int
    by: str
    stages: Sequence[Stage]


_HELD: ListKind[RepositoryRow] = ListKind(
    "artifacts",
    (
        Column("name", t("Name"), lambda row: row.package or row.address, sorts=True),
        Column("project", t("Project"), lambda row: row.path, sorts=True),
        Column("kind", t("Kind"), lambda row: str(KINDS[_kind(row)])),
        Column("newest", t("Newest"), lambda row: row.newest),
        Column("digest", t("Digest"), lambda row: row.digest),
        Column("count", t("Versions"), lambda row: row.count, sorts=True, number=True),
        Column("size", t("Size"), lambda row: row.size, sorts=True, number=True, unit="B"),
        Column("by", t("Pushed by"), lambda row: row.by, shown=False),
        Column("pushed", t("Pushed"), lambda row: Moment(row.at), sorts=True, number=True, unit="UTC"),
    ),
    ("q", "kind"),
    key=lambda row: f"{row.address}|{row.package}",
)
_VERSIONS: ListKind[VersionRow] = ListKind(
    "versions",
    (
        Column("name", t("Version"), lambda row: row.name, sorts=True),
        Column("file", t("File"), lambda row: row.file),
        Column("digest", t("Digest"), lambda row: row.artifact.digest),
        Column("kind", t("Kind"), lambda row: str(what_is(row.artifact))),
        Column("stages", t("Earned"), lambda row: ", ".join(str(STAGES[one]) for one in row.stages)),
        Column("commit", t("Commit"), lambda row: row.artifact.origin.commit),
        Column("by", t("Pushed by"), lambda row: row.by),
        Column("size", t("Size"), lambda row: row.artifact.size, sorts=True, number=True, unit="B"),
        Column("pushed", t("Pushed"), lambda row: Moment(row.moved), sorts=True, number=True, unit="UTC"),
    ),
    ("name", "q", "untagged"),
    key=lambda row: f"{row.name}|{row.file}|{row.artifact.digest}",
)


@shows("/artifacts", use_case=use_cases.LIST_REPOSITORIES, slow=True, entries=(
    Entry("artifacts", t("Artifacts"), Group.BUILD, Where.ESTATE, order=6, drawn=DRAWN),))  # fmt: skip
def everywhere(ask: Ask) -> Shown | Raw:
    return _shown(ask, None, ())


@shows("/nodes/{node:int}/artifacts", use_case=use_cases.LIST_ARTIFACTS, slow=True, entries=(
    Entry("artifacts", t("Artifacts"), Group.BUILD, order=6, drawn=DRAWN),))  # fmt: skip
def below(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    return _shown(ask, node, ancestors)


def _shown(ask: Ask, node: Node | None, ancestors: Sequence[Node]) -> Shown | Raw:
    listing = listing_of(ask, _HELD)
    words, kind = fold(listing.chosen.get("q", "")), listing.chosen.get("kind", "")
    found = [
        row
        for row in list_artifacts(ask.actor, ask.tools.artifacts, node.id if node else INSTANCE)
        if (not words or words in fold(f"{row.address} {row.package} {row.newest}")) and kind in ("", _kind(row))
    ]
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    project = node is not None and node.kind is NodeKind.PROJECT
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_all(found),
        "row_path": row_path,
        "kind_of": _kind,
        "kinds": KINDS,
        "offered": [(one.value, KINDS[one]) for one in (Kind.OCI, Kind.GENERIC)],
        "projects": {one.id: one for one in list_nodes(ask.actor, ask.tools.tree)},
        "project": project,
        "robots": project and permitted(ask.actor, ask.tools.tree, node.id, use_cases.LIST_ROBOTS)[0] if node else 0,
        "commands": push_commands(ask, node.path, node.id) if project and node else (),
        "command": api_command(f"/nodes/{node.id}/artifacts" if node else "/artifacts"),
    }
    return Shown("artifacts.html", values)


def _kind(row: RepositoryRow) -> Kind:
    return Kind.GENERIC if row.package else Kind.OCI


@shows("/projects/{node:int}/repository", use_case=use_cases.LIST_ARTIFACTS, inside="artifacts", slow=True)
def repository(ask: Ask) -> Shown | Raw:
    """``name``: what follows the path of the project."""
    node, ancestors = find(ask, ask.numbers["node"])
    name = ask.text("name").strip()
    untagged = bool(ask.query.get("untagged"))
    found = list_tagged(ask.actor, ask.tools.artifacts, node.id, name, untagged=untagged)
    rows = [VersionRow(one.tag, "", one.artifact, one.moved, one.by, one.stages) for one in found]
    address = f"{node.path}/{name}".lower().rstrip("/")
    newest = next((f":{one.name}" for one in rows if one.name), "")
    commands = image_commands(ask, address, newest or ":TAG")
    others = 0 if rows or untagged else len(list_tagged(ask.actor, ask.tools.artifacts, node.id, name, untagged=True))
    more = {"title": address, "kind": Kind.OCI, "commands": commands, "others": others}
    return _versions(ask, node, ancestors, rows, more)


@shows("/projects/{node:int}/package", use_case=use_cases.LIST_ARTIFACTS, inside="artifacts", slow=True)
def package(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    name = ask.text("name").strip()
    rows = [
        VersionRow(row.version, of_stored(file.name, file.version).file, file, file.created, file.origin.by, row.stages)
        for row in list_versions(ask.actor, ask.tools.artifacts, node.id, name)
        for file in (row.artifact,)
    ]
    return _versions(ask, node, ancestors, rows, {"title": name, "kind": Kind.GENERIC, "commands": ()})


def _versions(
    ask: Ask, node: Node, ancestors: Sequence[Node], rows: Sequence[VersionRow], more: dict[str, object]
) -> Shown | Raw:
    listing = listing_of(ask, _VERSIONS)
    words = fold(listing.chosen.get("q", ""))
    found = [one for one in rows if not words or words in fold(f"{one.name} {one.file} {one.artifact.digest}")]
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_all(found),
        "narrowed": bool(set(listing.chosen) - {"name"}),
        "kinds": KINDS,
        "what_is": what_is,
        "command": api_command(f"/projects/{node.id}/artifacts"),
        **more,
    }
    return Shown("repository.html", values)


PART = (everywhere, below, repository, package)
