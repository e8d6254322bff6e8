"""What a contract came to: a fold over what was told. Order and repetition of what came do not matter.

1. A piece fills a slot where it is of its kind, about exactly its subject, told by somebody whose word counts there,
   and has enough in it. What a tool says of its own success is not looked at.
2. All pieces are looked at: one that is good is enough, and every good one is listed. Bad ones beside it take nothing
   away; they are listed after it.
3. The same bytes from the same source about the same thing are one piece. What supersedes an earlier one has to be good
   itself and of the same source, and nothing that came late supersedes what came in time.
4. Only what was received counts as time: no clock but the server's. What came after the closing is late, and rewrites
   nothing. What somebody gave, by their own clock, before they took it back is gone in whatever order the two came.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts.fitting import Fit
from plumbline.contracts.looking import Came, subjects_of
from plumbline.model.contract import Slot, SlotState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.contracts.fitting import Looked
    from plumbline.model.contract import Condition, DueContract, DueNeed, Evidence, Subjects

MOST_LISTED = 50  # events named by one slot
_STATES = {
    Fit.UNREADABLE: SlotState.UNREADABLE,
    Fit.ORIGIN: SlotState.REFUSED_ORIGIN,
    Fit.SUBJECT: SlotState.WRONG_SUBJECT,
}


def slots(
    due: DueContract,
    subjects: Subjects,
    evidence: Iterable[Evidence],
    *,
    closed: bool,
    at: int,
    deadline: int,
    conditions: Mapping[str, Condition],
    waived: Mapping[str, str],
) -> tuple[Slot, ...]:
    """Every slot in exactly one state.

    ``at``: the moment that is looked at; where it is ``closed``, when it was. ``deadline``: what came after it is late.
    ``conditions`` by their text. ``waived``: by the id of a slot, or of a need for all its slots: the waiver's id.
    """
    limit = min(at, deadline) if closed else deadline
    came = Came(evidence, subjects, limit)
    moment = _Moment(closed, limit, conditions, waived)
    found: list[Slot] = []
    for line in due.needs:
        looked = came.line(line.need)
        found += [moment.slot(line, subject, looked.of(subject)) for subject in subjects_of(line.need, subjects)]
    return tuple(found)


class _Moment(NamedTuple):
    closed: bool
    limit: int
    conditions: Mapping[str, Condition]
    waived: Mapping[str, str]

    def slot(self, line: DueNeed, subject: str, looked: Sequence[Looked]) -> Slot:
        good = [one.piece for one in looked if one.fit is Fit.GOOD]
        timely = [one for one in good if one.received <= self.limit]
        state, rule, why = self._state(line, subject, looked, good, timely)
        filling = (timely or good)[0] if state in (SlotState.FILLED, SlotState.FILLED_LATE) else None
        bad = (one.piece for one in looked if one.fit is not Fit.GOOD)
        listed = _first(chain(timely, good, bad))
        return Slot(
            need=line.need.id,
            contract=line.contract,
            subject=subject,
            state=state,
            evidence=tuple(listed.values()),
            entries=tuple(listed),
            word=filling.word if filling else "",
            received=filling.received if filling else 0,
            digest=filling.digest if filling else "",
            rule=rule,
            why=why,
        )

    def _state(
        self,
        line: DueNeed,
        subject: str,
        looked: Sequence[Looked],
        good: Sequence[Evidence],
        timely: Sequence[Evidence],
    ) -> tuple[SlotState, str, str]:
        """With its rule, and what is wrong."""
        if timely:
            return SlotState.FILLED, "", ""
        if rule := self._not_applicable(line):
            return SlotState.NOT_APPLICABLE, rule, ""
        id_ = f"{line.need.id}:{subject}" if subject else line.need.id
        if waiver := self.waived.get(id_) or self.waived.get(line.need.id):
            return SlotState.WAIVED, waiver, looked[0].why if looked and not good else ""
        if good:
            return SlotState.FILLED_LATE, "", ""
        why = looked[0].why if looked else self._unasked(line)
        if not self.closed:
            return SlotState.OPEN, "", why
        return _STATES[looked[0].fit] if looked else SlotState.MISSING, "", why

    def _not_applicable(self, line: DueNeed) -> str:
        """The name of the first rule that holds; empty: none does, or nobody can tell."""
        for one in line.unless:
            asked = self.conditions.get(one.when)
            if asked is not None and asked.result is True:
                return one.rule.en
        return ""

    def _unasked(self, line: DueNeed) -> str:
        for one in line.unless:
            asked = self.conditions.get(one.when)
            if asked is None or asked.result is None:
                return "condition-unknown"
        return ""


def _first(pieces: Iterable[Evidence]) -> dict[int, str]:
    """The entries that a slot names, each once: their numbers, with the ids of their events."""
    found: dict[int, str] = {}
    for piece in pieces:
        found[piece.seq] = piece.event
        if len(found) == MOST_LISTED:
            break
    return found


def summary(found: Iterable[Slot]) -> dict[SlotState, int]:
    """How many slots are in each state, every state named; the sum is the number of slots."""
    counts = dict.fromkeys(SlotState, 0)
    for one in found:
        counts[one.state] += 1
    return counts


_DONE = frozenset({SlotState.FILLED, SlotState.NOT_APPLICABLE, SlotState.WAIVED})


def complete(found: Iterable[Slot]) -> bool:
    """Whether each slot is filled on time, not applicable or waived. Where none is due, nothing is complete."""
    states = [one.state for one in found]
    return bool(states) and all(state in _DONE for state in states)
