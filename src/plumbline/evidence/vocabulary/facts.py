"""Our customData in types of CDEvents: what they have no field for, and what nobody could find out later."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET

from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import cdevents_delivery as delivery
from plumbline.evidence.vocabulary.fields import (
    Commit,
    Count,
    Digest,
    Facts,
    Intent,
    Maybe,
    NonEmpty,
    Ordinal,
    Outcome,
    Part,
    Tier,
    Time,
)


class AccountFact(Part, frozen=True, kw_only=True):
    """Who did something, as another system knows them: whose account it is says the table of identities."""

    login: Maybe[NonEmpty] = UNSET
    name: Maybe[NonEmpty] = UNSET
    email: Maybe[NonEmpty] = UNSET
    machine: Maybe[bool] = UNSET  # that system says that nobody sits there


class CommitFact(Part, frozen=True, kw_only=True):
    """One commit as it came in; the fields after ``parents`` are what its message and its files tell."""

    sha: Commit
    authored: Time
    committed: Time
    author: Maybe[str] = UNSET  # a name; never a secret, and as few personal data as will do
    mail: Maybe[NonEmpty] = UNSET  # the author's address: names alone tell nobody apart
    parents: Maybe[tuple[Commit, ...]] = UNSET
    reviewers: Maybe[tuple[NonEmpty, ...]] = (
        UNSET  # other people than the author, as "Name <address>" where one is told
    )
    co_authors: Maybe[tuple[NonEmpty, ...]] = UNSET
    work_items: Maybe[tuple[NonEmpty, ...]] = UNSET  # as they are written: ABC-12, #12
    reverts: Maybe[tuple[Commit, ...]] = UNSET
    files: Maybe[Count] = UNSET  # changed against the only parent
    kinds: Maybe[tuple[NonEmpty, ...]] = UNSET  # of those files, sorted
    bot: Maybe[bool] = UNSET
    assisted_by: Maybe[tuple[NonEmpty, ...]] = UNSET  # AI agents that its message names


class RunFacts(Facts, frozen=True, kw_only=True):
    """Of a pipeline run: what it ran for."""

    ABOUT: ClassVar = (core.PipelineRunQueued.TYPE, core.PipelineRunStarted.TYPE, core.PipelineRunFinished.TYPE)
    project: Maybe[NonEmpty] = UNSET
    ref: Maybe[NonEmpty] = UNSET
    commit: Maybe[Commit] = UNSET
    trigger: Maybe[str] = UNSET  # CI_PIPELINE_SOURCE
    person: Maybe[str] = UNSET
    parent: Maybe[NonEmpty] = UNSET  # the run that triggered it
    schedule: Maybe[NonEmpty] = UNSET  # subject of the schedule that started it
    templates: Maybe[tuple[NonEmpty, ...]] = UNSET  # files of its configuration that are not of its own repository


class TaskFacts(Facts, frozen=True, kw_only=True):
    """Of one attempt at a job."""

    ABOUT: ClassVar = (core.TaskRunStarted.TYPE, core.TaskRunFinished.TYPE)
    attempt: Maybe[Ordinal] = UNSET
    stage: Maybe[str] = UNSET
    runner: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET  # GitLab's failure reason
    exit_code: Maybe[int] = UNSET
    allowed_failure: Maybe[bool] = UNSET
    optional: Maybe[bool] = UNSET  # with some failure, or any, the pipeline would have gone on
    commit: Maybe[Commit] = UNSET
    log: Maybe[Digest] = UNSET
    project: Maybe[NonEmpty] = UNSET
    image: Maybe[NonEmpty] = UNSET  # of its container; absent where variables decide, or where there is none
    bare: Maybe[bool] = UNSET  # it names no image: it ran in the default one of its project, or in no container
    person: Maybe[str] = UNSET  # who played or retried it


class BuildFacts(Facts, frozen=True, kw_only=True):
    """Of a build: how it ended, since build.finished has no outcome."""

    ABOUT: ClassVar = (core.BuildFinished.TYPE,)
    outcome: Outcome
    commit: Maybe[Commit] = UNSET


class ArtifactFacts(Facts, frozen=True, kw_only=True):
    """Which commit the bytes of this digest came from, where that is known."""

    ABOUT: ClassVar = (core.ArtifactPackaged.TYPE, core.ArtifactPublished.TYPE)
    digest: Digest
    commit: Maybe[Commit] = UNSET
    run: Maybe[NonEmpty] = UNSET
    project: Maybe[NonEmpty] = UNSET


class MergeFacts(Facts, frozen=True, kw_only=True):
    """What a merge brought to its target."""

    ABOUT: ClassVar = (core.ChangeMerged.TYPE,)
    commits: tuple[CommitFact, ...]
    target: NonEmpty
    project: Maybe[NonEmpty] = UNSET
    merged_as: Maybe[Commit] = UNSET
    person: Maybe[str] = UNSET
    more: Maybe[Count] = UNSET  # commits that are not named
    branch: Maybe[NonEmpty] = UNSET  # where the commits come from
    opened: Maybe[Time] = UNSET  # the first of them
    conflicts: Maybe[bool] = UNSET  # somebody had to resolve some
    files: Maybe[Count] = UNSET
    squash: Maybe[bool] = UNSET  # the commits became one
    reviewers: Maybe[tuple[NonEmpty, ...]] = UNSET
    work_items: Maybe[tuple[NonEmpty, ...]] = UNSET
    head: Maybe[Commit] = UNSET  # the last revision of its branch, which is what reviewers saw
    by: Maybe[AccountFact] = UNSET  # who merged it
    author: Maybe[AccountFact] = UNSET  # who opened it
    opened_at: Maybe[Time] = UNSET  # the merge request


class ChangeFacts(Facts, frozen=True, kw_only=True):
    """What a forge tells of a change on its way."""

    ABOUT: ClassVar = (core.ChangeCreated.TYPE, core.ChangeUpdated.TYPE, core.ChangeAbandoned.TYPE)
    project: Maybe[NonEmpty] = UNSET
    action: Maybe[str] = UNSET  # the forge's own word
    head: Maybe[Commit] = UNSET
    branch: Maybe[NonEmpty] = UNSET
    target: Maybe[NonEmpty] = UNSET
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET
    author: Maybe[AccountFact] = UNSET
    draft: Maybe[bool] = UNSET
    fork: Maybe[NonEmpty] = UNSET
    comments: Maybe[Count] = UNSET
    commits: Maybe[Count] = UNSET
    opened_at: Maybe[Time] = UNSET
    conflicts: Maybe[bool] = UNSET  # whether it could not be merged as it stood


class BranchFacts(Facts, frozen=True, kw_only=True):
    ABOUT: ClassVar = (core.BranchCreated.TYPE, core.BranchDeleted.TYPE)
    project: Maybe[NonEmpty] = UNSET
    commit: Maybe[Commit] = UNSET
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET


class TicketFacts(Facts, frozen=True, kw_only=True):
    ABOUT: ClassVar = (delivery.TicketCreated.TYPE, delivery.TicketUpdated.TYPE, delivery.TicketClosed.TYPE)
    project: Maybe[NonEmpty] = UNSET
    action: Maybe[str] = UNSET
    severity: Maybe[str] = UNSET
    opened_at: Maybe[Time] = UNSET
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET


class ReviewFacts(Facts, frozen=True, kw_only=True):
    """Who decided what about which revision."""

    ABOUT: ClassVar = (core.ChangeReviewed.TYPE,)
    decision: Literal["approved", "requestChanges", "rejected", "commented", "withdrawn"]
    reviewer: NonEmpty
    revision: Commit
    project: Maybe[NonEmpty] = UNSET
    account: Maybe[AccountFact] = UNSET  # the reviewer's
    by: Maybe[AccountFact] = UNSET  # who told the forge, where that was somebody else
    conflicts: Maybe[bool] = UNSET  # whether the change could not be merged as it stood


class EnvironmentFacts(Facts, frozen=True, kw_only=True):
    ABOUT: ClassVar = (delivery.EnvironmentCreated.TYPE, delivery.EnvironmentModified.TYPE)
    tier: Tier
    run: Maybe[NonEmpty] = UNSET  # of the automation that made it
    template: Maybe[NonEmpty] = UNSET  # that it was made from, with its version
    person: Maybe[NonEmpty] = UNSET  # who made it by hand; with a run: who asked for it


class ServiceFacts(Facts, frozen=True, kw_only=True):
    """Which deployment brought a service to this state."""

    ABOUT: ClassVar = (
        delivery.ServiceDeployed.TYPE,
        delivery.ServiceUpgraded.TYPE,
        delivery.ServiceRolledBack.TYPE,
        delivery.ServiceRemoved.TYPE,
    )
    deployment: NonEmpty
    attempt: Ordinal
    intent: Intent
    tier: Tier
    remediates: Maybe[NonEmpty] = UNSET  # the incident or deployment that it mends
    digest: Maybe[Digest] = UNSET
    commit: Maybe[Commit] = UNSET


class IncidentFacts(Facts, frozen=True, kw_only=True):
    ABOUT: ClassVar = (delivery.IncidentDetected.TYPE, delivery.IncidentReported.TYPE, delivery.IncidentResolved.TYPE)
    detector: Maybe[NonEmpty] = UNSET  # who or what noticed; left out where nobody told
    cause: Maybe[NonEmpty] = UNSET  # the deployment, change or event that caused it
    began: Maybe[Time] = UNSET
    tier: Maybe[Tier] = UNSET
    project: Maybe[NonEmpty] = UNSET
    severity: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET


class TestTypes(Part, frozen=True, kw_only=True):
    """How many cases were executed of each layer; CDEvents' types of test case. ``unknown``: nobody told the layer."""

    unit: Count = 0
    integration: Count = 0
    e2e: Count = 0
    unknown: Count = 0


