"""Slots of a collection and checks of gates as pages show them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from plumbline.access import use_cases
from plumbline.contracts import may_say
from plumbline.flow.gates.waivers import list_waivers
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import PlumblineError
from plumbline.model.contract import FULL, SlotState
from plumbline.web.gate_words import word_said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.contracts.status import SeenCollection
    from plumbline.kernel import Text
    from plumbline.model.contract import Collection, DueNeed, Evidence, Slot
    from plumbline.model.gate import Evaluation
    from plumbline.web.page import Ask

COUNTS = (*FULL, SlotState.WAIVED, SlotState.NOT_APPLICABLE)  # nothing has to be done about these
_ORDER = {  # those about which something can be done first
    SlotState.MISSING: 0, SlotState.REFUSED_ORIGIN: 0, SlotState.WRONG_SUBJECT: 0, SlotState.UNREADABLE: 0,
    SlotState.FILLED_LATE: 1, SlotState.OPEN: 2, SlotState.WAIVED: 3, SlotState.NOT_APPLICABLE: 4,
}  # fmt: skip


class SlotRow(NamedTuple):
    """``need`` None: its contract is not known here. ``came``: what came for it; ``ask``: where a waiver is asked for,
    empty where nobody may."""

    slot: Slot
    need: DueNeed | None
    came: Sequence[Evidence]
    ask: str = ""

    @property
    def done(self) -> bool:
        return self.slot.state in COUNTS

    @property
    def words(self) -> Sequence[Text | str]:
        """Whose word counts."""
        return [word_said(one) for one in self._made_by or ("own",)]

    def counts(self, piece: Evidence) -> bool:
        """Whether the word of whoever told it counts for this slot; what others say is shown and fills nothing."""
        return may_say(self._made_by, piece.word)

    @property
    def _made_by(self) -> tuple[str, ...]:
        return self.need.need.made_by if self.need else ()


class Completeness(NamedTuple):
    """Of one collection or many: how many slots were due, without those that do not apply, and how many are there."""

    there: int
    due: int
    states: Counter[SlotState]

    @property
    def by_state(self) -> list[tuple[SlotState, int]]:
        return [(state, self.states[state]) for state in SlotState if self.states[state]]


def completeness(slots: Sequence[Slot]) -> Completeness:
    states = Counter(slot.state for slot in slots)
    due = sum(states.values()) - states[SlotState.NOT_APPLICABLE]
    return Completeness(states[SlotState.FILLED], due, states)


def slot_rows(ask: Ask, seen: SeenCollection) -> list[SlotRow]:
    """What has to be done about comes first."""
    needs = {(one.contract, one.need.id): one for one in seen.collection.due.needs}
    asks = may_ask(ask, seen.collection.project)
    made = [
        SlotRow(
            slot,
            needs.get((slot.contract, slot.need)),
            [seen.evidence[event] for event in slot.evidence if event in seen.evidence],
            _asked_at(seen.collection, slot) if asks and slot.state not in COUNTS else "",
        )
        for slot in seen.slots
    ]
    return sorted(made, key=lambda row: (_ORDER.get(row.slot.state, 5), row.slot.need, row.slot.subject))


def missing_names(slots: Sequence[Slot]) -> list[str]:
    """Lines of contracts that are not full, each once."""
    return list(dict.fromkeys(slot.need for slot in slots if slot.state not in COUNTS))


def may_ask(ask: Ask, project: int) -> bool:
    """Whether the reader may ask for a waiver there."""
    return permitted(ask.actor, ask.tools.tree, project, use_cases.ASK_WAIVER)[0]


def check_asked_at(made: Evaluation, check: str) -> str:
    """Where a waiver of one check is asked for, about the revision that it was evaluated for."""
    about = {"change": made.subjects.change} if made.subjects.change else {"commit": made.subjects.commit}
    return _address(made.project, {"rule_set": made.policy, "line": check, **about})


def waivers_of(ask: Ask, project: int) -> dict[str, int]:
    """Numbers of the waivers that concern a project, by their ids; none where the reader may not see them."""
    try:
        found = list_waivers(ask.actor, ask.tools.gates, project, ended=True)
    except PlumblineError:
        return {}
    return {one.waiver.uid: one.waiver.id for one in found}


def _asked_at(collection: Collection, slot: Slot) -> str:
    subjects = collection.subjects
    about = {"commit": subjects.commit}
    if slot.subject in subjects.artifacts:
        about = {"digest": slot.subject}
    elif slot.subject and slot.subject == subjects.change:
        about = {"change": slot.subject}
    return _address(collection.project, {"rule_set": slot.contract, "line": slot.need, "of_contract": "1", **about})


def _address(project: int, fields: dict[str, str]) -> str:
    return f"/nodes/{project}/waivers?{urlencode({key: value for key, value in fields.items() if value})}#ask"
