"""An assessment as a reader sees it: texts in one language, numbers, and words that templates style by.

``outcome`` is a :class:`Judgement` for a demand; for a sign of a low level it is ``seen``, ``absent`` or as it stands.
``state`` of a cell is one of ``proven``, ``above``, ``not_met``, ``unknown``, ``waived``, ``none``, ``off``.
"""

from __future__ import annotations

import msgspec


class _Shown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a report."""


class ShownEvent(_Shown, frozen=True, kw_only=True):
    source: str
    id: str
    criteria: tuple[str, ...] = ()  # those that cite it


class ShownFinding(_Shown, frozen=True, kw_only=True):
    """``measured`` says what was found and what is demanded, in one sentence."""

    title: str
    outcome: str
    outcome_text: str
    measured: str
    limit: str
    sample: str
    window: str
    excluded: tuple[str, ...]
    origin: str  # in words; empty where nothing was found
    note: str
    rule: str
    events: tuple[ShownEvent, ...]  # the first few
    total: int
    events_text: str


class ShownCriterion(_Shown, frozen=True, kw_only=True):
    id: str
    level: str
    text: str
    kind: str  # demand or sign
    outcome: str
    outcome_text: str
    open: bool  # required, and does not hold
    note: str  # a waiver, or what outgrew it
    basis: str  # computed, reported, statement; empty while undecided
    basis_text: str
    remedy: str
    effort: str
    effort_text: str
    findings: tuple[ShownFinding, ...]


class Cell(_Shown, frozen=True, kw_only=True):
    """Of the heat map: an item at a level."""

    level: str
    state: str
    text: str  # "2/5": so many of the required hold
    title: str


class ShownLevel(_Shown, frozen=True, kw_only=True):
    id: str
    title: str  # "3 comprehensive"
    cell: Cell
    criteria: tuple[ShownCriterion, ...]


class ShownItem(_Shown, frozen=True, kw_only=True):
    id: str
    name: str
    area: str
    looks_at: str
    applies: bool
    reason: str
    level: str
    label: str
    standing: str  # "2 (could be up to 4)"
    levels: tuple[ShownLevel, ...]
    next_level: str  # empty at the top
    gap: tuple[ShownCriterion, ...]
    what_if: str

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(level.cell for level in self.levels)


class ShownArea(_Shown, frozen=True, kw_only=True):
    """``rank`` and ``mean`` count levels from 1; 0 is below the lowest. A mean is never called a level."""

    id: str
    name: str
    level: str
    standing: str
    showable: str  # with what is connected here; empty: nobody noted it
    rank: int
    ceiling_rank: int
    mean: float | None
    mean_text: str
    decided: str
    what_if: str
    areas: tuple[ShownArea, ...]
    items: tuple[ShownItem, ...]

    def every_item(self) -> tuple[ShownItem, ...]:
        return self.items + tuple(item for area in self.areas for item in area.every_item())


class CountRow(_Shown, frozen=True, kw_only=True):
    """Of one level: demands by outcome, and signs; and what the decided demands rest on."""

    level: str
    title: str
    outcomes: tuple[int, ...]  # in the order of ``Report.outcomes``
    total: int
    computed: int
    reported: int
    statement: int
    undecided: int
    signs: int
    seen: int
    sentence: str


class ShownStep(_Shown, frozen=True, kw_only=True):
    number: int
    item: str
    name: str
    now: str
    level: str
    effort: int
    criteria: tuple[ShownCriterion, ...]
    what_if: str
    lifts: str  # a sentence; empty where no area rises
    needs: str  # what it takes: a practice, a source to connect, a statement; empty: nobody noted it
    owner: str
    due: str  # a day; empty: nobody said


class Stage(_Shown, frozen=True, kw_only=True):
    """The steps that bring every item that is at ``level`` further up."""

    level: str
    title: str
    summary: str
    what_if: str
    effort: int
    steps: tuple[ShownStep, ...]


class Fact(_Shown, frozen=True, kw_only=True):
    """A name and a value, for a table of particulars."""

    name: str
    value: str


class ShownSource(_Shown, frozen=True, kw_only=True):
    """Who told what the assessment looked at. Times and counts are empty where nobody counted."""

    source: str
    word: str  # whose it is, in words
    since: str
    until: str
    events: str
    criteria: int  # that cite it


class Point(_Shown, frozen=True, kw_only=True):
    """An item as a strength or as a gap."""

    item: str
    name: str
    area: str
    standing: str
    text: str


class Mark(_Shown, frozen=True, kw_only=True):
    """Of the trend: how the whole was graded at a time."""

    when: str
    level: str
    ceiling: str


class Cause(_Shown, frozen=True, kw_only=True):
    """What changed since the assessment before, by one of the three causes."""

    title: str
    lines: tuple[str, ...]
    nothing: str  # a sentence, where there are no lines
    more: str  # how many lines there are beyond those of the short form; empty: none


class Asked(_Shown, frozen=True, kw_only=True):
    """A step of the roadmap as a request; who is asked, and by when, is empty where it is yet to be filled in."""

    number: int
    item: str
    name: str
    move: str  # "1 → 2"
    text: str
    needs: str
    owner: str
    due: str


class ShownProof(_Shown, frozen=True, kw_only=True):
    """What assessors ask to see, under their code."""

    code: str
    kind: str
    shows: str
    criterion: str
    state: str  # a member of ProofState
    state_text: str
    events: str


class Brief(_Shown, frozen=True, kw_only=True):
    """What a board reads: the whole on a few pages."""

    numbers: tuple[Fact, ...]  # the level that is proven, and how high it could be, and why
    sources: tuple[ShownSource, ...]
    sources_text: str
    thresholds: str  # how many are the standard's and how many ours; empty: not known
    strengths: tuple[Point, ...]
    strengths_text: str  # where there are none
    gaps: tuple[Point, ...]
    trend: tuple[Mark, ...]
    since: str  # which assessment it is compared with, or why there is none
    causes: tuple[Cause, ...]
    asked: tuple[Asked, ...]
    asked_text: str
    asked_more: str  # how many steps there are besides; empty: none
    proofs: str  # how many of the proofs are there
    assessor: str


class Report(_Shown, frozen=True, kw_only=True):
    language: str  # en or zh-Hans
    title: str
    subject: str  # as people call it
    path: str
    as_of: str
    notice: str
    reservations: tuple[str, ...]  # what in the grade is not shown by records under the model as it is
    level: str
    headline: str  # "1 (could be up to 3)"
    headline_names: str  # with the names of the levels
    roll_up: str
    levels: tuple[tuple[str, str], ...]  # id and title, lowest first
    outcomes: tuple[tuple[str, str], ...]  # key and name
    states: tuple[tuple[str, str], ...]  # of cells
    counts: tuple[CountRow, ...]
    records: str  # how much of the level of interest is decided from records
    brief: Brief
    areas: tuple[ShownArea, ...]
    stages: tuple[Stage, ...]
    proofs: tuple[ShownProof, ...]
    particulars: tuple[Fact, ...]
    checkpoint: str
    signatures: tuple[str, ...]
    events: tuple[ShownEvent, ...]
    events_text: str
    labels: dict[str, str]

    def every_item(self) -> tuple[ShownItem, ...]:
        return tuple(item for area in self.areas for item in area.every_item())
