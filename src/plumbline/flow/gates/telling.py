"""Put down what forges are to be told of a judgement, in the transaction that keeps it. Rules:

1. Under each name the newest alone is told: of a commit one state of gates and one of evidence, at a merge request one
   comment. What gates of several acts say of one commit stands together, and the worst of it is the state.
2. A comment speaks of the newest commit. What an older pipeline brings later does not replace it.
3. Nothing is sent here: :mod:`plumbline.flow.gates.telling_turn` does, as often as it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import settings
from plumbline.flow.gates.telling_place import where_of
from plumbline.flow.gates.telling_words import LANGUAGES, comment_of, line_of, line_of_missing
from plumbline.gates import NO_POLICY, NOTHING_SELECTED
from plumbline.model.contract import OccasionKind, SlotState
from plumbline.model.gate import GateAct, Outcome
from plumbline.model.telling import EVIDENCE, GATES, OF_CREDENTIAL, Comment, CommitState, Said, Status, Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.contract import Collection as Collected
    from plumbline.model.contract import DueNeed
    from plumbline.model.ports.transaction import Transaction

_STATES = {
    Outcome.PASS: CommitState.SUCCESS,
    Outcome.WAIVED: CommitState.SUCCESS,
    Outcome.FAIL: CommitState.FAILURE,
    Outcome.NO_DATA: CommitState.FAILURE,
    Outcome.ERROR: CommitState.ERROR,
}
_SILENT = frozenset({NO_POLICY, NOTHING_SELECTED})  # nobody asked for a word about this


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """``kinds``: of forges that can be told; ``source``: what this installation calls itself in the ledger."""

    kinds: Collection[str]
    source: str
    url: str  # how browsers reach the server; empty: nobody knows
    clock: Callable[[], int]

    def put(self, tx: Transaction, answer: GateAnswer) -> None:
        """Of one judgement, all that is new in it."""
        binding = tx.bindings.get(answer.project)
        if binding is None or binding.kind not in self.kinds or not answer.subjects.commit:
            return
        ancestors = tx.tree.ancestors(answer.project)
        wish = settings.FORGE_TELL.at(ancestors)
        where = where_of(ancestors, binding)
        if wish == "nothing" or where is None:
            return
        languages = LANGUAGES[settings.FORGE_LANGUAGE.at(ancestors)]
        collection = _collection(tx, answer)
        told = _Told(tx, answer, self, where.host, collection, languages)
        told.states()
        if wish == "all" and answer.subjects.change:
            told.comment()

    def marker(self, project: int, change: str) -> str:
        """The same for ever, of this installation alone."""
        told = sha256(f"{self.source}\n{project}\n{change}".encode()).hexdigest()[:24]
        return f"<!-- plumbline:gates:{told} -->"


@dataclass(frozen=True, slots=True)
class _Told:
    tx: Transaction
    answer: GateAnswer
    outbox: Outbox
    host: str
    collection: Collected | None
    languages: Sequence[str]

    @property
    def url(self) -> str:
        return f"{self.outbox.url}{self.answer.page}" if self.outbox.url and self.answer.page else ""

    def states(self) -> None:
        answer = self.answer
        if answer.evaluations or answer.reason not in _SILENT:
            state = CommitState.PENDING if answer.waits and not answer.passes else _STATES[answer.outcome]
            self._state(GATES, Said(state=state, text=line_of(answer, self.languages)))
        if self.collection is not None:
            self._state(EVIDENCE, Said(state=self._evidence(), text=line_of_missing(answer.missing, self.languages)))

    def comment(self) -> None:
        answer = self.answer
        if not answer.evaluations and answer.reason in _SILENT and not answer.missing:
            return
        change, about = answer.subjects.change, answer.subjects
        name = f"comment:{change}"
        before = self.tx.tellings.named(answer.project, name)
        kept = before.wanted if before is not None and isinstance(before.wanted, Comment) else None
        if kept is not None and kept.commit != about.commit and 0 < about.pipeline < kept.pipeline:
            return
        said = kept.said if kept is not None and kept.commit == about.commit else {}
        text = comment_of(answer, self._due(), self.url, self._until(), self.languages)
        pipeline = max(about.pipeline, kept.pipeline) if kept is not None else about.pipeline
        wanted = Comment(
            change=change,
            marker=self.outbox.marker(answer.project, change),
            commit=about.commit,
            pipeline=pipeline,
            said=said | {answer.act.value: Said(state=_STATES[answer.outcome], text=text)},
        )
        self._put(name, wanted, before)

    def _state(self, context: str, said: Said) -> None:
        name = f"status:{context}:{self.answer.subjects.commit}"
        before = self.tx.tellings.named(self.answer.project, name)
        kept = before.wanted.said if before is not None and isinstance(before.wanted, Status) else {}
        by = self._said_by(context)
        stands = {name: one for name, one in kept.items() if name == by or not self._is_over(name)}
        wanted = Status(
            commit=self.answer.subjects.commit, context=context, url=self.url, said=stands | {by: said}
        )  # fmt: skip
        self._put(name, wanted, before)

    def _said_by(self, context: str) -> str:
        """Whose word a part of a state is: a commit may want to be merged to several places, and each is judged by
        itself; of what is due, that of the collection."""
        of_merge = self.answer.act is GateAct.MERGE
        if context == EVIDENCE:
            of_merge = self.collection is not None and self.collection.occasion is OccasionKind.MERGE
        what = self.answer.act.value if context == GATES else OccasionKind.MERGE.value if of_merge else ""
        change = self.answer.subjects.change
        return f"{what}:{change}" if of_merge and change else what

    def _is_over(self, said_by: str) -> bool:
        """Whether it is the word of a merge request that is merged or closed."""
        number = said_by.partition(":")[2]
        known = self.tx.merge_requests.get(self.answer.project, int(number)) if number.isdigit() else None
        return known is not None and not known.is_open

    def _put(self, name: str, wanted: Status | Comment, before: Telling | None) -> None:
        """What is told already is not told again."""
        now = self.outbox.clock()
        if before is None:
            made = Telling(project=self.answer.project, host=self.host, name=name, wanted=wanted, due=now, since=now)
            self.tx.tellings.put(msgspec.structs.replace(made, changed=now))
        elif before.wanted != wanted or (before.stopped and before.problem not in OF_CREDENTIAL):
            self.tx.tellings.put(renewed(before, wanted, self.host, now))

    def _evidence(self) -> CommitState:
        if not self.answer.missing:
            return CommitState.SUCCESS
        may_come = any(one.state is SlotState.OPEN for one in self.answer.missing)
        return CommitState.PENDING if may_come else CommitState.FAILURE

    def _due(self) -> Mapping[str, DueNeed]:
        return {one.need.id: one for one in self.collection.due.needs} if self.collection is not None else {}

    def _until(self) -> str:
        if not any(one.state is SlotState.OPEN for one in self.answer.missing) or self.collection is None:
            return ""
        until = self.collection.closes or self.collection.deadline
        return f"{datetime.fromtimestamp(until / 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def renewed(before: Telling, wanted: Status | Comment, host: str, now: int) -> Telling:
    """With something newer to tell. What waits for its turn, or is at work, keeps its time: a forge that has us wait is
    not asked sooner because there is more to say, and a token that was refused is not shown again for it."""
    waits_for_token = before.stopped > 0 and before.problem in OF_CREDENTIAL
    return msgspec.structs.replace(
        before,
        wanted=wanted,
        host=host,
        version=before.version + 1,
        due=0 if waits_for_token else before.due or now,
        since=before.since if before.due else now,
        stopped=before.stopped if waits_for_token else 0,
        changed=now,
    )


def _collection(tx: Transaction, answer: GateAnswer) -> Collected | None:
    """The one that was judged, else the newest of the pipeline."""
    uid = next((one.collection for one in answer.evaluations if one.collection), "")
    if uid:
        return tx.collections.of_uid(uid)
    found = tx.collections.of_pipeline(answer.subjects.pipeline) if answer.subjects.pipeline else ()
    return max(found, key=lambda one: one.id, default=None)
