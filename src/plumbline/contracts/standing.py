"""Which of the pieces that came still stand: the same one only once, and none that was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.contract import Evidence

TAKEN_BACK = "taken-back"  # problem of a piece by which somebody takes back what they gave before


def standing(pieces: Iterable[Evidence], limit: int) -> list[Evidence]:
    """By their number in the ledger. The same bytes from the same source about the same thing are one piece, the first;
    what its giver (source and ``tool``) took back later about the same thing is gone, and so is the taking back. What
    was taken back only after ``limit`` stood until then."""
    kept: dict[tuple[object, ...], Evidence] = {}
    given: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for piece in sorted(pieces, key=lambda one: (one.seq, one.event, one.kind, one.layer, one.about)):
        giver = (piece.kind, piece.source, piece.word, piece.tool, piece.about)
        if piece.problem == TAKEN_BACK:
            if piece.received <= limit:
                for name in given.pop(giver, ()):
                    kept.pop(name, None)
            continue
        name = (*giver, piece.layer, piece.runners, piece.digest or piece.event, piece.counts, piece.covers)
        if name not in kept:
            kept[name] = piece
            given.setdefault(giver, []).append(name)
    return list(kept.values())
