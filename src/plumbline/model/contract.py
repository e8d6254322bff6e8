"""What has to be there before anything goes on: evidence contracts, the collections they open, and slots.

A *contract* names what is due at an *occasion*; the server opens a *collection* with the occasion and closes it; a
*slot* is one line of the contract, once for each thing it is about.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.model.words import Words


class OccasionKind(StrEnum):
    """When something is due."""

    MERGE = "merge"  # a merge request wants to be merged
    PIPELINE = "pipeline"
    RELEASE = "release"
    PROMOTION = "promotion"  # to a tier
    DEPLOYED = "deployed"  # after a deployment
    NIGHTLY = "nightly"


class SubjectKind(StrEnum):
    """What evidence is about. An entry about another one does not count, whatever its name."""

    COMMIT = "commit"
    ARTIFACT = "artifact"  # by digest
    CHANGE = "change"  # a merge request
    ENVIRONMENT = "environment"


class SlotState(StrEnum):
    """Of a slot of a collection; each slot has exactly one. ``OPEN`` while it may still be filled, else as it ended."""

    OPEN = "open"
    FILLED = "filled"
    FILLED_LATE = "filled_late"
    WRONG_SUBJECT = "wrong_subject"  # what came is about something else
    UNREADABLE = "unreadable"  # ... cannot be read, is empty without a scope, or has too little in it
    REFUSED_ORIGIN = "refused_origin"  # ... comes from somebody whose word does not count here
    NOT_APPLICABLE = "not_applicable"  # by a condition, stored with its result
    WAIVED = "waived"
    MISSING = "missing"


FULL = frozenset({SlotState.FILLED})  # what a complete collection is made of, beside NOT_APPLICABLE and WAIVED


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of a contract."""


class Occasion(_Part, frozen=True, kw_only=True):
    """``branches``: names with ``*``; ``sources``: those of pipelines (``push``, ``schedule``, ...); ``tiers``: of
    environments. Empty: all."""

    kind: OccasionKind
    branches: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


class Unless(_Part, frozen=True, kw_only=True):
    """Where the condition holds, the slot is not applicable. CEL over the documented facts of gates."""

    rule: Words  # its name, for people
    when: str


class Need(_Part, frozen=True, kw_only=True):
    """One line of a contract. ``kinds``: any one of them fills it."""

    id: str
    title: Words
    kinds: tuple[str, ...]
    of: SubjectKind
    each: bool = False  # once for each artifact
    covers: tuple[str, ...] = ()  # path patterns that what was looked at has to take in
    layer: str = ""  # of tests
    tools: tuple[str, ...] = ()  # empty: any
    at_least: dict[str, float] = {}  # ``min``: named counts of the kind, such as cases
    made_by: tuple[str, ...] = ()  # whose word counts: own, forge, forge:gitlab, source:sonar-prod, person; empty: own
    runners: tuple[str, ...] = ()  # tags of the runners that it has to come from; empty: any
    unless: Unless | None = None
    maps: tuple[str, ...] = ()  # framework/requirement


class Contract(_Part, frozen=True, kw_only=True):
    """One version of a contract, read. ``extends``: the name of one at the same node or above it."""

    name: str
    title: Words
    owner: str
    occasion: Occasion
    needs: tuple[Need, ...]
    extends: str = ""
    grace_minutes: int | None = None  # after the end of the occasion; None: it says nothing of it
    deadline_minutes: int | None = None  # after its beginning, where the end does not come
    unless: Unless | None = None


class DueContract(_Part, frozen=True, kw_only=True):
    """What is due where several contracts hold: those of the node, of the nodes above it, and of the repository, each
    only ever adding. ``digest``: of this value, as it is kept with the collection."""

    needs: tuple[DueNeed, ...]
    grace_minutes: int
    deadline_minutes: int
    digest: str = ""


