"""What a registry shows to people: what there is below a node, the versions of one thing, and one artifact with all
that is known of it. Only what the actor may pull is there for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.artifacts.names import address, subject_of
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.artifact import Kind
from plumbline.model.tree import NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.artifact import Artifact
    from plumbline.model.registry import Holding, Link, Repository, Tag
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.model.tree import Node

MOST = 2000  # versions that are looked at of one thing


class HoldingRow(NamedTuple):
    """What a repository holds, or a package of it. ``tags``: how many names it has that people gave."""

    project: Node
    holding: Holding
    tag: Tag | None  # the one that was given last
    tags: int

    @property
    def address(self) -> str:
        return address(self.holding.path, self.holding.below)

    @property
    def title(self) -> str:
        """The name of the package, or that of the repository."""
        return self.holding.name or self.address


class Version(NamedTuple):
    """One artifact under one name; ``name`` empty: it has none of its own."""

    name: str
    artifact: Artifact
    tag: Tag | None = None


class Named(NamedTuple):
    """How an artifact is called in a repository."""

    repository: Repository
    artifact: Artifact
    tags: Sequence[Tag]


class SeenArtifact(NamedTuple):
    """One digest in one project. ``pipeline`` and ``job`` are None where they are not known, gone, or not to be seen;
    ``parts``: what it is made of; ``parents``: indexes that it is a part of; ``referrers``: what is about it."""

    project: Node
    named: Sequence[Named]
    pipeline: StoredPipeline | None
    job: StoredJob | None
    parts: Sequence[Link]
    parents: Sequence[Artifact]
    referrers: Sequence[Artifact]

    @property
    def artifact(self) -> Artifact:
        """As it came first."""
        return self.named[0].artifact


def browse_repositories(actor: Actor, tools: ArtifactTools, node: int | None = None) -> Sequence[HoldingRow]:
    """Below a node, or everywhere; by project and name. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        if node is None:
            unit.require(use_cases.LIST_REPOSITORIES)
            inside = ""
        else:
            inside = unit.require(use_cases.LIST_NODE_ARTIFACTS, node)[0].path
        projects = {
            one.id: one
            for one in unit.nodes(use_cases.PULL_ARTIFACT)
            if one.kind is NodeKind.PROJECT and (not inside or is_within(one.path, inside))
        }
        return [_row(unit, projects[one.project], one) for one in unit.tx.artifacts.holdings(list(projects))]


def browse_versions(
    actor: Actor, tools: ArtifactTools, project: int, below: str, package: str = "", *, untagged: bool = False
) -> Sequence[Version]:
    """The newest first. ``below``: what follows the path of the project in the name of the repository; ``package``:
    one of generic files. ``untagged``: also what has no tag. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.PULL_ARTIFACT, project)
        repository = unit.tx.repositories.get(project, below)
        if repository is None:
            raise not_found(t("Nothing was pushed there."))
        if package:
            found = unit.tx.artifacts.named(repository.id, Kind.GENERIC, package)
            return [Version(one.version, one) for one in found[:MOST]]
        return _images(unit, repository, untagged=untagged)


def see_artifact(actor: Actor, tools: ArtifactTools, project: int, digest: str) -> SeenArtifact:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        node = unit.require(use_cases.VIEW_ARTIFACT, project)[0]
        found = [(at, one) for at, one in unit.tx.artifacts.of_digest(digest) if one.project == project]
        if not found:
            raise not_found(t("The project has no artifact {digest}.", digest=digest[:80]))
        named = [_named(unit, at, one) for at, one in found]
        first, tx = found[0], unit.tx
        sees = unit.may(use_cases.VIEW_PIPELINE, project)
        origin = first[1].origin
        pipeline = tx.pipelines.get(origin.pipeline) if origin.pipeline and sees else None
        job = tx.jobs.get(origin.job) if origin.job and sees else None
        places = sorted({at for at, _ in found})
        return SeenArtifact(
            project=node,
            named=named,
            pipeline=pipeline,
            job=job,
            parts=tx.artifacts.links(first[1].id),
            parents=[each for at in places for each in tx.artifacts.parents(at, digest)],
            referrers=[each for at in places for each in tx.artifacts.referrers(at, digest)],
        )


def artifacts_of_job(actor: Actor, tools: ArtifactTools, job: int) -> Sequence[Artifact]:
    """What a job pushed, without what is about other artifacts; nothing where the actor may not pull it."""
    with tools.units.view(actor) as unit:
        found = [one for one in unit.tx.artifacts.of_job(job) if not one.subject]
        return [one for one in found if unit.may(use_cases.PULL_ARTIFACT, one.project)] if found else _none(unit)


def _none(unit: UnitOfWork) -> Sequence[Artifact]:
    unit.require(use_cases.LIST_REPOSITORIES)
    return ()


def _row(unit: UnitOfWork, project: Node, holding: Holding) -> HoldingRow:
    if holding.kind is not Kind.OCI:
        return HoldingRow(project, holding, None, 0)
    tags = _given(unit.tx.artifacts.tags(holding.repository))
    return HoldingRow(project, holding, max(tags, key=lambda tag: tag.moved, default=None), len(tags))


def _images(unit: UnitOfWork, repository: Repository, *, untagged: bool) -> Sequence[Version]:
    tags = _given(unit.tx.artifacts.tags(repository.id))
    by_digest = {one.digest: one for one in unit.tx.artifacts.of(repository.id, Kind.OCI, MOST)}
    named = [Version(tag.name, by_digest[tag.digest], tag) for tag in tags if tag.digest in by_digest]
    known = {tag.digest for tag in tags}
    rest = [Version("", one) for one in by_digest.values() if one.digest not in known and not one.subject]
    every = named + (rest if untagged else [])
    return sorted(every, key=lambda one: one.tag.moved if one.tag else one.artifact.created, reverse=True)


def _given(tags: Sequence[Tag]) -> list[Tag]:
    """Those that people and jobs gave, without those by which clients look for referrers."""
    return [tag for tag in tags if subject_of(tag.name) is None]


def _named(unit: UnitOfWork, at: int, artifact: Artifact) -> Named:
    repository = unit.tx.repositories.by_id(at)
    assert repository is not None
    found = [unit.tx.artifacts.tag(at, name) for name in unit.tx.artifacts.tags_of(at, artifact.digest)]
    return Named(repository, artifact, [tag for tag in found if tag is not None])
