"""What is told of artifacts in the ledger: each that is new in a repository, with the commit and the run that it came
from where a job pushed it, and each that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import UNSET

from plumbline.artifacts.packages import of_stored
from plumbline.artifacts.packages import package_url as generic_url
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import Reference, facts
from plumbline.evidence.vocabulary import cdevents_core as events
from plumbline.model.artifact import Kind, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import Content
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.artifact import Artifact
    from plumbline.model.tree import Node


def origin_of(unit: UnitOfWork) -> Origin:
    """Who pushes: a job is believed about itself, since the server knows what it runs."""
    actor = unit.actor
    if actor.job is None:
        person = actor.person.id if actor.robot is None else 0
        return Origin(person=person, address=actor.address, by=actor.name)
    job = unit.tx.jobs.get(actor.job.job)
    pipeline = unit.tx.pipelines.get(job.pipeline) if job is not None else None
    return Origin(
        commit=pipeline.change.sha if pipeline is not None else "",
        pipeline=pipeline.id if pipeline is not None else 0,
        job=actor.job.job,
        address=actor.address,
        by=actor.name,
    )


def package_url(artifact: Artifact, host: str = "") -> str:
    """``pkg:oci/name@sha256%3A...?repository_url=...``: the form of package URLs for images; of a file of a generic
    package as :func:`plumbline.artifacts.packages.package_url`."""
    if artifact.kind is Kind.GENERIC:
        return generic_url(artifact.repository, of_stored(artifact.name, artifact.version))
    address = f"{host}/{artifact.repository}" if host else artifact.repository
    name = artifact.repository.rpartition("/")[2]
    return f"pkg:oci/{quote(name)}@{quote(artifact.digest, safe='')}?repository_url={quote(address)}"


def tell_published(unit: UnitOfWork, artifact: Artifact, ancestors: Sequence[Node], sha256: str) -> None:
    """``sha256``: the digest that its bytes are compared by, whatever it was pushed under."""
    path, origin = ancestors[0].path, artifact.origin
    pipeline = unit.tx.pipelines.get(origin.pipeline) if origin.pipeline else None
    about = facts.ArtifactFacts(
        digest=sha256,
        commit=origin.commit or UNSET,
        run=pipeline.uid if pipeline is not None else UNSET,
        project=path,
    )
    told: list[Content] = [events.ArtifactPublished(user=unit.actor.name or UNSET)]
    if origin.commit and not artifact.subject:  # a job of ours made it from that
        change = Reference(id=origin.commit)
        told.insert(0, events.ArtifactPackaged(change=change))
    for content in told:
        unit.tx.record(
            write_event(
                content,
                id=unit.writer.new_id(),
                source=unit.writer.source,
                subject=package_url(artifact),
                time=unit.now,
                facts=about,
                project=path,
            )
        )


def tell_deleted(unit: UnitOfWork, artifact: Artifact, ancestors: Sequence[Node]) -> None:
    content = events.ArtifactDeleted(user=unit.actor.name or UNSET)
    unit.record(package_url(artifact), content, ancestors[0].path)
