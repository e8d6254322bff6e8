"""Our own types, along the way of a change: what CDEvents 0.5.1 has no type for."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET

from plumbline.evidence.vocabulary.facts import CommitFact
from plumbline.evidence.vocabulary.fields import (
    Commit,
    Content,
    Count,
    Digest,
    Intent,
    Maybe,
    NonEmpty,
    Ordinal,
    Outcome,
    Part,
    Reference,
    Tier,
    Time,
)

_OURS = "dev.cdeventsx.plumbline-"


class Counts(Part, frozen=True, kw_only=True):
    """How many findings of each severity."""

    critical: Count = 0
    high: Count = 0
    medium: Count = 0
    low: Count = 0
    info: Count = 0
    unknown: Count = 0


class DeployedPart(Part, frozen=True, kw_only=True):
    name: NonEmpty
    outcome: Outcome
    digest: Maybe[Digest] = UNSET
    reason: Maybe[str] = UNSET


class PipelineRunStateChanged(Content, frozen=True, kw_only=True):
    """A change of state that is neither queued, started nor finished."""

    TYPE: ClassVar[str] = _OURS + "pipelinerun.stateChanged.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    state: NonEmpty
    previous: NonEmpty
    reason: Maybe[str] = UNSET
    person: Maybe[str] = UNSET


class JobInput(Part, frozen=True, kw_only=True):
    """A value that is not the default of the input; a list as JSON."""

    name: NonEmpty
    value: str


class TaskRunStateChanged(Content, frozen=True, kw_only=True):
    """A change of state of a job that is neither its start nor its end: queued, skipped, manual, lost, ..."""

    TYPE: ClassVar[str] = _OURS + "taskrun.stateChanged.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    state: NonEmpty
    previous: NonEmpty
    attempt: Maybe[Ordinal] = UNSET
    task_name: Maybe[str] = UNSET
    pipeline_run: Maybe[Reference] = UNSET
    reason: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    inputs: Maybe[tuple[JobInput, ...]] = UNSET  # as it is played or begins anew


class CommitObserved(Content, frozen=True, kw_only=True):
    """Commits that a push brought, the newest first; ``more`` is how many older ones are not named."""

    TYPE: ClassVar[str] = _OURS + "commit.observed.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    repository: Reference
    ref: NonEmpty
    commits: tuple[CommitFact, ...]
    before: Maybe[Commit] = UNSET
    forced: Maybe[bool] = UNSET
    more: Maybe[Count] = UNSET


class DeploymentQueued(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "deployment.queued.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    environment: Reference
    tier: Tier
    attempt: Maybe[Ordinal] = UNSET  # absent, as the intent: whoever tells of it does not know
    intent: Maybe[Intent] = UNSET
    service: Maybe[Reference] = UNSET
    artifact_id: Maybe[NonEmpty] = UNSET
    digest: Maybe[Digest] = UNSET
    commit: Maybe[Commit] = UNSET
    remediates: Maybe[NonEmpty] = UNSET
    run: Maybe[NonEmpty] = UNSET
    person: Maybe[str] = UNSET


class DeploymentStarted(DeploymentQueued, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "deployment.started.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True


class DeploymentFinished(DeploymentQueued, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "deployment.finished.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    outcome: Maybe[Outcome] = UNSET
    parts: Maybe[tuple[DeployedPart, ...]] = UNSET
    errors: Maybe[str] = UNSET


class ReleasePlanned(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "release.planned.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    version: NonEmpty
    artifacts: tuple[Digest, ...] = ()
    planned_for: Maybe[Time] = UNSET
    person: Maybe[str] = UNSET


class ReleaseApproved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "release.approved.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    version: NonEmpty
    person: NonEmpty
    artifacts: tuple[Digest, ...]


class ReleaseReleased(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "release.released.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    version: NonEmpty
    artifacts: tuple[Digest, ...]
    deployments: Maybe[tuple[NonEmpty, ...]] = UNSET
    tag: Maybe[NonEmpty] = UNSET
    commit: Maybe[Commit] = UNSET
    commits: Maybe[Count] = UNSET  # that no release before it had


class ReleaseCancelled(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "release.cancelled.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    version: NonEmpty
    reason: NonEmpty
    person: Maybe[str] = UNSET


class ArtifactPromoted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "artifact.promoted.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    digest: Digest
    to: NonEmpty
    previous: Maybe[NonEmpty] = UNSET
    gate: Maybe[NonEmpty] = UNSET  # id of the gate.evaluated event that allowed it
    person: Maybe[str] = UNSET


class ArtifactQuarantined(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "artifact.quarantined.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    digest: Digest
    reason: NonEmpty
    person: Maybe[str] = UNSET


class GateEvaluated(Content, frozen=True, kw_only=True):
    """``subject`` is the uid of the evaluation; its digests say what it is done again by."""

    TYPE: ClassVar[str] = _OURS + "gate.evaluated.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    verdict: Literal["pass", "fail", "noData", "error"]
    rules: Digest  # of the rule set as it was
    rests_on: tuple[NonEmpty, ...]  # ids of the events it was decided by
    target: Maybe[NonEmpty] = UNSET
    reasons: Maybe[tuple[str, ...]] = UNSET
    act: Maybe[Literal["merge", "pipeline", "promotion"]] = UNSET
    policy: Maybe[NonEmpty] = UNSET
    version: Maybe[Ordinal] = UNSET
    facts: Maybe[Digest] = UNSET  # of what it was decided by
    checks: Maybe[tuple[GateCheck, ...]] = UNSET
    waived: Maybe[bool] = UNSET  # it would not have passed without its waivers
    commit: Maybe[Commit] = UNSET
    change: Maybe[NonEmpty] = UNSET
    digest: Maybe[Digest] = UNSET
    run: Maybe[NonEmpty] = UNSET
    collection: Maybe[NonEmpty] = UNSET


class GateCheck(Part, frozen=True, kw_only=True):
    id: NonEmpty
    outcome: Literal["pass", "fail", "noData", "error", "waived"]
    waiver: Maybe[NonEmpty] = UNSET


class GateWaived(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "gate.waived.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    person: NonEmpty
    reason: NonEmpty
    evaluation: NonEmpty  # id of the gate.evaluated event
    until: Maybe[Time] = UNSET


class ScanFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "scan.finished.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    kind: Literal["sast", "dependency", "secret", "licence", "container", "dast", "infrastructure", "other"]
    tool: NonEmpty
    outcome: Outcome
    findings: Maybe[Counts] = UNSET
    tool_version: Maybe[str] = UNSET
    rules: Maybe[Digest] = UNSET
    report: Maybe[Digest] = UNSET
    commit: Maybe[Commit] = UNSET
    digest: Maybe[Digest] = UNSET
    rules_version: Maybe[NonEmpty] = UNSET  # as the scan names its rules, where that is no digest
    covers: Maybe[tuple[NonEmpty, ...]] = UNSET  # what it proves to have looked at; a folder ends with a stroke
    looked_at: Maybe[Count] = UNSET  # how many things that are, where ``covers`` names some of them


class ReportAdded(Content, frozen=True, kw_only=True):
    """Somebody brought a report that no job of this server left: what it says is their word, and no fact rests on it.
    ``holds``: tests, coverage, findings, ...; absent: it could not be read."""

    TYPE: ClassVar[str] = _OURS + "report.added.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    kind: NonEmpty  # what it was added as
    digest: Digest
    person: Maybe[NonEmpty] = UNSET
    sender: Maybe[NonEmpty] = UNSET  # the registered source
    holds: Maybe[NonEmpty] = UNSET
    problem: Maybe[NonEmpty] = UNSET  # why it could not be read, or is not believed
    commit: Maybe[Commit] = UNSET
    run: Maybe[NonEmpty] = UNSET  # of the pipeline that it was added to
    format: Maybe[NonEmpty] = UNSET  # that it was read as
    scan: Maybe[NonEmpty] = UNSET  # what was scanned for, where it holds findings
    tool: Maybe[NonEmpty] = UNSET  # as the report names it, as all that follows
    tool_version: Maybe[NonEmpty] = UNSET
    rules_version: Maybe[NonEmpty] = UNSET
    covers: Maybe[tuple[NonEmpty, ...]] = UNSET
    counts: Maybe[dict[str, float]] = UNSET  # the few numbers by which people know it again


class ReportExpired(Content, frozen=True, kw_only=True):
    """The server let go what reports of one project said, since their time was over; ``subject`` is its path."""

    TYPE: ClassVar[str] = _OURS + "report.expired.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    count: Count  # reports
    before: Time  # they came before then


class TestQuarantined(Content, frozen=True, kw_only=True):
    """Somebody told everybody not to wait for a test case; it is executed and counted as before."""

    TYPE: ClassVar[str] = _OURS + "test.quarantined.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    case: NonEmpty
    owner: NonEmpty
    reason: NonEmpty
    person: NonEmpty
    until: Time


class TestReleased(Content, frozen=True, kw_only=True):
    """A quarantine was ended before its time."""

    TYPE: ClassVar[str] = _OURS + "test.released.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    case: NonEmpty
    person: NonEmpty


class FindingDecided(Content, frozen=True, kw_only=True):
    """What people decided about a finding. A decision that takes a second person holds once it has one."""

    TYPE: ClassVar[str] = _OURS + "finding.decided.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    state: Literal["accepted", "false_positive", "fixed", "open"]
    severity: NonEmpty
    reason: NonEmpty
    person: NonEmpty
    owner: Maybe[NonEmpty] = UNSET
    second: Maybe[NonEmpty] = UNSET
    proposed: Maybe[bool] = UNSET  # it takes a second person, who has not agreed yet
    until: Maybe[Time] = UNSET


class AttestationRecorded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "attestation.recorded.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    predicate: NonEmpty  # the predicate type's URI
    digest: Digest  # of the envelope
    subjects: tuple[Digest, ...]
    key: Maybe[str] = UNSET
    components: Maybe[Count] = UNSET  # that a bill of materials lists


class MeasurementRecorded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "measurement.recorded.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    measure: NonEmpty
    value: float
    unit: NonEmpty
    commit: Maybe[Commit] = UNSET
    numerator: Maybe[float] = UNSET
    denominator: Maybe[float] = UNSET
    samples: Maybe[Count] = UNSET  # that a percentile was made of
    series: Maybe[NonEmpty] = UNSET  # measurements of one series may be held against each other: the job's name
    report: Maybe[Digest] = UNSET


class ApprovalRequested(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "approval.requested.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    about: NonEmpty
    person: Maybe[str] = UNSET
    revision: Maybe[str] = UNSET


class ApprovalDecided(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "approval.decided.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    about: NonEmpty
    decision: Literal["approved", "rejected", "requestChanges", "escalated", "deferred", "withdrawn"]
    person: NonEmpty
    revision: NonEmpty  # exactly what was looked at
    reason: Maybe[str] = UNSET


class RolloutProgressed(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "rollout.progressed.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    deployment: NonEmpty
    step: Ordinal
    share: float  # of the traffic or users, 0 to 1
    flag: Maybe[str] = UNSET


class DataChangeApplied(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "dataChange.applied.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    environment: Reference
    digest: Digest
    outcome: Outcome
    deployment: Maybe[NonEmpty] = UNSET


class DataChangeReverted(DataChangeApplied, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "dataChange.reverted.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
