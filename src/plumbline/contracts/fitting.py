"""Whether one piece of evidence fits one slot, and what it lacks."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

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


def fits_need(need: Need, piece: Evidence) -> bool:
    """Whether it is of the kind of thing that is meant. ``layer`` of a need picks the part that a piece tells of it."""
    return piece.kind in need.kinds and piece.layer == need.layer


def fit(need: Need, subjects: Subjects, piece: Evidence) -> tuple[Fit, str]:
    """Of a piece that is about the subject of the slot, with the code of what is wrong."""
    if need.of is SubjectKind.CHANGE and subjects.commit:  # one that names the revision names that of the occasion
        revisions = [id_ for kind, id_ in piece.about if kind == SubjectKind.COMMIT.value]
        if revisions and subjects.commit not in revisions:
            return Fit.SUBJECT, "other-revision"
    if not may_say(need.made_by, piece.word):
        return Fit.ORIGIN, f"word:{piece.word}" if piece.word else "word"
    if need.runners and not set(need.runners) & set(piece.runners):
        return Fit.ORIGIN, "runner"
    if why := _too_little(need, piece):
        return Fit.UNREADABLE, why
    return Fit.GOOD, ""


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


def _too_little(need: Need, piece: Evidence) -> str:
    if piece.problem:
        return piece.problem
    if need.tools and piece.tool not in need.tools:
        return "other-tool"
    counts = dict(piece.counts)
    for name, least in (*_least().get(piece.kind, {}).items(), *need.at_least.items()):
        if not counts.get(name, float("-inf")) >= least:  # so that what is no number is too little
            return f"too-few:{name}"
    if any(not takes_in(piece.covers, pattern) for pattern in need.covers):
        return "not-covered"
    return ""


@cache
def _least() -> Mapping[str, dict[str, float]]:
    return {name: dict(kind.least) for name, kind in kinds().items()}
