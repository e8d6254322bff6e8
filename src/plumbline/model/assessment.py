"""The result of holding a system against a model: every level open down to criterion, numbers and events."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.model.fact import Cited, Fact, Lack
from plumbline.model.words import Words


class Judgement(StrEnum):
    """Of one criterion, or of one of its signals."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a probe found for one signal: the rule, the numbers, and the events."""

    probe: str
    fact: Fact
    title: Words
    outcome: Judgement
    lack: Lack | None = None
    measured: float | None = None  # in ``unit``
    op: str = ""
    limit: float | None = None
    unit: str = ""
    sample: int = 0
    binding: bool = True
    rule: str = ""  # probe and its version, such as "share/1"

    @property
    def too_soon(self) -> bool:
        """That its sources were there for a part of the time only is why nothing is known."""
        partly = self.fact.value is not None and self.fact.asked_days > 0
        return self.lack is Lack.TOO_FEW and (partly or self.fact.too_soon)


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of one criterion."""

    criterion: str
    text: Words
    kind: str  # demand or sign
    outcome: Judgement
    findings: tuple[Finding, ...]
    remedy: Words
    effort: str  # low, medium, high
    required: bool  # False: a sign, outgrown by a higher criterion that is met, or waived where the pack counts that
    outgrown_by: str = ""
    reason: str = ""  # of a waiver or of not applying, with who said so

    @property
    def holds(self) -> bool:
        return self.outcome in (Judgement.MET, Judgement.NOT_APPLICABLE)

    @property
    def cited(self) -> tuple[Cited, ...]:
        return tuple(dict.fromkeys(one for finding in self.findings for one in finding.fact.cited))

    @property
    def events(self) -> int:
        return sum(finding.fact.events for finding in self.findings)


class LevelVerdicts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The criteria of one level of an item, each with its verdict."""

    level: str
    held: bool  # every required criterion of this level holds
    partly: bool  # some required criterion of this level holds
    verdicts: tuple[Verdict, ...]
    proves: bool = True  # False: it demands nothing, so nobody can be at this level; those above it count


class ItemGrade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``level`` is proven. ``ceiling`` is what it would be if all that is unknown held: the truth lies between.
    ``showable``: if all of that held which this version and what is connected here could show (:attr:`Scope.heard`)."""

    id: str
    name: Words
    looks_at: Words
    level: str  # empty: not even the lowest
    label: str  # "3-" where some of level 3 hold and level 2 is proven
    ceiling: str
    levels: tuple[LevelVerdicts, ...]
    applies: bool = True
    reason: str = ""
    showable: str = ""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for level in self.levels for verdict in level.verdicts)


class GroupGrade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An area or sub-area: the lowest of what is in it. ``mean`` is for the radar alone, never called the level."""

    id: str
    name: Words
    level: str
    ceiling: str
    mean: float | None
    decided_by: tuple[str, ...]  # ids of the items that are lowest
    groups: tuple[GroupGrade, ...] = ()
    items: tuple[ItemGrade, ...] = ()
    showable: str = ""

    def every_item(self) -> tuple[ItemGrade, ...]:
        return self.items + tuple(item for group in self.groups for item in group.every_item())


class NeedKind(StrEnum):
    """What would make a criterion hold."""

    PRACTICE = "practice"  # to do it, so that the records show it
    SOURCE = "source"  # and somebody who tells of it
    STATEMENT = "statement"  # to say it, and have a second person accept that


class StepNeed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one criterion takes. ``kinds``: of event, of which nobody connected here tells; one of each group is
    enough."""

    criterion: str
    kind: NeedKind
    kinds: tuple[tuple[str, ...], ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One step of the roadmap: these criteria, and the item is at ``level``."""

    item: str
    name: Words
    now: str
    level: str
    effort: int  # low 1, medium 2, high 4, added up
    criteria: tuple[str, ...]
    lifts: tuple[str, ...] = ()  # groups whose level rises once this and the steps before it are done
    owner: str = ""  # who takes it, as somebody said
    due: str = ""  # the day by which it is to be done: 2027-01-31
    needs: tuple[StepNeed, ...] = ()  # at least one for each criterion; none where nobody noted what is heard here


class StepPlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of one step of a roadmap. ``due``: a day, as 2027-01-31. Empty: nobody said."""

    owner: str = ""
    due: str = ""


class Laid(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An overlay that was laid over the pack: who answers for it (empty: nobody is named), and all that it changed."""

    id: str
    version: str
    by: str = ""
    changes: tuple[Changed, ...] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``rule``: a criterion, an item, or a field of the pack itself. Thresholds ``before`` and ``after``, where it has
    any."""

    rule: str
    what: tuple[str, ...]
    before: str = ""
    after: str = ""


class Exempted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A waiver, or that something does not apply (``applies`` False), as it was in force. ``counted`` False: more items
    do not apply than the pack allows, so that none of these is taken off."""

    rule: str
    reason: str
    person: str
    second: str = ""
    until: int = 0  # microseconds since the epoch; 0: no end
    applies: bool = True
    counted: bool = True


class Late(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of what another told, and counts, was received more than a day after it happened. ``word``: whose it is,
    as in ``Fact.sources``."""

    word: str
    late: int
    events: int


class Scope(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was assessed, and on which records."""

    subject: str  # path of a project or a system, or of a repository
    as_of: int  # sequence number of the last entry looked at; events counted where there is no ledger
    end: int  # microseconds since the epoch; windows end here
    checkpoint: str = ""  # the signed note over these entries; empty: not from a ledger
    heard: tuple[str, ...] = ()  # kinds of event that may come in here; none: nobody noted it


class Assessment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A function of (events up to ``scope.as_of``, pack, statements): the same again gives the same ``digest``.

    Three numbers, at each part as well: ``level`` is proven; ``showable`` is what this version could prove with what is
    connected here; ``ceiling`` is what the evidence leaves room for. ``showable`` says nothing where ``scope.heard`` is
    empty."""

    scope: Scope
    pack: str  # id
    pack_version: str
    pack_digest: str
    pack_name: Words
    notice: Words
    roll_up: str
    levels: tuple[tuple[str, Words], ...]  # lowest first
    level: str
    ceiling: str
    groups: tuple[GroupGrade, ...]
    roadmap: tuple[Step, ...] = ()
    ignored: tuple[Cited, ...] = ()  # the first of the events that claim to be evidence, and count for nothing
    ignored_events: int = 0  # all of them
    overlays: tuple[Laid, ...] = ()
    exempted: tuple[Exempted, ...] = ()
    by_waivers: bool = False  # ``level`` is not shown by records alone: the pack counts what was waived
    proven: str = ""  # then: the level that is
    showable: str = ""
    unrecognised: tuple[str, ...] = ()  # criteria that are open and that this version cannot see: no step leads there
    late: tuple[Late, ...] = ()  # of each who told something late
    digest: str = ""

    @property
    def shown(self) -> str:
        """The level that records show: what takes waivers is never called proven."""
        return self.proven if self.by_waivers else self.level

    def every_item(self) -> tuple[ItemGrade, ...]:
        return tuple(item for group in self.groups for item in group.every_item())
