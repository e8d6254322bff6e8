"""Sources that proved themselves, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plumbline.flow.sources.places import Places
    from plumbline.model.source import Source

MOST_REMEMBERED = 1000


class Proof(NamedTuple):
    """A source that proved itself, and the nodes it speaks about, as they were when it was looked up."""

    source: Source
    places: Places


class Proofs:
    """The last sources that proved themselves, by what they showed to be found by. Safe to use from several threads."""

    def __init__(self) -> None:
        self._of: dict[str, Proof] = {}

    def get(self, shown: str) -> Proof | None:
        return self._of.get(shown)

    def keep(self, shown: str, proof: Proof) -> None:
        if len(self._of) >= MOST_REMEMBERED:
            self._of = {}
        self._of[shown] = proof
