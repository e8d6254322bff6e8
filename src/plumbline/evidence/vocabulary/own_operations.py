"""Our own types, around delivery: operations, assessment, and the ledger itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET

from plumbline.evidence.vocabulary.fields import (
    Commit,
    Content,
    Count,
    Day,
    Digest,
    Maybe,
    NonEmpty,
    Ordinal,
    Outcome,
    Reference,
    Time,
    Uri,
)

_OURS = "dev.cdeventsx.plumbline-"


class ConfigItemVerified(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "configItem.verified.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    environment: Reference
    digest: Digest


class ConfigItemDrifted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "configItem.drifted.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    environment: Reference
    expected: Digest
    found: Maybe[Digest] = UNSET


class AlertFired(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "alert.fired.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    severity: NonEmpty
    environment: Maybe[Reference] = UNSET
    service: Maybe[Reference] = UNSET
    summary: Maybe[str] = UNSET
    began: Maybe[Time] = UNSET


class AlertCleared(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "alert.cleared.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    environment: Maybe[Reference] = UNSET
    service: Maybe[Reference] = UNSET
    ended: Maybe[Time] = UNSET


class BackupFinished(Content, frozen=True, kw_only=True):
    """A backup was made, or was tried; ``subject`` is its digest where there is one. Where it lies is not told."""

    TYPE: ClassVar[str] = _OURS + "backup.finished.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    outcome: Outcome
    digest: Maybe[Digest] = UNSET  # of the file
    bytes: Maybe[Count] = UNSET
    seconds: Maybe[float] = UNSET
    entries: Maybe[Count] = UNSET  # of the ledger in it
    reason: Maybe[str] = UNSET  # why there is none


class RestoreFinished(Content, frozen=True, kw_only=True):
    """A backup was put back, and this is the first entry after those that it had."""

    TYPE: ClassVar[str] = _OURS + "restore.finished.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    outcome: Outcome
    digest: Maybe[Digest] = UNSET  # of the backup
    seconds: Maybe[float] = UNSET
    entries: Maybe[Count] = UNSET


class DrillFinished(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "drill.finished.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    kind: Literal["rollback", "restore", "failover", "disasterRecovery", "other"]
    outcome: Outcome
    environment: Maybe[Reference] = UNSET
    seconds: Maybe[float] = UNSET
    rests_on: Maybe[tuple[NonEmpty, ...]] = UNSET  # ids of events, such as that of the backup
    reason: Maybe[str] = UNSET  # why it failed
    person: Maybe[str] = UNSET  # who recorded it; absent: what carried it out told it


class LinkAsserted(Content, frozen=True, kw_only=True):
    """That two things belong together: a requirement and a test case, a change and a work item."""

    TYPE: ClassVar[str] = _OURS + "link.asserted.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    kind: NonEmpty
    target: Reference
    person: Maybe[str] = UNSET


class MetricComputed(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "metric.computed.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    metric: NonEmpty
    definition: NonEmpty  # its version
    begin: Time
    end: Time
    as_of: Count  # sequence number in the ledger
    value: Maybe[float] = UNSET  # absent: no data
    numerator: Maybe[float] = UNSET
    denominator: Maybe[float] = UNSET


class ReportMade(Content, frozen=True, kw_only=True):
    """Somebody was handed a report; the same one, to the same person, is told once a day."""

    TYPE: ClassVar[str] = _OURS + "report.made.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    WRITTEN_HERE: ClassVar[bool] = True
    template: Maybe[NonEmpty] = UNSET  # that it was built from
    data_as_of: Maybe[Time] = UNSET  # what came later is not in it
    by_hand: Maybe[bool] = UNSET  # a person put it together; absent: a system did
    person: Maybe[str] = UNSET  # who asked for it
    assessment: Maybe[Ordinal] = UNSET  # number of its entry


class AssessmentFinished(Content, frozen=True, kw_only=True):
    """What a subject was found to be when it was held against a standard; ``result`` can be computed again."""

    TYPE: ClassVar[str] = _OURS + "assessment.finished.0.1.0"
    standard: NonEmpty
    as_of: Count
    result: Digest
    grade: Maybe[str] = UNSET
    ceiling: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    pack: Maybe[Digest] = UNSET
    version: Maybe[str] = UNSET
    end: Maybe[Time] = UNSET  # where its windows end
    showable: Maybe[str] = UNSET  # the level that could be shown here
    heard: Maybe[tuple[NonEmpty, ...]] = UNSET  # the kinds of event that could come in; absent: nobody noted it


class RoadmapStepPlanned(Content, frozen=True, kw_only=True):
    """Who takes a step of a node's roadmap, and by when: an item, up to a level. Without both: nobody does any more."""

    TYPE: ClassVar[str] = _OURS + "roadmapStep.planned.0.1.0"
    standard: NonEmpty
    item: NonEmpty
    level: NonEmpty
    person: NonEmpty  # who says so
    owner: Maybe[NonEmpty] = UNSET
    due: Maybe[Day] = UNSET


