"""Proofs that many entries are in the ledger as it was at one size. The lower part of the tree is made of the entries
themselves, each block of them read once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from plumbline.evidence import leaf_hash, record, root_at
from plumbline.evidence.merkle import inclusion_proofs, node_hash
from plumbline.evidence.run_statements import Ledger, Proved
from plumbline.model.event import SUBTREE, SUBTREE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger as LedgerPort

_BLOCKS = 32  # that are kept in memory


class LedgerProofs:
    """``size``: of the ledger as it was then."""

    def __init__(self, ledger: LedgerPort, size: int) -> None:
        self._ledger = ledger
        self._size = size
        self._read = lru_cache(_BLOCKS)(self._entries)
        self._block = lru_cache(_BLOCKS)(self._levels)
        self._upper = lru_cache(1 << 12)(ledger.node)

    def node(self, level: int, index: int) -> bytes:
        if level >= SUBTREE_LEVELS:
            return self._upper(level, index)
        begin = index << level
        return self._block(begin // SUBTREE)[level][begin % SUBTREE >> level]

    def entry(self, seq: int) -> Entry | None:
        """None where there was none of this number."""
        found = self._read((seq - 1) // SUBTREE) if 0 < seq <= self._size else []
        return next((one for one in found[(seq - 1) % SUBTREE :][:1] if one.seq == seq), None)

    def _entries(self, block: int) -> list[Entry]:
        return list(self._ledger.read(block * SUBTREE + 1, min(SUBTREE, self._size - block * SUBTREE)))

    def _levels(self, block: int) -> list[list[bytes]]:
        """Of the complete subtrees in a block of entries, level by level."""
        levels = [[_leaf(entry) for entry in self._read(block)]]
        for _ in range(1, SUBTREE_LEVELS):
            below = iter(levels[-1])
            levels.append([node_hash(left, right) for left, right in zip(below, below, strict=False)])
        return levels

    def of(self, entries: Mapping[int, Entry], origin: str, first: int, closing: Entry) -> Ledger:
        """``entries``: all that is cited, by number; ``closing``: the last one of that size."""
        found = sorted({**entries, closing.seq: closing}.values(), key=lambda one: one.seq)
        paths = inclusion_proofs([one.seq - 1 for one in found], self._size, self.node)
        return Ledger(
            origin=origin,
            first=min([first, *(one.seq for one in found)]),
            last=self._size,
            size=self._size,
            root=root_at(self._size, self.node).hex(),
            chain=closing.chain.hex(),
            entries=tuple(_proved(one, paths[one.seq - 1]) for one in found),
        )


def _proved(entry: Entry, path: Sequence[bytes]) -> Proved:
    hashes = tuple(step.hex() for step in path)
    return Proved(entry=entry.seq, source=entry.source, id=entry.id, leaf=_leaf(entry).hex(), path=hashes)


def _leaf(entry: Entry) -> bytes:
    return leaf_hash(record(entry.seq, entry.received, entry.body, entry.sender))
