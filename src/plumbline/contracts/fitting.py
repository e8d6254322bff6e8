"""Whether one piece of evidence fits one slot, and what it lacks."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts.kinds import kinds
from plumbline.contracts.paths import takes_in
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.contract import Evidence, Need, Subjects

OWN = "own"


class Fit(IntEnum):
    """How far a piece came; the nearest to a slot is told of it."""

    ELSEWHERE = 0  # it was told of another run, or of another part of this one: no word about this slot
    SUBJECT = 1
    ORIGIN = 2
    UNREADABLE = 3
    GOOD = 4


class Looked(NamedTuple):
    """A piece with what it lacks. ``why``: a code; empty where it lacks nothing."""

    fit: Fit
    why: str
    piece: Evidence


class Judge:
    """Looks at pieces that are about the subject of a slot, for one line of a contract."""

    def __init__(self, need: Need, subjects: Subjects, counts: dict[int, dict[str, float]]) -> None:
        """``counts``: of pieces that another line looked at already, by their identity in memory."""
        self._need, self._counts = need, counts
        self._commit = subjects.commit if need.of is SubjectKind.CHANGE else ""
        self._words: dict[str, bool] = {}
        self._runners = frozenset(need.runners)
        self._least = {kind: _bounds(kind, need) for kind in need.kinds}

    def look(self, piece: Evidence) -> Looked:
        if self._commit and self._of_other_revision(piece):
            return Looked(Fit.SUBJECT, "other-revision", piece)
        allowed = self._words.get(piece.word)
        if allowed is None:
            allowed = self._words[piece.word] = may_say(self._need.made_by, piece.word)
        if not allowed:
            return Looked(Fit.ORIGIN, f"word:{piece.word}" if piece.word else "word", piece)
        if self._runners and self._runners.isdisjoint(piece.runners):
            return Looked(Fit.ORIGIN, "runner", piece)
        why = piece.problem or self._too_little(piece)
        return Looked(Fit.UNREADABLE, why, piece) if why else Looked(Fit.GOOD, "", piece)

    def _of_other_revision(self, piece: Evidence) -> bool:
        """One that names a revision of the change has to name that of the occasion."""
        revisions = [id_ for kind, id_ in piece.about if kind == SubjectKind.COMMIT.value]
        return bool(revisions) and self._commit not in revisions

    def _too_little(self, piece: Evidence) -> str:
        need = self._need
        if need.tools and piece.tool not in need.tools:
            return "other-tool"
        if least := self._least[piece.kind]:
            counts = self._counts.get(id(piece))
            if counts is None:
                counts = self._counts[id(piece)] = dict(piece.counts)
            for name, bound in least:
                if not counts.get(name, _NOTHING) >= bound:  # so that what is no number is too little
                    return f"too-few:{name}"
        if any(not takes_in(piece.covers, pattern) for pattern in need.covers):
            return "not-covered"
        return ""


_NOTHING = float("-inf")


def _bounds(kind: str, need: Need) -> tuple[tuple[str, float], ...]:
    """What has to be there at least: what the kind asks for always, and what the line does."""
    return (*_least().get(kind, ()), *need.at_least.items())


def may_say(made_by: tuple[str, ...], word: str) -> bool:
    """Whether the word of somebody counts. ``forge``, ``source`` and ``person`` stand for every one of them; where a
    line names nobody, only what this server says itself."""
    if not word:
        return False
    return any(word == one or (one in _FAMILIES and word.startswith(f"{one}:")) for one in made_by or (OWN,))


_FAMILIES = frozenset({"forge", "source", "person"})


def foreign(need: Need, subjects: Subjects, piece: Evidence) -> tuple[Fit, str]:
    """Of a piece that is about none of the subjects of a line: whether it has anything to do with this occasion."""
    ours = {
        "run": subjects.run,
        "commit": subjects.commit,
        "change": subjects.change,
        "environment": subjects.environment,
    }
    shares = any(ours.get(kind) == id_ or id_ in subjects.artifacts for kind, id_ in piece.about if id_)
    names_one = any(kind == need.of.value for kind, _ in piece.about)
    of_a_run = any(kind == "run" for kind, _ in piece.about)
    if not shares and (of_a_run or not names_one):
        return Fit.ELSEWHERE, ""
    return Fit.SUBJECT, "other-subject" if names_one else "no-subject"


@cache
def _least() -> Mapping[str, tuple[tuple[str, float], ...]]:
    return {name: kind.least for name, kind in kinds().items()}
