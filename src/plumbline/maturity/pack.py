"""A model as data: what is graded, by which criteria, and what decides each. A pack of any framework has this shape."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import msgspec

from plumbline.judging import Defaults, Signal
from plumbline.model.assessment import Laid
from plumbline.model.ready import ready
from plumbline.model.words import Words

FORMAT = 1
Effort = Literal["low", "medium", "high"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of a pack."""


class Ask(_Part, frozen=True, kw_only=True):
    """A proof that assessors ask to see."""

    kind: Literal["document", "screenshot", "demo"]
    shows: Words
    answered_by: Literal["record", "statement", "live"]
    code: str | None = None


class Criterion(_Part, frozen=True, kw_only=True):
    """``unbound``: nobody has said yet which fact decides it, so that it is unknown whatever the records show."""

    id: str
    text: Words
    kind: Literal["demand", "sign"]
    evidence: Literal["automatic", "mixed", "statement"]
    remedy: Words
    effort: Effort
    signals: tuple[Signal, ...]
    origin: str = "sheet"
    replaced_by: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    unbound: bool = False
    state: str = ""  # of a requirement of another framework: Draft or Deprecated; empty: in force
    applies_to: tuple[str, ...] = ()  # where that framework says that it applies


class Switch(_Part, frozen=True, kw_only=True):
    """That an organisation does not use an item, and who decided so."""

    reason: str
    person: str
    second: str

    @property
    def stands(self) -> bool:
        return bool(self.reason.strip() and self.person.strip() and self.second.strip() and self.person != self.second)


class CrossReference(_Part, frozen=True, kw_only=True):
    """Entries of another framework that say the same."""

    framework: str
    entries: tuple[str, ...]


class RetiredRequirement(_Part, frozen=True, kw_only=True):
    """What a framework asked for once, and what stands in its place; nobody is asked for it any more."""

    id: str
    text: str
    replaced_by: str = ""


class FrameworkName(_Part, frozen=True, kw_only=True):
    """A framework that is referred to."""

    id: str
    title: str
    version: str = ""
    address: str = ""


class Framework(_Part, frozen=True, kw_only=True):
    """The catalogue of others that a pack was made from."""

    form: Literal["gemara", "oscal"]
    id: str
    title: str
    digest: str  # of its bytes
    version: str = ""
    schema: str = ""  # version of the form
    authors: str = ""
    binding: str = ""  # "id version" of what binds its requirements to facts
    retired: tuple[RetiredRequirement, ...] = ()
    names: tuple[FrameworkName, ...] = ()  # of the frameworks that it refers to


class Item(_Part, frozen=True, kw_only=True):
    """What is graded."""

    id: str
    name: Words
    looks_at: Words
    levels: dict[str, tuple[Criterion, ...]]
    basis: dict[str, str] = {}
    inherits: dict[str, bool] = {}
    level_4_shows_level_3: bool = False
    evidence_code: str = ""
    notes: tuple[Words, ...] = ()
    mark: str = ""  # how sure the names and the texts are
    off: Switch | None = None
    references: tuple[CrossReference, ...] = ()

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(criterion for level in self.levels.values() for criterion in level)


class Group(_Part, frozen=True, kw_only=True):
    """An area or a sub-area."""

    id: str
    name: Words
    groups: tuple[Group, ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[Words, ...] = ()

    def every_item(self) -> tuple[Item, ...]:
        return self.items + tuple(item for group in self.groups for item in group.every_item())


class Level(_Part, frozen=True, kw_only=True):
    id: str
    name: Words


class RollUp(_Part, frozen=True, kw_only=True):
    """How items make the level of a group. ``lowest``: the lowest item decides."""

    rule: Literal["lowest"] = "lowest"
    waived_counts: bool = False  # whether a waived criterion is treated as met
    most_off: float = 0.2  # share of the items that exemptions may take off; where there are more, none is taken off


class FactKind(_Part, frozen=True, kw_only=True):
    from_: str = msgspec.field(name="from")
    is_: str = msgspec.field(name="is")


class Pack(_Part, frozen=True, kw_only=True):
    format: int
    id: str
    version: str
    name: Words
    notice: Words  # shown wherever a level is shown
    levels: tuple[Level, ...]  # lowest first
    groups: tuple[Group, ...]
    part: str = ""
    standard: dict[str, str] = {}
    roll_up: RollUp = RollUp()
    defaults: Defaults = Defaults()
    fact_kinds: dict[str, FactKind] = {}
    notes: tuple[Words, ...] = ()
    overlays: tuple[str, ...] = ()  # "id version" of the overlays that were laid over it
    laid: tuple[Laid, ...] = ()  # the same with what each changed
    framework: Framework | None = None

    def every_item(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.every_item())

    def item(self, id_: str) -> Item | None:
        return next((item for item in self.every_item() if item.id == id_), None)


class PackFile:
    """A pack with what is derived from it once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its canonical JSON: what a grade was made with."""
        return f"sha256:{sha256(canonical(self.pack)).hexdigest()}"

    @cached_property
    def criteria(self) -> dict[str, tuple[Item, str, Criterion]]:
        return {
            criterion.id: (item, level, criterion)
            for item in self.pack.every_item()
            for level, criteria in item.levels.items()
            for criterion in criteria
        }

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        return tuple(signal for _, _, criterion in self.criteria.values() for signal in criterion.signals)


def canonical(value: Any) -> bytes:
    """JSON with sorted names and nothing left to taste."""
    return msgspec.json.encode(value, order="sorted")


def revive(data: bytes) -> Pack:
    """A pack from its canonical JSON. Raises msgspec.ValidationError."""
    return msgspec.json.decode(data, type=ready(Pack))
