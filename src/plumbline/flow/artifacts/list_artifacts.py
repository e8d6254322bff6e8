"""Lists of artifacts: what the repositories and packages of projects hold, and the versions of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.artifacts.stages import earned
from plumbline.flow.artifacts.evidence_of import record_of
from plumbline.flow.artifacts.packages import MOST, OWN, Package, packages_of
from plumbline.kernel import t
from plumbline.model.artifact import Artifact, Kind, Stage
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.registry import Repository, Tag


class RepositoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A repository of images, or a generic package (``package``). ``size``: bytes, those of shared layers once for each
    manifest that has them."""

    project: int
    path: str  # of the project
    address: str
    package: str = ""
    count: int  # tags, or versions
    size: int
    newest: str = ""  # the tag or the version that came last
    digest: str = ""  # what that is; of a version with several files the first
    at: int = 0
    by: str = ""


class TagRow(msgspec.Struct, frozen=True, kw_only=True):
    """``tag`` empty: a manifest without one. ``stages``: that it earned."""

    tag: str
    moved: int
    by: str
    artifact: Artifact
    stages: tuple[Stage, ...] = ()


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a version of a generic package. ``stages``: that it earned."""

    version: str
    artifact: Artifact
    stages: tuple[Stage, ...] = ()


def list_artifacts(actor: Actor, tools: ArtifactTools, node: int | None) -> list[RepositoryRow]:
    """Of the projects at a node and below it where the actor may, INSTANCE: of all; by address, then package. Raises
    PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        path = ""
        if node == INSTANCE:
            unit.require(use_cases.LIST_REPOSITORIES)
        else:
            path = unit.require(use_cases.LIST_ARTIFACTS, node, t("There is no such node."))[0].path
        allowed = set(unit.projects(use_cases.LIST_ARTIFACTS))
        inside = [
            one.id
            for one in unit.tx.tree.all()
            if one.kind is NodeKind.PROJECT and one.id in allowed and (not path or is_within(one.path, path))
        ]
        rows = [row for repository in unit.tx.repositories.of(inside) for row in _rows(unit, repository)]
    return sorted(rows, key=lambda row: (row.address, row.package))


def list_tagged(
    actor: Actor, tools: ArtifactTools, project: int | None, name: str, *, untagged: bool = False, limit: int = 500
) -> list[TagRow]:
    """The tags of a repository, that moved last first; ``untagged``: the manifests without one instead, the newest
    first. ``name``: what follows the path of the project. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_ARTIFACTS, project, t("There is no such project."))
        repository = unit.tx.repositories.get(ancestors[0].id, name)
        if repository is None:
            return []
        tags = unit.tx.artifacts.tags(repository.id)
        if untagged:
            known = {tag.digest for tag in tags}
            every = unit.tx.artifacts.of(repository.id, Kind.OCI, limit)
            return [
                TagRow(tag="", moved=one.created, by=one.origin.by, artifact=one, stages=_stages(unit, tools, one))
                for one in every
                if one.digest not in known
            ]
        newest = sorted(tags, key=lambda tag: (-tag.moved, tag.name))[:limit]
        return [row for tag in newest if (row := _tag_row(unit, tools, repository, tag)) is not None]


def list_versions(actor: Actor, tools: ArtifactTools, project: int | None, package: str) -> list[FileRow]:
    """The files of a generic package, those of the newest version first. Raises PlumblineError ``not-found``,
    ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_ARTIFACTS, project, t("There is no such project."))
        repository = unit.tx.repositories.get(ancestors[0].id, OWN)
        every = unit.tx.artifacts.of(repository.id, Kind.GENERIC, MOST) if repository is not None else ()
        return [
            FileRow(version=version.version, artifact=file, stages=_stages(unit, tools, file))
            for version in packages_of(every)
            if version.name == package
            for file in version.files
        ]


def _rows(unit: UnitOfWork, repository: Repository) -> list[RepositoryRow]:
    rows = []
    tags = unit.tx.artifacts.tags(repository.id)
    images = unit.tx.artifacts.of(repository.id, Kind.OCI, MOST)
    if images or repository.name != OWN:
        last = max(tags, key=lambda tag: tag.moved, default=None)
        rows.append(
            RepositoryRow(
                project=repository.project,
                path=repository.path,
                address=repository.address,
                count=len(tags),
                size=sum(one.size for one in images),
                newest=last.name if last else "",
                digest=last.digest if last else "",
                at=last.moved if last else max((one.created for one in images), default=0),
                by=last.by if last else "",
            )
        )
    packages: dict[str, list[Package]] = {}
    for one in packages_of(unit.tx.artifacts.of(repository.id, Kind.GENERIC, MOST)):
        packages.setdefault(one.name, []).append(one)
    return rows + [_package_row(repository, versions) for versions in packages.values()]


def _package_row(repository: Repository, versions: Sequence[Package]) -> RepositoryRow:
    last = versions[0]
    return RepositoryRow(
        project=repository.project,
        path=repository.path,
        address=repository.address,
        package=last.name,
        count=len(versions),
        size=sum(one.size for one in versions),
        newest=last.version,
        digest=last.files[0].digest,
        at=last.newest,
        by=max(last.files, key=lambda one: one.created).origin.by,
    )


def _tag_row(unit: UnitOfWork, tools: ArtifactTools, repository: Repository, tag: Tag) -> TagRow | None:
    artifact = unit.tx.artifacts.find(repository.id, Kind.OCI, tag.digest)
    if artifact is None:
        return None
    return TagRow(tag=tag.name, moved=tag.moved, by=tag.by, artifact=artifact, stages=_stages(unit, tools, artifact))


def _stages(unit: UnitOfWork, tools: ArtifactTools, artifact: Artifact) -> tuple[Stage, ...]:
    return earned(record_of(unit.tx, artifact, tools.deciding(artifact.digest)))
