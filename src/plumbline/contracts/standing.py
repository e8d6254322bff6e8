"""Which of the pieces that came still stand: the same one only once, and none that was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.contract import Evidence

TAKEN_BACK = "taken-back"  # problem of a piece by which somebody takes back what they gave before


def standing(pieces: Iterable[Evidence], limit: int) -> list[Evidence]:
    """By their number in the ledger. The same bytes from the same source about the same thing are one piece, the first;
    what its giver (source and ``tool``) took back later about the same thing is gone, and so is the taking back: of a
    merge request whatever its revision, and what was given before and came only afterwards as well. What was taken back
    only after ``limit`` stood until then."""
    kept: dict[tuple[object, ...], Evidence] = {}
    given: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    taken: dict[tuple[object, ...], int] = {}  # by whom, and when by their own word
    for piece in sorted(pieces, key=lambda one: (one.seq, one.event, one.kind, one.layer, one.about)):
        giver = (piece.kind, piece.source, piece.word, piece.tool, _thing(piece))
        if piece.problem == TAKEN_BACK:
            if piece.received <= limit:
                taken[giver] = max(piece.time, taken.get(giver, 0))
                for name in given.pop(giver, ()):
                    kept.pop(name, None)
            continue
        if piece.time < taken.get(giver, piece.time):
            continue
        name = (
            *giver,
            piece.about,
            piece.layer,
            piece.runners,
            piece.digest or piece.event,
            piece.counts,
            piece.covers,
        )
        if name not in kept:
            kept[name] = piece
            given.setdefault(giver, []).append(name)
    return list(kept.values())


def _thing(piece: Evidence) -> tuple[tuple[str, str], ...]:
    """What is taken back: of a merge request all that was said of it, else what was said of exactly this."""
    changes = tuple(one for one in piece.about if one[0] == SubjectKind.CHANGE.value)
    return changes or piece.about
