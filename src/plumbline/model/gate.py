"""Gates: what a policy made of the facts, and what people set aside."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.model.contract import Subjects
from plumbline.model.fact import Fact
from plumbline.model.words import Words


class Outcome(StrEnum):
    """Of a check, and of a gate. Only ``PASS`` passes; ``WAIVED`` lets go on, and says that two persons did."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NO_DATA = "no_data"
    ERROR = "error"
    WAIVED = "waived"


class GateAct(StrEnum):
    """Where a gate acts."""

    MERGE = "merge"
    PIPELINE = "pipeline"
    PROMOTION = "promotion"


class Stage(StrEnum):
    """Of a check, by its dates. Only what is ``ENFORCED`` decides; the rest is shown."""

    COMING = "coming"
    ADVISORY = "advisory"
    ENFORCED = "enforced"
    RETIRED = "retired"


Scalar = bool | int | float | str


class FactValue(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one fact: exactly one of ``value`` and ``lack``; or ``measured``, where the facts of the grade
    were asked over a time. ``events``: ids of those that it rests on."""

    value: Scalar | tuple[Scalar, ...] | None = None
    measured: Fact | None = None
    lack: str = ""  # why there is none: a word of plumbline.model.fact.Lack
    events: tuple[str, ...] = ()


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """``advisory``: shown, and decides nothing yet (or no more); ``stage`` says why. ``outcome`` is WAIVED where a
    waiver set aside what would be ``judged``. ``applies`` False: its condition says that it is not meant here; it is
    NO_DATA, and decides nothing as long as another check does."""

    check: str  # its id in the policy
    title: Words
    outcome: Outcome
    judged: Outcome  # before waivers
    reason: Words | None = None  # what is wrong, in words of the policy
    remedy: Words | None = None
    detail: str = ""  # a short code: missing fact's name, message of an error
    needs: dict[str, FactValue] = {}  # the facts that it was asked of
    advisory: bool = False
    stage: Stage = Stage.ENFORCED
    applies: bool = True
    rule: str = ""  # what judged, with its version: cel/1, tests-passed/1, share/1
    maps: tuple[str, ...] = ()  # framework/requirement
    waiver: str = ""  # id of the waiver


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement of one policy about one thing, kept with all it takes to do it again."""

    id: int = 0
    uid: str = ""
    project: int
    path: str  # of the project
    act: GateAct
    subjects: Subjects
    policy: str  # its name
    version: int
    policy_digest: str  # of its text
    node: str  # path of the node where the policy stands
    outcome: Outcome
    checks: tuple[CheckResult, ...]
    facts: dict[str, FactValue] = {}
    reason: str = ""  # a short code where no check decided: empty-policy, nothing-selected, nothing-applies, ...
    at: int = 0  # microseconds since the epoch; the one moment of the evaluation
    event: str = ""  # id of gate.evaluated
    collection: str = ""  # uid of the collection it looked at


class WaiverState(StrEnum):
    ASKED = "asked"  # one person asked; it sets nothing aside yet
    IN_FORCE = "in_force"
    REFUSED = "refused"
    ENDED = "ended"  # taken back before its time
    EXPIRED = "expired"
    VOID = "void"  # one of its two persons is here no longer


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """Two persons let one check of a policy, or one line of a contract, be set aside, within a scope, until its end.
    Disabling, overriding and bypassing are this. Times: microseconds since the epoch; 0: never."""

    id: int = 0
    uid: str = ""
    node: int  # it holds there and below
    path: str
    rule_set: str  # name of the policy or contract
    line: str  # id of the check or need
    of_contract: bool = False
    commit: str = ""  # only for this commit, this digest, this change; empty: for all below the node
    digest: str = ""
    change: str = ""
    reason: str
    asked_by: str  # name of the person
    asked: int
    agreed_by: str = ""
    agreed: int = 0
    refused_by: str = ""
    refused: int = 0
    ends: int
    ended_by: str = ""
    ended: int = 0
    announced: tuple[int, ...] = ()  # days before its end that were announced
    used: int = 0  # how often it set something aside
