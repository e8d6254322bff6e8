"""One artifact with its whole story: how it is called, where it came from, what it is made of, what it earned, who uses
it and what keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.artifacts.packages import of_stored
from plumbline.artifacts.stages import Standing, standings
from plumbline.flow.artifacts.evidence_of import record_of
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import Text, t
from plumbline.model.artifact import Artifact, Kind, Origin
from plumbline.model.deployment import EnvironmentDeployment
from plumbline.model.job import KeptFile
from plumbline.model.registry import Link
from plumbline.model.reported import StoredReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.event import Entry
    from plumbline.model.ports.transaction import Transaction

MOST_PULLERS = 100
_MOST_JOBS = 20


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What something is called in a repository that the actor may see: a tag, or a file of a version of a package."""

    repository: str
    kind: Kind
    tag: str = ""
    package: str = ""
    version: str = ""
    file: str = ""
    since: int = 0
    by: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where it came from, as far as this server knows; 0 and empty: not known."""

    commit: str = ""
    message: str = ""  # first line
    author: str = ""
    ref: str = ""
    pipeline: int = 0
    iid: int = 0
    job: int = 0
    job_name: str = ""
    by: str = ""  # whoever pushed it


class Puller(msgspec.Struct, frozen=True, kw_only=True):
    who: str  # a person, robot:<...>, or project:<id> for the jobs of a project
    last: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger that names its digest."""

    seq: int
    type: str
    subject: str
    received: int


class ArtifactStory(msgspec.Struct, frozen=True, kw_only=True):
    """``stored``: whether its bytes are there; they are not where they were found corrupt, until they are pushed
    again."""

    artifact: Artifact
    stored: bool
    source: Source
    names: tuple[Name, ...] = ()
    parts: tuple[Link, ...] = ()
    parents: tuple[Artifact, ...] = ()  # indexes that name it
    referrers: tuple[Artifact, ...] = ()  # what is about it: signatures, attestations, bills of materials
    inputs: tuple[str, ...] = ()  # digests and names of what its job was handed, as far as that is recorded
    files: tuple[KeptFile, ...] = ()  # what its job left besides
    reports: tuple[StoredReport, ...] = ()  # of its pipeline
    stages: tuple[Standing, ...] = ()
    deployments: tuple[EnvironmentDeployment, ...] = ()  # of its commit in its project, that serve now
    pulls: tuple[Puller, ...] = ()
    held: Text | None = None  # why it stays; None: nothing holds it
    entries: tuple[Told, ...] = ()


def view_artifact(actor: Actor, tools: ArtifactTools, project: int | None, digest: str) -> ArtifactStory:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    missing = t("There is no artifact {digest} here.", digest=digest[:200])
    entries, deciding = tools.entries(digest), tools.deciding(digest)
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.VIEW_ARTIFACT, project, missing)
        every = unit.tx.artifacts.of_digest(digest)
        here = [(repository, one) for repository, one in every if one.project == ancestors[0].id]
        if not here:
            raise not_found(missing)
        seen = [(repository, one) for repository, one in every if unit.may(use_cases.VIEW_ARTIFACT, one.project)]
        # what a job pushed says more of where it came from than the same bytes pushed by a person
        repository, artifact = min(here, key=lambda one: (not one[1].origin.job, one[1].id))
        story = _story(unit, tools, repository, artifact, entries, deciding)
        names = tuple(name for repository, one in seen for name in _names(unit.tx, repository, one))
    stored = tools.blobs.info(digest) is not None
    return msgspec.structs.replace(story, names=names, stored=stored)


def _story(
    unit: UnitOfWork,
    tools: ArtifactTools,
    repository: int,
    artifact: Artifact,
    entries: Sequence[Entry],
    deciding: Sequence[Entry],
) -> ArtifactStory:
    tx, origin = unit.tx, artifact.origin
    reports = tx.reports.of_pipelines([origin.pipeline]) if origin.pipeline else ()
    states = tx.deployments.states([artifact.project]).values() if origin.commit else ()
    serving = [state.serving for state in states if state.serving and state.serving.commit == origin.commit]
    return ArtifactStory(
        artifact=artifact,
        stored=False,
        source=_source(tx, origin),
        parts=tuple(tx.artifacts.links(artifact.id)),
        parents=tuple(tx.artifacts.parents(repository, artifact.digest)),
        referrers=tuple(tx.artifacts.referrers(repository, artifact.digest)),
        files=tuple(tx.keeping.files(origin.job)) if origin.job else (),
        reports=tuple(reports),
        stages=standings(record_of(tx, artifact, deciding)),
        deployments=tuple(serving),
        pulls=tuple(
            Puller(who=who, last=last)
            for who, last in tx.artifacts.pulls(artifact.project, artifact.digest, MOST_PULLERS)
        ),
        held=tools.keepers.held(unit, artifact),
        entries=tuple(Told(seq=one.seq, type=one.type, subject=one.subject, received=one.received) for one in entries),
    )


def _names(tx: Transaction, repository: int, artifact: Artifact) -> list[Name]:
    if artifact.kind is Kind.GENERIC:
        name = of_stored(artifact.name, artifact.version)
        return [
            Name(
                repository=artifact.repository,
                kind=artifact.kind,
                package=name.package,
                version=name.version,
                file=name.file,
                since=artifact.created,
                by=artifact.origin.by,
            )
        ]
    tags = (tx.artifacts.tag(repository, tag) for tag in tx.artifacts.tags_of(repository, artifact.digest))
    return [
        Name(repository=artifact.repository, kind=artifact.kind, tag=tag.name, since=tag.moved, by=tag.by)
        for tag in tags
        if tag is not None
    ]


def _source(tx: Transaction, origin: Origin) -> Source:
    pipeline = tx.pipelines.get(origin.pipeline) if origin.pipeline else None
    job = tx.jobs.get(origin.job) if origin.job else None
    person = tx.people.get(origin.person) if origin.person else None
    return Source(
        commit=origin.commit,
        message=pipeline.change.message.partition("\n")[0] if pipeline is not None else "",
        author=pipeline.change.author if pipeline is not None else "",
        ref=pipeline.ref if pipeline is not None else "",
        pipeline=pipeline.id if pipeline is not None else 0,
        iid=pipeline.iid if pipeline is not None else 0,
        job=job.id if job is not None else 0,
        job_name=job.name if job is not None else "",
        by=person.name if person is not None else origin.by,
    )
