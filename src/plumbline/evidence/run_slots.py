"""That a statement about a run says of every line that was due, once for each thing it is about, how it ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.evidence.artifact_verifying import Check, Result
from plumbline.kernel import Text, t
from plumbline.model.contract import FULL, SlotState, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plumbline.evidence.predicates.run import Run, RunSlot

_ENDED = frozenset(state.value for state in SlotState if state is not SlotState.OPEN)
_DONE = frozenset(state.value for state in (*FULL, SlotState.NOT_APPLICABLE, SlotState.WAIVED))
_OF_BROKEN = (SlotState.UNREADABLE.value, SlotState.WAIVED.value)
_BY_RULE = (SlotState.NOT_APPLICABLE.value, SlotState.WAIVED.value)
_BY_EVIDENCE = frozenset(
    state.value
    for state in (
        SlotState.FILLED,
        SlotState.FILLED_LATE,
        SlotState.WRONG_SUBJECT,
        SlotState.UNREADABLE,
        SlotState.REFUSED_ORIGIN,
    )
)


def check_slots(run: Run) -> Iterator[Check]:
    """One check for all where all hold; else one for each that does not."""
    failed = [*_lines(run), *(one for slot in run.slots for one in _slot(slot, run.contract.broken)), *_together(run)]
    yield from failed
    if not failed:
        reason = t("Each of the {count} slots that were due is in exactly one state.", count=len(run.slots))
        yield Check(about="slots", result=Result.PASSED, code="", reason=reason)


def _lines(run: Run) -> Iterator[Check]:
    for name, times in Counter(one.id for one in run.slots).items():
        if times > 1:
            yield _failed("slot-twice", t("The slot {slot} stands in it twice.", slot=name))
    due = {one.id: one for one in run.contract.due}
    subjects: dict[str, list[str]] = {name: [] for name in (*due, *run.contract.broken)}
    for one in run.slots:
        if one.need not in subjects:
            yield _failed("slot-undue", t("Nothing that was due asks for the slot {slot}.", slot=one.id))
        else:
            subjects[one.need].append(one.subject)
    for name, found in subjects.items():
        if not found:
            yield _failed("slot-missing", t("The line {line} was due, and nothing is said of it.", line=name))
        elif len(found) > 1 and not (name in due and due[name].each and due[name].of == SubjectKind.ARTIFACT):
            reason = t("The line {line} is due once, and has {count} slots.", line=name, count=len(found))
            yield _failed("slot-undue", reason)


def _slot(slot: RunSlot, broken: Collection[str]) -> Iterator[Check]:
    """Of a contract that could not be read nothing came, and it is not missing either."""
    if slot.id != (f"{slot.need}:{slot.subject}" if slot.subject else slot.need):
        yield _failed("slot-undue", t("The slot {slot} is not called by what it is about.", slot=slot.id))
    unread = slot.need in broken
    wrong = (
        slot.state not in (_OF_BROKEN if unread else _ENDED)
        or (slot.state in _BY_EVIDENCE and not slot.evidence and not unread)
        or (slot.state in _BY_RULE and not slot.rule)
        or (slot.state == SlotState.MISSING and bool(slot.evidence))
        or (slot.state == SlotState.FILLED and not (slot.word and slot.received))
    )
    if wrong:
        reason = t("The slot {slot} cannot be '{state}' with what it rests on.", slot=slot.id, state=slot.state)
        yield _failed("state-impossible", reason)


def _together(run: Run) -> Iterator[Check]:
    lacking = tuple(one.id for one in run.slots if one.state not in _DONE)
    if run.lacking != lacking or run.complete != (bool(run.slots) and not lacking):
        yield _failed("sum-wrong", t("What it says of all slots together does not follow from them."))


def _failed(code: str, reason: Text) -> Check:
    return Check(about="slots", result=Result.FAILED, code=code, reason=reason)
