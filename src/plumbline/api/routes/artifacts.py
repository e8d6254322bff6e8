"""Artifacts by their digest: the whole story of one, what a pipeline made, and what is found by what somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import END, Count, Id, Time
from plumbline.api.route import route
from plumbline.flow.artifacts.made_by import artifacts_of_pipeline, find_artifacts
from plumbline.flow.artifacts.view_artifact import view_artifact
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.artifacts.stages import Standing
    from plumbline.flow.artifacts.view_artifact import ArtifactStory
    from plumbline.model.artifact import Artifact

MOST = 100
DigestOf = Annotated[str, Meta(max_length=200, pattern=rf"^[a-z0-9]+:[0-9a-f]+{END}")]


class ArtifactRow(msgspec.Struct, frozen=True, kw_only=True):
    """``kind``: oci or generic. ``version`` of a file of a package: ``<version>/<file>``."""

    project: Id
    repository: str
    kind: str
    digest: str
    size: Count
    media_type: str
    artifact_type: str
    name: str
    version: str
    created: Time
    commit: str
    pipeline: Count
    job: Count
    by: str


class MadeArtifact(ArtifactRow, frozen=True, kw_only=True):
    """``stages``: built, tested, scanned, accepted, released; those that it earned."""

    tags: list[str]
    stages: list[str]


class ArtifactList(msgspec.Struct, frozen=True, kw_only=True):
    artifacts: list[ArtifactRow]


class MadeArtifacts(msgspec.Struct, frozen=True, kw_only=True):
    artifacts: list[MadeArtifact]


class ArtifactName(msgspec.Struct, frozen=True, kw_only=True):
    """A tag, or a file of a version of a package."""

    repository: str
    kind: str
    tag: str
    package: str
    version: str
    file: str
    since: Time
    by: str


class ArtifactPart(msgspec.Struct, frozen=True, kw_only=True):
    """``part``: config, layer or child. ``here``: false where its bytes may be elsewhere."""

    digest: str
    part: str
    size: Count
    media_type: str
    here: bool


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """``missing``: what it lacks; empty where it is ``earned``. ``entries``: of the ledger, that it rests on;
    ``reports``: ids of reports."""

    stage: str
    earned: bool
    missing: str
    entries: list[Count]
    reports: list[Count]


class ServedBy(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that serves the commit that it was made from."""

    environment: str
    job: Id
    since: Time


class PulledBy(msgspec.Struct, frozen=True, kw_only=True):
    who: str
    last: Time


class ArtifactEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger that names its digest."""

    seq: Id
    type: str
    subject: str
    received: Time


class ArtifactView(ArtifactRow, frozen=True, kw_only=True):
    """``stored``: its bytes are there, and were not found corrupt. ``held``: why it stays whoever wants it gone; empty:
    nothing holds it. ``referrers``: signatures, attestations and others that are about it."""

    stored: bool
    held: str
    message: str
    author: str
    ref: str
    job_name: str
    names: list[ArtifactName]
    parts: list[ArtifactPart]
    parents: list[str]
    referrers: list[ArtifactRow]
    stages: list[StageView]
    reports: list[Count]
    serving: list[ServedBy]
    pulls: list[PulledBy]
    entries: list[ArtifactEntry]


class Sought(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``text``: at least six digits of a digest, a tag, or the beginning of the name of a package."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]


@route("GET", "/artifacts", t("Artifacts by a part of their digest, a tag, or the name of a package."),
       use_case=use_cases.LIST_REPOSITORIES)  # fmt: skip
def search_artifacts(call: Call, query: Sought) -> ArtifactList:
    found = find_artifacts(call.actor, call.tools.artifacts, query.text, MOST)
    return ArtifactList(artifacts=[ArtifactRow(**_row(one)) for one in found])


@route("GET", "/pipelines/{pipeline}/artifacts", t("What the jobs of a pipeline made, with its stages."),
       use_case=use_cases.VIEW_ARTIFACT)  # fmt: skip
def list_pipeline_artifacts(call: Call, pipeline: Id) -> MadeArtifacts:
    made = artifacts_of_pipeline(call.actor, call.tools.artifacts, pipeline)
    return MadeArtifacts(
        artifacts=[
            MadeArtifact(**_row(one.artifact), tags=list(one.tags), stages=[stage.value for stage in one.stages])
            for one in made
        ]
    )


@route("GET", "/projects/{project}/artifacts/{digest}", t("An artifact with its whole story."),
       use_case=use_cases.VIEW_ARTIFACT)  # fmt: skip
def get_artifact(call: Call, project: Id, digest: DigestOf) -> ArtifactView:
    return _view(view_artifact(call.actor, call.tools.artifacts, project, digest))


def _row(one: Artifact) -> dict[str, Any]:
    return {
        "project": one.project,
        "repository": one.repository,
        "kind": one.kind.value,
        "digest": one.digest,
        "size": one.size,
        "media_type": one.media_type,
        "artifact_type": one.artifact_type,
        "name": one.name,
        "version": one.version,
        "created": one.created,
        "commit": one.origin.commit,
        "pipeline": one.origin.pipeline,
        "job": one.origin.job,
        "by": one.origin.by,
    }


def _view(story: ArtifactStory) -> ArtifactView:
    source = story.source
    return ArtifactView(
        **{**_row(story.artifact), "by": source.by},
        stored=story.stored,
        held=str(story.held or ""),
        message=source.message,
        author=source.author,
        ref=source.ref,
        job_name=source.job_name,
        names=[ArtifactName(**{**msgspec.structs.asdict(one), "kind": one.kind.value}) for one in story.names],
        parts=[ArtifactPart(**{**msgspec.structs.asdict(one), "part": one.part.value}) for one in story.parts],
        parents=[one.digest for one in story.parents],
        referrers=[ArtifactRow(**_row(one)) for one in story.referrers],
        stages=[_stage(one) for one in story.stages],
        reports=[one.id for one in story.reports],
        serving=[ServedBy(environment=one.environment, job=one.job, since=one.finished) for one in story.deployments],
        pulls=[PulledBy(who=one.who, last=one.last) for one in story.pulls],
        entries=[
            ArtifactEntry(seq=one.seq, type=one.type, subject=one.subject, received=one.received)
            for one in story.entries
        ],
    )


def _stage(one: Standing) -> StageView:
    return StageView(
        stage=one.stage.value,
        earned=one.earned,
        missing=str(one.missing or ""),
        entries=list(one.entries),
        reports=list(one.reports),
    )


PART = (search_artifacts, list_pipeline_artifacts, get_artifact)
