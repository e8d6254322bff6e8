"""What a contract came to: a fold over what was told. Order and repetition of what came do not matter.

1. A piece fills a slot where it is of its kind, about exactly its subject, told by somebody whose word counts there,
   and has enough in it. What a tool says of its own success is not looked at.
2. All pieces are looked at: one that is good is enough, and every good one is listed. Bad ones beside it take nothing
   away; they are listed after it.
3. The same bytes from the same source about the same thing are one piece. What supersedes an earlier one has to be good
   itself and of the same source, and nothing that came late supersedes what came in time.
4. Only what was received counts as time: no clock but the server's. What came after the closing is late, and rewrites
   nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts.fitting import Fit, fit, fits_need, foreign
from plumbline.contracts.standing import standing
from plumbline.model.contract import Slot, SlotState, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.contract import Condition, DueContract, DueNeed, Evidence, Need, Subjects

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
    by_kind: dict[str, list[Evidence]] = {}
    for piece in standing(evidence, limit):
        by_kind.setdefault(piece.kind, []).append(piece)
    moment = _Moment(subjects, closed, limit, conditions, waived)
    found: list[Slot] = []
    for line in due.needs:
        pieces = [piece for kind in line.need.kinds for piece in by_kind.get(kind, ())]
        looked = _Line(line.need, subjects, pieces, limit)
        found += [moment.slot(line, subject, looked.of(subject)) for subject in subjects_of(line.need, subjects)]
    return tuple(found)


def subjects_of(need: Need, subjects: Subjects) -> tuple[str, ...]:
    """What a line is about: one slot for each. Where nothing is known of it, one that is about nothing yet."""
    if need.of is SubjectKind.ARTIFACT:
        known = tuple(dict.fromkeys(subjects.artifacts))
        return known if known and (need.each or len(known) == 1) else ("",)
    return ({
        SubjectKind.COMMIT: subjects.commit,
        SubjectKind.CHANGE: subjects.change,
        SubjectKind.ENVIRONMENT: subjects.environment,
    }[need.of],)  # fmt: skip


class _Looked(NamedTuple):
    """A piece with what it lacks. ``why``: a code; empty where it lacks nothing."""

    fit: Fit
    why: str
    piece: Evidence


class _Line:
    """What came for one line of a contract, by what it is about."""

    def __init__(self, need: Need, subjects: Subjects, pieces: Iterable[Evidence], limit: int) -> None:
        self._limit = limit
        self._by_subject: dict[str, list[_Looked]] = {}
        self._others: list[_Looked] = []
        of = need.of.value
        artifacts = subjects.artifacts if need.of is SubjectKind.ARTIFACT else ()
        wanted = frozenset(one for one in (*artifacts, *subjects_of(need, subjects)) if one)
        for piece in pieces:
            if not fits_need(need, piece):
                continue
            about = {id_ for kind, id_ in piece.about if kind == of and id_ in wanted}
            if about:
                looked = _Looked(*fit(need, subjects, piece), piece)
                for id_ in about:
                    self._by_subject.setdefault(id_, []).append(looked)
            elif (other := foreign(need, subjects, piece))[0] is not Fit.ELSEWHERE:
                self._others.append(_Looked(*other, piece))

    def of(self, subject: str) -> list[_Looked]:
        """What is about one subject, the best first; of none that is known yet, what is about any of them."""
        named = self._by_subject.values() if not subject else (self._by_subject.get(subject, []),)
        found = [*(one for some in named for one in some), *self._others]
        found.sort(key=lambda one: (-one.fit, one.piece.seq, one.piece.event))
        return _without_superseded(found, self._limit)


class _Moment(NamedTuple):
    subjects: Subjects
    closed: bool
    limit: int
    conditions: Mapping[str, Condition]
    waived: Mapping[str, str]

    def slot(self, line: DueNeed, subject: str, looked: Sequence[_Looked]) -> Slot:
        good = [one.piece for one in looked if one.fit is Fit.GOOD]
        timely = [one for one in good if one.received <= self.limit]
        state, rule, why = self._state(line, subject, looked, good, timely)
        filling = (timely or good)[0] if state in (SlotState.FILLED, SlotState.FILLED_LATE) else None
        bad = [one.piece for one in looked if one.fit is not Fit.GOOD]
        listed = {one.event: one.seq for one in (*timely, *good, *bad)}
        return Slot(
            need=line.need.id,
            contract=line.contract,
            subject=subject,
            state=state,
            evidence=tuple(listed)[:MOST_LISTED],
            entries=tuple(listed.values())[:MOST_LISTED],
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
        looked: Sequence[_Looked],
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


def _without_superseded(found: Sequence[_Looked], limit: int) -> list[_Looked]:
    """Good pieces that a later good one stands instead of are left out."""
    gone = set()
    good = {(one.piece.source, one.piece.event): one.piece for one in found if one.fit is Fit.GOOD}
    for piece in good.values():
        before = good.get((piece.source, piece.supersedes)) if piece.supersedes else None
        if before is None or before.seq >= piece.seq or (piece.received > limit >= before.received):
            continue
        if (before.word, before.kind, before.about) == (piece.word, piece.kind, piece.about):
            gone.add((before.source, before.event))
    return [one for one in found if (one.piece.source, one.piece.event) not in gone]


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
