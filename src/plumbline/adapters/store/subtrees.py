"""The hashes of complete subtrees of the ledger's Merkle tree (RFC 6962), kept for every eighth level."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from plumbline.adapters.store.schema import ledger as tables
from plumbline.model.event import SUBTREE, SUBTREE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

HASH = 32  # bytes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over 1, 2, 4, ... subtrees of one size."""
    while len(hashes) > 1:
        hashes = [sha256(b"\1" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


class Subtrees:
    """Grows with the ledger: leaves in, hashes of subtrees that they complete out to the database."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []  # of the subtree that is not complete
        self._size = -1  # of the ledger up to them; -1: not known

    def follow(self, connection: Connection, size: int) -> None:
        """Be where a ledger of this size is."""
        if size == self._size:
            return
        columns = tables.entry.c
        query = select(columns.leaf).where(columns.seq > size - size % SUBTREE).order_by(columns.seq)
        self._leaves = list(connection.execute(query).scalars())
        self._size = size

    def forget(self) -> None:
        self._size = -1

    def add(self, connection: Connection, leaves: Sequence[bytes]) -> None:
        """Put the leaves of new entries after those there are. The entries are in the database already."""
        start = self._size - self._size % SUBTREE
        leaves = self._leaves + list(leaves)
        complete = len(leaves) - len(leaves) % SUBTREE
        rows = [
            (SUBTREE_LEVELS, (start + at) // SUBTREE, fold(leaves[at : at + SUBTREE]))
            for at in range(0, complete, SUBTREE)
        ]
        level = SUBTREE_LEVELS
        while rows:
            connection.execute(
                insert(tables.node), [{"level": row[0], "index": row[1], "hash": row[2]} for row in rows]
            )
            done = [index // SUBTREE for _, index, _ in rows if index % SUBTREE == SUBTREE - 1]
            rows = [(level + SUBTREE_LEVELS, index, self._folded(connection, level, index)) for index in done]
            level += SUBTREE_LEVELS
        self._size = start + len(leaves)
        self._leaves = leaves[complete:]

    def _folded(self, connection: Connection, level: int, index: int) -> bytes:
        columns = tables.node.c
        below = select(columns.hash).where(
            columns.level == level, columns.index >= index * SUBTREE, columns.index < (index + 1) * SUBTREE
        )
        return fold(list(connection.execute(below.order_by(columns.index)).scalars()))
