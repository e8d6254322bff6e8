"""What came, sorted by what it is about, so that each line of a contract looks only at what may be for it."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts.fitting import Fit, Judge, Looked, foreign
from plumbline.contracts.standing import standing
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.contract import Evidence, Need, Subjects

_BY_FIT, _IN_ORDER = itemgetter(0), attrgetter("seq", "event", "kind")


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


class _About(NamedTuple):
    """Pieces of some kinds by what they are about, in the order of the ledger. ``others``: those about something else
    that have to do with the occasion."""

    by_subject: dict[str, list[Evidence]]
    any: list[Evidence]
    others: list[Looked]


class Came:
    """All that was told, for one occasion."""

    def __init__(self, evidence: Iterable[Evidence], subjects: Subjects, limit: int) -> None:
        self._subjects, self._limit = subjects, limit
        self._pieces: dict[tuple[str, str], list[Evidence]] = {}
        for piece in standing(evidence, limit):
            self._pieces.setdefault((piece.kind, piece.layer), []).append(piece)
        self._counts: dict[int, dict[str, float]] = {}
        self._sorted: dict[tuple[tuple[str, ...], str, SubjectKind], _About] = {}

    def line(self, need: Need) -> Line:
        name = (need.kinds, need.layer, need.of)
        about = self._sorted.get(name)
        if about is None:
            about = self._sorted[name] = self._about(need)
        return Line(Judge(need, self._subjects, self._counts), about, self._limit)

    def _about(self, need: Need) -> _About:
        """``layer`` of a line picks the part that a piece tells of it."""
        of, found = need.of.value, _About({}, [], [])
        artifacts = self._subjects.artifacts if need.of is SubjectKind.ARTIFACT else ()
        wanted = frozenset(one for one in (*artifacts, *subjects_of(need, self._subjects)) if one)
        pieces = [piece for kind in need.kinds for piece in self._pieces.get((kind, need.layer), ())]
        for piece in sorted(pieces, key=_IN_ORDER) if len(need.kinds) > 1 else pieces:
            about = {id_ for kind, id_ in piece.about if kind == of and id_ in wanted}
            for id_ in about:
                found.by_subject.setdefault(id_, []).append(piece)
            if about:
                found.any.append(piece)
            elif (other := foreign(need, self._subjects, piece))[0] is not Fit.ELSEWHERE:
                found.others.append(Looked(*other, piece))
        return found


class Line:
    """What came for one line of a contract."""

    def __init__(self, judge: Judge, about: _About, limit: int) -> None:
        self._judge, self._about, self._limit = judge, about, limit

    def of(self, subject: str) -> list[Looked]:
        """What is about one subject, the best first; of none that is known yet, what is about any of them."""
        pieces = self._about.by_subject.get(subject, []) if subject else self._about.any
        found = [*map(self._judge.look, pieces), *self._about.others]
        found.sort(key=_BY_FIT, reverse=True)
        return _without_superseded(found, self._limit) if any(one.supersedes for one in pieces) else found


def _without_superseded(found: Sequence[Looked], limit: int) -> list[Looked]:
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
