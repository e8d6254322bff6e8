"""Which path meant which node, and when. A node is renamed, moved and deleted; an entry of the ledger keeps for ever
the path that its node had when the entry was written.

What is said here follows from the events of moves alone, in the order of the ledger. A name that became free means
somebody else from then on, and whoever has it then has nothing of what was said of the one before.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.tree import is_within, paths_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Move(NamedTuple):
    """A node with all below it came from one path to another."""

    at: int  # place of its event in the ledger, or among the events that are looked at
    path: str  # as it was
    to: str  # empty: it was deleted
    mark: str  # nobody else's; stands in the names of what is gone

    @property
    def target(self) -> str:
        return self.to or gone(self.path, self.mark)


class Stretch(NamedTuple):
    """A part of the ledger: what is filed under a path there is about what was asked for."""

    path: str
    upto: int  # the last entry
    after: int = 0  # the entry before the first one
    below: bool = True  # what is filed below the path as well
    without: tuple[str, ...] = ()  # parts below the path that are not


class Around(NamedTuple):
    """Where the ledger tells of a node: of it and what is below it, and of those above it; and the places of the moves
    that it takes to find that."""

    stretches: tuple[Stretch, ...]
    above: tuple[Stretch, ...]
    moves: frozenset[int]


class Moves:
    """Immutable."""

    def __init__(self, moves: Iterable[Move] = ()) -> None:
        self._moves = tuple(sorted(moves))
        self._places = [one.at for one in self._moves]
        self._known: dict[tuple[str, int], str] = {}

    def __bool__(self) -> bool:
        return bool(self._moves)

    def now(self, path: str, at: int) -> str:
        """What a node is called now that an entry at this place of the ledger calls so; the entry of a move itself has
        the path as it was. What is gone has a name that no node can have, below the node that it was in."""
        first = bisect_left(self._places, at)
        if first == len(self._moves):
            return path
        found = self._known.get((path, first))
        if found is None:
            found = path
            for move in self._moves[first:]:
                found = _after(move, found)
            self._known[path, first] = found
        return found

    def around(self, path: str, upto: int) -> Around:
        """``upto``: the last entry that counts, when the node had this path."""
        steps = [move for move in reversed(self._moves) if move.at <= upto]
        parts, used = _stretches(steps, path, upto)
        above: list[Stretch] = []
        for one in paths_above(path):
            lines, needed = _line(steps, one, upto)
            above += lines
            used |= needed
        return Around(tuple(parts), tuple(above), frozenset(used))

    def names(self, path: str, upto: int) -> Sequence[Stretch]:
        """The paths of the node that has this one, the newest first, each with the part of the ledger where it had
        it."""
        return _line([move for move in reversed(self._moves) if move.at <= upto], path, upto)[0]

    def first_name(self, path: str) -> tuple[str, int]:
        """The oldest name of the node that is at a path now, and the place of the move that had made that name free
        before; 0: nobody had it before."""
        for move in reversed(self._moves):
            if move.to and is_within(path, move.to):
                path = move.path + path[len(move.to) :]
            elif is_within(path, move.path):
                return path, move.at
        return path, 0

    def last_name(self, path: str) -> str:
        """The path, now, of the node that had this path last before it became free; empty: it never became free, or its
        node is gone."""
        for place in range(len(self._moves) - 1, -1, -1):
            if is_within(path, self._moves[place].path):
                found = self.now(path, self._moves[place].at)
                return "" if _MARK in found else found
        return ""


NO_MOVES = Moves()
_MARK = "@"  # in no name of a node


def gone(path: str, mark: str) -> str:
    """How a node is called that had this path and has none any more."""
    return f"{path}{_MARK}{mark}"


def _after(move: Move, path: str) -> str:
    """The same node's path after a move. What was told of the new path before it had a node is nobody's."""
    if is_within(path, move.path):
        return move.target + path[len(move.path) :]
    if move.to and is_within(path, move.to):
        return gone(move.to, move.mark) + path[len(move.to) :]
    return path


class _Part(NamedTuple):
    path: str
    without: tuple[str, ...] = ()


def _stretches(steps: Sequence[Move], path: str, upto: int) -> tuple[list[Stretch], set[int]]:
    """Of a node and what is below it now, going back from move to move."""
    found, used = list[Stretch](), set[int]()
    now = {_Part(path): upto}
    for move in steps:
        before: dict[_Part, int] = {}
        for part, end in now.items():
            if _touches(move, part.path):
                used.add(move.at)
            earlier = _parts_before(move, part)
            if earlier != [part]:
                found.append(Stretch(part.path, end, move.at, without=part.without))
            for one in earlier:
                before[one] = end if one == part and earlier == [part] else move.at
        now = before
    found += [Stretch(part.path, end, without=part.without) for part, end in now.items()]
    return found, used


def _touches(move: Move, path: str) -> bool:
    ends = (move.path, move.target)
    return any(is_within(one, path) or is_within(path, one) for one in ends)


def _parts_before(move: Move, part: _Part) -> list[_Part]:
    """What lay before a move where this lies after it."""
    path, old, new = part.path, move.path, move.target
    leaves, comes = is_within(old, path), is_within(new, path)
    if leaves and comes and old != path and not any(_overlap(one, end) for one in part.without for end in (old, new)):
        return [part]
    found = []
    if not is_within(path, old) and not is_within(path, new):
        found.append(_Part(path, (*part.without, old) if leaves else part.without))
    if comes and not any(is_within(new, one) for one in part.without):
        inside = (one for one in part.without if is_within(one, new))
        found.append(_Part(old, tuple(old + one[len(new) :] for one in inside)))
    elif is_within(path, new):
        found.append(_Part(old + path[len(new) :], tuple(old + one[len(new) :] for one in part.without)))
    return found


def _overlap(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def _line(steps: Sequence[Move], path: str, upto: int) -> tuple[list[Stretch], set[int]]:
    """Of one node without what is below it."""
    found, used, end = list[Stretch](), set[int](), upto
    for move in steps:
        comes, freed = is_within(path, move.target), is_within(path, move.path)
        if not comes and not freed:
            continue
        used.add(move.at)
        found.append(Stretch(path, end, move.at, below=False))
        if not comes:
            return found, used
        path, end = move.path + path[len(move.target) :], move.at
    return [*found, Stretch(path, end, below=False)], used
