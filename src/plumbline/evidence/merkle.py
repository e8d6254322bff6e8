"""The Merkle tree of RFC 6962 over the entries: what was in the ledger at one size, and that it only grew.

Entry ``seq`` is leaf ``seq - 1``. A complete subtree is named by its level (0: leaves) and its index on that level;
``Node`` fetches its hash from wherever a store keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Node = Callable[[int, int], bytes]  # (level, index) -> hash

EMPTY_ROOT = sha256(b"").digest()
_HASH = 32  # bytes; anything else is no hash, and nothing is proved with it


def leaf_hash(data: bytes) -> bytes:
    """Of a leaf; ``data`` is what :func:`~plumbline.evidence.chain.record` makes of an entry."""
    return sha256(b"\0" + data).digest()


def leaf_hashes(records: Iterable[bytes]) -> list[bytes]:
    return [sha256(b"\0" + data).digest() for data in records]


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class MerkleTree:
    """A tree that only grows: its size and its frontier, the hashes of the complete subtrees along its right edge."""

    __slots__ = ("_edge", "size")

    def __init__(self, size: int = 0, frontier: Sequence[bytes] = ()) -> None:
        """``frontier`` is as :attr:`frontier` gave it at this size. Raises ValueError where it cannot be."""
        if size < 0 or size.bit_count() != len(frontier):
            raise ValueError("a frontier has one hash for each bit set in the size")
        self.size = size
        given = iter(reversed(frontier))
        self._edge = [next(given) if size >> level & 1 else b"" for level in range(size.bit_length())]

    @property
    def frontier(self) -> tuple[bytes, ...]:
        """From the largest subtree to the smallest."""
        return tuple(hash_ for hash_ in reversed(self._edge) if hash_)

    @property
    def root(self) -> bytes:
        return _fold(self.frontier)

    def append(self, leaf: bytes) -> None:
        self.extend([leaf])

    def extend(self, leaves: Sequence[bytes], level: int = 0) -> list[tuple[int, int, list[bytes]]]:
        """Add leaves (their hashes), or complete subtrees of a higher level where the size is a multiple of theirs.

        Returns the subtrees that this completed, level by level: level, index of the first, their hashes.
        """
        if self.size & ((1 << level) - 1):
            raise ValueError("a subtree begins at a multiple of its size")
        completed = []
        index, carried = self.size >> level, list(leaves)
        self.size += len(carried) << level
        while carried:
            completed.append((level, index, list(carried)))
            self._edge += [b""] * (level + 1 - len(self._edge))
            if self._edge[level]:
                carried.insert(0, self._edge[level])
                index -= 1
            self._edge[level] = carried.pop() if len(carried) & 1 else b""
            pairs = iter(carried)
            carried = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            index >>= 1
            level += 1
        return completed


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees, each smaller than the one before it."""
    if not hashes:
        return EMPTY_ROOT
    *larger, folded = hashes
    for left in reversed(larger):
        folded = node_hash(left, folded)
    return folded


def spans(begin: int, end: int) -> list[tuple[int, int]]:
    """The fewest complete subtrees that cover the leaves from ``begin`` up to ``end``, from left to right."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def frontier_at(size: int, node: Node) -> tuple[bytes, ...]:
    """The frontier of the tree when it had this size."""
    return tuple(node(level, index) for level, index in spans(0, size))


def root_at(size: int, node: Node) -> bytes:
    return _fold(frontier_at(size, node))


def _hash_over(begin: int, end: int, node: Node) -> bytes:
    """MTH of RFC 6962 over leaves that begin at a multiple of the power of two above their number."""
    return _fold([node(level, index) for level, index in spans(begin, end)])


def _split(count: int) -> int:
    """The largest power of two below ``count`` (2 or more)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_proof(leaf: int, size: int, node: Node) -> list[bytes]:
    """The audit path of a leaf (from 0) in the tree of this size, from the leaf upwards."""
    return inclusion_proofs([leaf], size, node)[leaf]


def inclusion_proofs(leaves: Iterable[int], size: int, node: Node) -> dict[int, list[bytes]]:
    """The same of many leaves; what their paths share is hashed once."""
    known: dict[tuple[int, int], bytes] = {}

    def over(begin: int, end: int) -> bytes:
        found = known.get((begin, end))
        if found is None:
            found = known[begin, end] = _hash_over(begin, end, node)
        return found

    return {leaf: _audit_path(leaf, size, over) for leaf in leaves}


def _audit_path(leaf: int, size: int, over: Callable[[int, int], bytes]) -> list[bytes]:
    if not 0 <= leaf < size:
        raise ValueError("the leaf is not in a tree of this size")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            path.append(over(middle, end))
            end = middle
        else:
            path.append(over(begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """That the tree of size ``old`` is the beginning of the tree of ``size``."""
    if not 0 < old <= size:
        raise ValueError("the older tree is not empty and not larger than the newer one")
    begin, end, whole, path = 0, size, True, []
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_hash_over(middle, end, node))
            end = middle
        else:
            path.append(_hash_over(begin, middle, node))
            begin, whole = middle, False
    if not whole:
        path.append(_hash_over(begin, end, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash is the one at ``index`` (from 0) in the tree of this size and root."""
    if not 0 <= index < size or not _hashes(leaf, root, *path):
        return False
    last, found = size - 1, leaf
    for step in path:
        if not last:
            return False
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, step)
        index, last = index >> 1, last >> 1
    return not last and found == root


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the older tree is the beginning of the newer one."""
    if not 0 < old <= size or not _hashes(old_root, root, *path):
        return False
    if old == size:
        return not path and old_root == root
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if index & 1 or index == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        index, last = index >> 1, last >> 1
    return not last and older == old_root and newer == root


def _hashes(*values: bytes) -> bool:
    return all(len(value) == _HASH for value in values)