class DueNeed(_Part, frozen=True, kw_only=True):
    need: Need
    contract: str  # its name
    version: int
    node: str  # path of the node that it stands at; empty: the installation
    digest: str  # of the contract's text
    by_repository: bool = False  # it stands in .plumbline/contract.yml
    unless: tuple[Unless, ...] = ()  # of the line and of its contract: where one of them holds, it is not applicable


class Subjects(_Part, frozen=True, kw_only=True):
    """What an occasion is about; empty: there is none of it."""

    commit: str = ""
    ref: str = ""
    change: str = ""  # iid of the merge request
    environment: str = ""
    tier: str = ""
    artifacts: tuple[str, ...] = ()  # digests
    pipeline: int = 0
    run: str = ""  # uid of the pipeline: subject of its events


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One piece of evidence: what an entry of the ledger says that may fill a slot. Times: microseconds."""

    kind: str
    event: str  # id of the entry's event
    source: str  # context.source of the event
    seq: int
    received: int
    word: str  # whose word it is: own, forge:<kind>, source:<name>, person:<name>; empty: nobody vouches for it
    about: tuple[tuple[str, str], ...] = ()  # (kind of subject, its id): commit, artifact, change, environment
    digest: str = ""  # of the bytes it rests on; the same bytes twice are one piece
    tool: str = ""
    layer: str = ""
    covers: tuple[str, ...] = ()  # paths it looked at
    counts: tuple[tuple[str, float], ...] = ()
    problem: str = ""  # why it cannot be read
    runners: tuple[str, ...] = ()  # tags of the runner it came from
    supersedes: str = ""  # id of an event of the same source about the same subject
    time: int = 0  # that the event gives itself


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition as it was asked: with its result and the facts it was asked of. ``result`` None: it could not be
    told; ``problem`` says why, and the slot stays due."""

    when: str
    result: bool | None
    facts: dict[str, object] = {}
    problem: str = ""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What one line of a contract came to, for one thing. ``evidence``: ids of events, those that count first."""

    need: str
    contract: str
    subject: str  # commit, digest, number of the change, environment; empty: none is known yet
    state: SlotState
    evidence: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()  # of the ledger: the number of each of those, in the same order
    word: str = ""  # of what fills it
    received: int = 0
    digest: str = ""  # of what fills it
    rule: str = ""  # of the condition that makes it not applicable; id of the waiver
    why: str = ""  # a short code of what is wrong: empty, too-few, no-scope, ...

    @property
    def id(self) -> str:
        return f"{self.need}:{self.subject}" if self.subject else self.need


class BrokenContract(_Part, frozen=True, kw_only=True):
    """A contract that holds and cannot be read: whatever it may ask for is not there."""

    contract: str  # its name, or the file of the repository
    node: str = ""  # path of the node that it stands at
    why: str  # a short code: contract-wrong, contract-weaker, file-unreadable, ...
    text: str = ""  # as it was written, as far as it is kept


class Ending(StrEnum):
    """How the occasion of a collection came to its end."""

    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # its deadline came first
    BY_PERSON = "by_person"


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Opened by the server with the occasion, never by a client. Times are microseconds since the epoch; 0: not yet."""

    id: int = 0
    uid: str = ""
    project: int
    path: str  # of the project when it was opened
    occasion: OccasionKind
    subjects: Subjects
    due: DueContract
    opened: int
    first: int = 0  # the number of the ledger's newest entry when it was opened
    deadline: int
    ended: int = 0  # the occasion is over
    ending: Ending | None = None
    closes: int = 0  # the end and its grace, or the deadline
    closed: int = 0
    closed_by: str = ""  # name of the person, where one did
    reason: str = ""
    last: int = 0  # the number of the newest entry that was looked at when it was closed
    broken: tuple[BrokenContract, ...] = ()  # each is a slot that nothing fills
    slots: tuple[Slot, ...] = ()  # as they were when it was closed; empty before
    conditions: tuple[Condition, ...] = ()
    statement: str = ""  # digest of the statement about it
    event: str = ""  # id of the event that tells of its closing
