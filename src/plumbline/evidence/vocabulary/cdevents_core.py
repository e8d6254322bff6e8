"""CDEvents 0.5.1, core, source code and continuous integration: the content of each type."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from plumbline.evidence.vocabulary.fields import Content, Maybe, NonEmpty, Outcome, Reference, Sbom, Uri


class PipelineRunQueued(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.pipelinerun.queued.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    pipeline_name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET


class PipelineRunStarted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.pipelinerun.started.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    pipeline_name: str
    uri: Uri


class PipelineRunFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.pipelinerun.finished.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    pipeline_name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET
    outcome: Maybe[Outcome] = UNSET
    errors: Maybe[str] = UNSET


class TaskRunStarted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.taskrun.started.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    task_name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET
    pipeline_run: Maybe[Reference] = UNSET


class TaskRunFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.taskrun.finished.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    task_name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET
    pipeline_run: Maybe[Reference] = UNSET
    outcome: Maybe[Outcome] = UNSET  # the published schema takes any word
    errors: Maybe[str] = UNSET


class RepositoryCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.repository.created.0.3.0"
    name: NonEmpty
    uri: Uri
    owner: Maybe[str] = UNSET
    view_url: Maybe[Uri] = UNSET


class RepositoryModified(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.repository.modified.0.3.0"
    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET
    owner: Maybe[str] = UNSET
    view_url: Maybe[Uri] = UNSET


class RepositoryDeleted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.repository.deleted.0.3.0"
    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET
    owner: Maybe[str] = UNSET
    view_url: Maybe[Uri] = UNSET


class BranchCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.branch.created.0.3.0"
    repository: Maybe[Reference] = UNSET


class BranchDeleted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.branch.deleted.0.3.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    repository: Maybe[Reference] = UNSET


class ChangeCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.change.created.0.4.0"
    description: Maybe[NonEmpty] = UNSET
    repository: Maybe[Reference] = UNSET


class ChangeUpdated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.change.updated.0.3.0"
    repository: Maybe[Reference] = UNSET


class ChangeReviewed(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.change.reviewed.0.3.0"
    repository: Maybe[Reference] = UNSET


class ChangeMerged(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.change.merged.0.3.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    repository: Maybe[Reference] = UNSET


class ChangeAbandoned(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.change.abandoned.0.3.0"
    repository: Maybe[Reference] = UNSET


class BuildQueued(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.build.queued.0.3.0"


class BuildStarted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.build.started.0.3.0"


class BuildFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.build.finished.0.3.0"
    artifact_id: Maybe[str] = UNSET


class ArtifactPackaged(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.artifact.packaged.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    change: Reference
    sbom: Maybe[Sbom] = UNSET


class ArtifactSigned(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.artifact.signed.0.3.0"
    signature: NonEmpty


class ArtifactPublished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.artifact.published.0.3.0"
    WRITTEN_HERE: ClassVar[bool] = True
    sbom: Maybe[Sbom] = UNSET
    user: Maybe[NonEmpty] = UNSET


class ArtifactDownloaded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.artifact.downloaded.0.2.0"
    WRITTEN_HERE: ClassVar[bool] = True
    user: Maybe[NonEmpty] = UNSET


class ArtifactDeleted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "dev.cdevents.artifact.deleted.0.2.0"
    WRITTEN_HERE: ClassVar[bool] = True
    user: Maybe[NonEmpty] = UNSET