class ExceptionGranted(Content, frozen=True, kw_only=True):
    """That a rule is waived, or does not apply; the latter takes a second person."""

    TYPE: ClassVar[str] = _OURS + "exception.granted.0.1.0"
    rule: NonEmpty
    reason: NonEmpty
    person: NonEmpty
    until: Maybe[Time] = UNSET
    kind: Maybe[Literal["waiver", "notApplicable"]] = UNSET
    second: Maybe[NonEmpty] = UNSET


class StatementAttested(Content, frozen=True, kw_only=True):
    """What records cannot show, said by a named person. ``topic`` is the name of the fact that asks for it."""

    TYPE: ClassVar[str] = _OURS + "statement.attested.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    topic: NonEmpty
    statement: NonEmpty
    person: NonEmpty
    files: Maybe[tuple[Digest, ...]] = UNSET
    address: Maybe[Uri] = UNSET  # where a document lies that is not among ``files``
    until: Maybe[Time] = UNSET
    commit: Maybe[Commit] = UNSET  # what it speaks of, where that is less than the whole node
    change: Maybe[NonEmpty] = UNSET
    digest: Maybe[Digest] = UNSET
    environment: Maybe[NonEmpty] = UNSET


class StatementReviewed(Content, frozen=True, kw_only=True):
    """What a second person decided on a statement."""

    TYPE: ClassVar[str] = _OURS + "statement.reviewed.0.1.0"
    statement: NonEmpty  # subject of the attested event
    decision: Literal["accepted", "rejected", "withdrawn"]
    person: NonEmpty
    reason: Maybe[str] = UNSET
    topic: Maybe[NonEmpty] = UNSET  # of the statement, as the fields that follow
    author: Maybe[NonEmpty] = UNSET
    files: Maybe[tuple[Digest, ...]] = UNSET
    commit: Maybe[Commit] = UNSET
    change: Maybe[NonEmpty] = UNSET
    digest: Maybe[Digest] = UNSET
    environment: Maybe[NonEmpty] = UNSET


class LedgerCheckpointed(Content, frozen=True, kw_only=True):
    """A checkpoint was made; it covers the entries before this one."""

    TYPE: ClassVar[str] = _OURS + "ledger.checkpointed.0.1.0"
    size: Ordinal
    root: Digest
    key: NonEmpty  # name and fingerprint


class LedgerExported(Content, frozen=True, kw_only=True):
    """Somebody took entries of the ledger along. ``subject`` is the ledger's origin. Absent: it did not matter."""

    TYPE: ClassVar[str] = _OURS + "ledger.exported.0.1.0"
    person: NonEmpty
    size: Ordinal  # of the checkpoint that covers them
    nodes: Maybe[tuple[NonEmpty, ...]] = UNSET  # paths: about these and what is below them
    kind: Maybe[NonEmpty] = UNSET  # a part of their types
    who: Maybe[NonEmpty] = UNSET
    text: Maybe[NonEmpty] = UNSET
    since: Maybe[Time] = UNSET
    until: Maybe[Time] = UNSET


class LedgerKeyRotated(Content, frozen=True, kw_only=True):
    """Another key signs the ledger from here on; both signed that it does. ``subject`` is the ledger's origin."""

    TYPE: ClassVar[str] = _OURS + "ledgerKey.rotated.0.1.0"
    old: NonEmpty  # public keys
    new: NonEmpty
    size: Count  # entries up to which the older one vouches
    note: NonEmpty


class CheckpointDelivered(Content, frozen=True, kw_only=True):
    """A checkpoint was taken outside, or could not be. ``subject`` is the ledger's origin."""

    TYPE: ClassVar[str] = _OURS + "checkpoint.delivered.0.1.0"
    size: Ordinal
    root: Digest
    kind: NonEmpty  # file, git, http, mail, witness
    target: NonEmpty  # without what is secret in it
    outcome: Literal["success", "failure"]
    attempt: Ordinal
    reason: Maybe[str] = UNSET  # of a failure


class CheckpointCosigned(Content, frozen=True, kw_only=True):
    """As a witness, this server cosigned a checkpoint of another ledger. ``subject`` is that ledger's origin."""

    TYPE: ClassVar[str] = _OURS + "checkpoint.cosigned.0.1.0"
    size: Count
    root: Digest
    before: Count  # the size that was cosigned last
    key: NonEmpty  # of the witness: name and fingerprint


class LedgerCorrected(Content, frozen=True, kw_only=True):
    """An earlier event says something wrong; it stays, and this says what is right. A source corrects its own alone."""

    TYPE: ClassVar[str] = _OURS + "ledger.corrected.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    corrects: NonEmpty  # id of the event
    corrects_source: NonEmpty
    reason: NonEmpty
    person: NonEmpty
    replacement: Maybe[NonEmpty] = UNSET  # id of the event that stands instead
