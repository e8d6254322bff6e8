"""Our own types: what was due, what came, what gates said, and what people set aside."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET

from plumbline.evidence.vocabulary.fields import Commit, Content, Count, Digest, Maybe, NonEmpty, Ordinal, Part, Time

_OURS = "dev.cdeventsx.plumbline-"

OccasionName = Literal["merge", "pipeline", "release", "promotion", "deployed", "nightly"]
SlotStateName = Literal[
    "filled",
    "filled_late",
    "wrong_subject",
    "unreadable",
    "refused_origin",
    "not_applicable",
    "waived",
    "missing",
]


class RuleSetSaved(Content, frozen=True, kw_only=True):
    """A new version of a policy or contract; ``subject`` is its kind and name at its node."""

    TYPE: ClassVar[str] = _OURS + "ruleSet.saved.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    kind: Literal["policy", "contract"]
    name: NonEmpty
    version: Ordinal
    digest: Digest
    person: NonEmpty
    reason: Maybe[str] = UNSET


class RuleSetRetired(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "ruleSet.retired.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    kind: Literal["policy", "contract"]
    name: NonEmpty
    version: Ordinal
    digest: Digest
    person: NonEmpty
    reason: Maybe[str] = UNSET


class CollectionOpened(Content, frozen=True, kw_only=True):
    """The server began to wait for what is due; ``subject`` is the uid of the collection."""

    TYPE: ClassVar[str] = _OURS + "collection.opened.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    occasion: OccasionName
    contract: Digest  # of all that is due
    due: Count  # lines
    deadline: Time
    commit: Maybe[Commit] = UNSET
    change: Maybe[NonEmpty] = UNSET
    environment: Maybe[NonEmpty] = UNSET
    run: Maybe[NonEmpty] = UNSET


class ClosedSlot(Part, frozen=True, kw_only=True):
    id: NonEmpty
    state: SlotStateName
    contract: NonEmpty
    evidence: Maybe[tuple[NonEmpty, ...]] = UNSET  # ids of events
    word: Maybe[NonEmpty] = UNSET  # whose word fills it
    sources: Maybe[tuple[NonEmpty, ...]] = UNSET  # registered sources that it was due from


class CollectionClosed(Content, frozen=True, kw_only=True):
    """Every slot that was due, in exactly one state. ``uncovered``: no contract held for the occasion."""

    TYPE: ClassVar[str] = _OURS + "collection.closed.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    occasion: OccasionName
    contract: Digest
    ending: Literal["finished", "failed", "cancelled", "expired", "by_person"]
    slots: tuple[ClosedSlot, ...]
    person: Maybe[NonEmpty] = UNSET
    reason: Maybe[str] = UNSET
    commit: Maybe[Commit] = UNSET
    change: Maybe[NonEmpty] = UNSET
    environment: Maybe[NonEmpty] = UNSET
    run: Maybe[NonEmpty] = UNSET


class EvidenceLate(Content, frozen=True, kw_only=True):
    """Something came for a collection that was closed: kept and marked; it rewrites nothing."""

    TYPE: ClassVar[str] = _OURS + "evidence.late.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    collection: NonEmpty
    slot: NonEmpty
    evidence: NonEmpty  # id of the event


class StatementSigned(Content, frozen=True, kw_only=True):
    """One signed statement about a run; ``subject`` is the uid of the collection."""

    TYPE: ClassVar[str] = _OURS + "runStatement.signed.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    digest: Digest
    key: NonEmpty
    complete: bool
    commit: Maybe[Commit] = UNSET
    run: Maybe[NonEmpty] = UNSET


class WaiverAsked(Content, frozen=True, kw_only=True):
    """``subject`` is the uid of the waiver, as with the other events about one."""

    TYPE: ClassVar[str] = _OURS + "waiver.asked.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    rule_set: NonEmpty
    line: NonEmpty
    person: NonEmpty
    reason: NonEmpty
    until: Time
    commit: Maybe[Commit] = UNSET
    digest: Maybe[Digest] = UNSET
    change: Maybe[NonEmpty] = UNSET


class WaiverDecided(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "waiver.decided.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    rule_set: NonEmpty
    line: NonEmpty
    decision: Literal["agreed", "refused"]
    asked_by: NonEmpty
    person: NonEmpty
    until: Time


class WaiverEnded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "waiver.ended.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    rule_set: NonEmpty
    line: NonEmpty
    why: Literal["taken_back", "expired", "person_left"]
    person: Maybe[NonEmpty] = UNSET


class WaiverAnnounced(Content, frozen=True, kw_only=True):
    """Its end comes near."""

    TYPE: ClassVar[str] = _OURS + "waiver.announced.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    rule_set: NonEmpty
    line: NonEmpty
    days: Count
    until: Time


class AgentConfigured(Content, frozen=True, kw_only=True):
    """How an AI agent is set up in a repository: digests and counts; what files say never leaves it."""

    TYPE: ClassVar[str] = _OURS + "agent.configured.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    TOLD_BY_TOOLS: ClassVar[bool] = True
    commit: Commit
    files: Count
    digest: Digest  # of the list of files with their digests
    tool_servers: Maybe[tuple[NonEmpty, ...]] = UNSET  # their names
    permissions: Maybe[tuple[NonEmpty, ...]] = UNSET  # names of the tools that it may use unasked


class AgentSessionEnded(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "agentSession.ended.0.1.0"
    TOLD_BY_TOOLS: ClassVar[bool] = True
    agent: NonEmpty
    person: NonEmpty  # who ran it
    model: Maybe[NonEmpty] = UNSET
    tools: Maybe[tuple[NonEmpty, ...]] = UNSET
    commits: Maybe[tuple[Commit, ...]] = UNSET
    lines: Maybe[Count] = UNSET
