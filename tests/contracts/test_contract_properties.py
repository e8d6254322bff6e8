"""What holds of every contract and of everything that may come (E1 to E5, E8, E10)."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.told import DEADLINE, ONE, OTHER_SHA, RUN, SHA, TWO, fold, placed

from plumbline.contracts import Asked, complete, due, summary, weakened
from plumbline.contracts.fitting import may_say
from plumbline.contracts.looking import subjects_of
from plumbline.model.contract import (
    Condition,
    Contract,
    DueContract,
    Evidence,
    Need,
    Occasion,
    OccasionKind,
    SlotState,
    SubjectKind,
    Subjects,
    Unless,
)
from plumbline.model.words import Words

KINDS = ("test-report", "scan.sast", "sbom.spdx", "change.approved")
WORDS = ("own", "forge:gitlab", "source:sonar", "source:other", "person:ann", "")
WHENS = ("change.draft", "changed.lines == 0")
ABOUT = (
    ("commit", SHA), ("commit", OTHER_SHA), ("artifact", ONE), ("artifact", TWO), ("artifact", f"sha256:{'9' * 64}"),
    ("change", "7"), ("change", "8"), ("environment", "prod"), ("run", RUN), ("run", "other"),
)  # fmt: skip
LIMIT = DEADLINE

few = st.sampled_from
subjects_drawn = st.builds(
    Subjects,
    commit=few((SHA, "")),
    change=few(("7", "")),
    environment=few(("prod", "")),
    artifacts=few(((), (ONE,), (ONE, TWO))),
    run=few((RUN, "")),
)
unless_drawn = st.none() | st.builds(Unless, rule=st.just(Words("r", "r")), when=few(WHENS))


def some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(few(values), max_size=most, unique=True).map(tuple)


@st.composite
def needs_drawn(draw: st.DrawFn, id_: str) -> Need:
    of = draw(few(list(SubjectKind)))
    return Need(
        id=id_,
        title=Words(id_, id_),
        kinds=draw(some(KINDS, 3).filter(bool)),
        of=of,
        each=of is SubjectKind.ARTIFACT and draw(st.booleans()),
        covers=draw(some(("src/**", "web/*"))),
        layer=draw(few(("", "", "unit"))),
        tools=draw(some(("a", "b"))),
        at_least=draw(st.dictionaries(few(("cases", "findings")), few((0.0, 2.0, 5.0)), max_size=2)),
        made_by=draw(some(("own", "forge", "source", "source:sonar", "person"), 3)),
        runners=draw(some(("secure", "linux"))),
        unless=draw(unless_drawn),
    )


@st.composite
def contracts_drawn(draw: st.DrawFn, name: str = "c") -> Contract:
    ids = draw(st.lists(few(("n1", "n2", "n3")), min_size=1, max_size=3, unique=True))
    return Contract(
        name=name, title=Words(name, name), owner="o", occasion=Occasion(kind=OccasionKind.PIPELINE),
        needs=tuple(draw(needs_drawn(id_)) for id_ in ids), unless=draw(unless_drawn),
    )  # fmt: skip


@st.composite
def evidence_drawn(draw: st.DrawFn, taking_back: bool = False) -> list[Evidence]:
    count = draw(st.integers(0, 8))
    problems = ("", "", "", "empty", "no-scope", *(("taken-back",) if taking_back else ()))
    return [
        Evidence(
            kind=draw(few(KINDS)),
            event=f"e{seq}",
            source=draw(few(("s1", "s2"))),
            seq=seq,
            received=draw(few((1, LIMIT, LIMIT + 1))) if seq else 1,
            word=draw(few(WORDS)),
            about=draw(st.lists(few(ABOUT), max_size=3, unique=True).map(tuple)),
            digest=draw(few(("", ONE, TWO))),
            tool=draw(few(("a", "b", ""))),
            layer=draw(few(("", "", "unit"))),
            covers=draw(some(("src/a.py", "./", "web/x", "docs/"))),
            counts=tuple(
                draw(
                    st.dictionaries(
                        few(("executed", "components", "cases", "findings")),
                        few((0.0, 1.0, 3.0, 9.0, float("nan"))),
                        max_size=4,
                    )
                ).items()
            ),
            problem=draw(few(problems)),
            runners=draw(some(("secure", "linux"))),
            supersedes=draw(few(("", f"e{seq - 1}", "e0"))),
            time=draw(few((0, -(1 << 50), 1 << 50))),
        )
        for seq in range(1, count + 1)
    ]


conditions_drawn = st.fixed_dictionaries(
    {when: st.builds(Condition, when=st.just(when), result=few((True, False, None))) for when in WHENS}
)
HALF = settings(max_examples=150, deadline=None)
FILLED = (SlotState.FILLED, SlotState.FILLED_LATE)


def due_in(*contracts: Contract) -> DueContract:
    found = due([placed(one, "bank" + "/x" * at) for at, one in enumerate(contracts)],
                Asked(kind=OccasionKind.PIPELINE, branch="main"))  # fmt: skip
    assert found is not None
    return found


def states(found: Any) -> dict[str, SlotState]:
    return {one.id: one.state for one in found}


@HALF
@given(contracts_drawn(), subjects_drawn, evidence_drawn(), conditions_drawn, st.data())
def test_e1_leaving_out_a_delivery_never_makes_a_slot_fuller(
    contract: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition], data: st.DataObject
) -> None:
    made = due_in(contract)
    whole = states(fold(made, came, subjects, conditions=conditions))
    less = states(fold(made, data.draw(st.lists(few(came), unique_by=id)) if came else [], subjects,
                       conditions=conditions))  # fmt: skip
    for id_, state in less.items():
        if state is SlotState.FILLED:
            assert whole[id_] is SlotState.FILLED
        if state is SlotState.FILLED_LATE:
            assert whole[id_] in FILLED


@HALF
@given(contracts_drawn(), subjects_drawn, evidence_drawn(taking_back=True), conditions_drawn, st.randoms())
def test_e2_order_and_repetition_change_nothing(
    contract: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition], by: random.Random
) -> None:
    made = due_in(contract)
    again = came * 2
    by.shuffle(again)
    assert fold(made, came, subjects, conditions=conditions) == fold(made, again, subjects, conditions=conditions)


@HALF
@given(contracts_drawn(), subjects_drawn, evidence_drawn(taking_back=True), conditions_drawn)
def test_e3_what_fills_is_about_exactly_that_and_of_somebody_whose_word_counts(
    contract: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition]
) -> None:
    made = due_in(contract)
    by_event = {one.event: one for one in came}
    lines = {line.need.id: line.need for line in made.needs}
    for slot in fold(made, came, subjects, conditions=conditions):
        if slot.state not in FILLED:
            continue
        need, piece = lines[slot.need], by_event[slot.evidence[0]]
        wanted = {slot.subject} if slot.subject else set(subjects.artifacts)
        assert {id_ for kind, id_ in piece.about if kind == need.of.value} & wanted
        assert may_say(need.made_by, piece.word)
        assert (slot.word, slot.received, slot.digest) == (piece.word, piece.received, piece.digest)
        assert not need.runners or set(need.runners) & set(piece.runners)
        assert piece.received <= LIMIT or slot.state is SlotState.FILLED_LATE


@HALF
@given(contracts_drawn(), contracts_drawn("d"), subjects_drawn, evidence_drawn(), conditions_drawn, st.booleans())
def test_e4_and_e8_every_slot_that_is_due_is_there_once_in_one_state(
    one: Contract, other: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition],
    closed: bool,
) -> None:  # fmt: skip
    made = due_in(one, other)
    found = fold(made, came, subjects, conditions=conditions, closed=closed)
    wanted = [(line.need.id, subject) for line in made.needs for subject in subjects_of(line.need, subjects)]
    assert [(slot.need, slot.subject) for slot in found] == wanted
    assert len({slot.id for slot in found}) == len(found)
    assert sum(summary(found).values()) == len(found)
    assert not closed or all(slot.state is not SlotState.OPEN for slot in found)
    assert complete(found) == (
        bool(found) and {slot.state for slot in found} <= {SlotState.FILLED, SlotState.NOT_APPLICABLE, SlotState.WAIVED}
    )


@st.composite
def tighter(draw: st.DrawFn, need: Need) -> Need:
    """A line that asks for at least as much."""
    runners = need.runners[:1] if need.runners else draw(some(("secure",)))
    return msgspec.structs.replace(
        need,
        kinds=need.kinds[: draw(st.integers(1, len(need.kinds)))],
        covers=tuple(dict.fromkeys((*need.covers, *draw(some(("docs/**",)))))),
        tools=need.tools[:1] if need.tools else draw(some(("a",))),
        at_least={name: value + draw(few((0.0, 1.0))) for name, value in need.at_least.items()},
        made_by=need.made_by[: draw(st.integers(1, len(need.made_by)))] if need.made_by else (),
        runners=runners,
        unless=need.unless if draw(st.booleans()) else None,
        each=need.each or (need.of is SubjectKind.ARTIFACT and draw(st.booleans())),
    )


@HALF
@given(contracts_drawn(), contracts_drawn("more"), subjects_drawn, evidence_drawn(), conditions_drawn, st.data())
def test_e5_tightening_never_fills_a_slot(
    above: Contract, more: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition],
    data: st.DataObject,
) -> None:  # fmt: skip
    above = msgspec.structs.replace(above, unless=None)
    below = msgspec.structs.replace(above, needs=tuple(data.draw(tighter(need)) for need in above.needs))
    assert weakened([above], below) == ()
    loose = fold(due_in(above), came, subjects, conditions=conditions)
    tight = fold(due_in(above, below, more), came, subjects, conditions=conditions)
    before = {need.id: [one.state for one in loose if one.need == need.id] for need in above.needs}
    for need in above.needs:
        now = [one.state for one in tight if one.need == need.id]
        if all(state is SlotState.FILLED for state in now):
            assert all(state is SlotState.FILLED for state in before[need.id])
        if any(state is SlotState.FILLED for state in now):
            assert SlotState.FILLED in before[need.id]
    assert not complete(tight) or complete(loose)


@HALF
@given(contracts_drawn(), contracts_drawn(), subjects_drawn, evidence_drawn(), conditions_drawn)
def test_nothing_below_makes_complete_what_was_not(
    above: Contract, below: Contract, subjects: Subjects, came: list[Evidence], conditions: dict[str, Condition]
) -> None:
    """Any contract of the same name further down, tighter or not."""
    alone = fold(due_in(above), came, subjects, conditions=conditions)
    both = fold(due_in(above, below), came, subjects, conditions=conditions)
    assert not complete(both) or complete(alone)


@HALF
@given(contracts_drawn(), subjects_drawn, evidence_drawn())
def test_e10_nothing_unreadable_empty_or_foreign_fills(
    contract: Contract, subjects: Subjects, came: list[Evidence]
) -> None:
    bad = [
        one for one in came
        if one.problem
        or (one.kind == "test-report" and not dict(one.counts).get("executed", 0) >= 1)
        or not any((kind, id_) in one.about for kind, id_ in (
            ("commit", subjects.commit), ("change", subjects.change), ("environment", subjects.environment),
            *(("artifact", digest) for digest in subjects.artifacts),
        ))
    ]  # fmt: skip
    assert not [slot for slot in fold(due_in(contract), bad, subjects) if slot.state in FILLED]