class TestLayers(Part, frozen=True, kw_only=True):
    """The same by the layer of the system that they look at. ``unknown``: nobody told."""

    unit: Count = 0
    component: Count = 0
    interface: Count = 0
    user: Count = 0
    unknown: Count = 0


class TestFacts(Facts, frozen=True, kw_only=True):
    """Of a run of a suite. A large run does not tell each case: ``named`` of its ``total`` are entries of their own."""

    ABOUT: ClassVar = (delivery.TestSuiteRunFinished.TYPE,)
    commit: Maybe[Commit] = UNSET
    digest: Maybe[Digest] = UNSET  # of what was tested
    total: Maybe[Count] = UNSET
    failed: Maybe[Count] = UNSET
    skipped: Maybe[Count] = UNSET
    errors: Maybe[Count] = UNSET  # came to no verdict of their own
    flaky: Maybe[Count] = UNSET  # came to both results on this commit, this run included
    quarantined: Maybe[Count] = UNSET  # of those that did not pass
    named: Maybe[Count] = UNSET
    types: Maybe[TestTypes] = UNSET  # of the cases that came to a verdict
    layers: Maybe[TestLayers] = UNSET  # of the same
    report: Maybe[Digest] = UNSET  # of the file, or of the digests of all files
    project: Maybe[NonEmpty] = UNSET
