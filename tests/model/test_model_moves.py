"""Which path meant which node: what is worked out of the moves alone, held against a tree that remembers everything."""

from __future__ import annotations

import random

import pytest

from plumbline.model.moves import NO_MOVES, Move, Moves
from plumbline.model.tree import is_within, paths_above

RENAME = Move(10, "bank/pay", "bank/payments", "m10")


class Remembering:
    """A tree of which each entry of a ledger knows its node itself."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)  # noqa: S311
        self.paths: dict[int, str] = {}
        self.entries: list[tuple[int, str, int]] = []  # place, path as it was, node
        self.moves: list[Move] = []
        self.place = self.made = 0

    def step(self) -> None:
        self.place += 1
        act = self.choose.random()
        if act < 0.25 or not self.paths:
            self._create()
        elif act < 0.75:
            node = self.choose.choice([*self.paths])
            self.entries.append((self.place, self.paths[node], node))
        elif act < 0.85:
            self._delete()
        else:
            self._move()

    def _free(self, path: str) -> bool:
        return path not in self.paths.values()

    def _create(self) -> None:
        above = self.choose.choice(["", *(f"{one}/" for one in self.paths.values() if one.count("/") < 4)])
        path = above + self.choose.choice("abc")
        if self._free(path):
            self.made += 1
            self.paths[self.made] = path

    def _delete(self) -> None:
        leaves = [
            node
            for node, path in self.paths.items()
            if not any(one.startswith(f"{path}/") for one in self.paths.values())
        ]
        node = self.choose.choice(leaves)
        self.moves.append(Move(self.place, self.paths.pop(node), "", f"m{self.place}"))

    def _move(self) -> None:
        node = self.choose.choice([*self.paths])
        old = self.paths[node]
        others = ["", *(f"{one}/" for one in self.paths.values() if not is_within(one, old))]
        new = self.choose.choice(others) + self.choose.choice("abc")
        if not self._free(new) or is_within(new, old):
            return
        self.moves.append(Move(self.place, old, new, f"m{self.place}"))
        for each, path in self.paths.items():
            if is_within(path, old):
                self.paths[each] = new + path[len(old) :]


def covered(stretches, place, path):
    return [
        one
        for one in stretches
        if one.after < place <= one.upto
        and (is_within(path, one.path) if one.below else path == one.path)
        and not any(is_within(path, part) for part in one.without)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_every_entry_belongs_to_the_node_that_it_was_written_for(seed):
    tree = Remembering(seed)
    for _ in range(120):
        tree.step()
    moves = Moves(tree.moves)
    for place, path, node in tree.entries:
        now = moves.now(path, place)
        assert now == tree.paths[node] if node in tree.paths else now not in tree.paths.values()
    for node, path in tree.paths.items():
        around = moves.around(path, tree.place)
        for place, said, owner in tree.entries:
            below = owner in tree.paths and is_within(tree.paths[owner], path)
            gone = owner not in tree.paths and is_within(moves.now(said, place), path)
            assert len(covered(around.stretches, place, said)) == (below or gone), (path, place, said)
            over = owner in tree.paths and tree.paths[owner] in paths_above(path)
            assert len(covered(around.above, place, said)) == over
        few = Moves(one for one in tree.moves if one.at in around.moves)
        for place, said, _ in tree.entries:  # the moves that are named are enough for what is about the node
            if covered((*around.stretches, *around.above), place, said):
                assert few.now(said, place) == moves.now(said, place)
        assert node in tree.paths


@pytest.mark.parametrize("seed", range(40))
def test_no_two_nodes_ever_share_a_first_name(seed):
    tree = Remembering(seed)
    seen: dict[tuple[str, int], int] = {}
    names: dict[int, tuple[str, int]] = {}
    for _ in range(120):
        tree.step()
        moves = Moves(tree.moves)
        for node, path in tree.paths.items():
            name = moves.first_name(path)
            assert names.setdefault(node, name) == name
            assert seen.setdefault(name, node) == node


def test_nothing_changes_without_moves():
    assert NO_MOVES.now("bank/pay", 3) == "bank/pay"
    around = NO_MOVES.around("bank/pay", 9)
    assert [(one.path, one.upto, one.below) for one in (*around.stretches, *around.above)] == [
        ("bank/pay", 9, True),
        ("bank", 9, False),
    ]
    assert not around.moves
    assert not NO_MOVES


def test_what_is_said_of_a_free_name_is_nobodys():
    moves = Moves([RENAME, Move(20, "bank/payments/core", "", "m20")])
    assert moves.now("bank/pay/core", 9) == "bank/payments/core@m20"
    assert moves.now("bank/pay", 11) == "bank/pay"
    assert moves.now("bank/payments", 5) == "bank/payments@m10"  # nobody had that name
    assert moves.last_name("bank/pay") == "bank/payments"
    assert moves.last_name("bank/payments/core") == ""
    assert moves.last_name("bank/never") == ""


def test_a_node_above_keeps_one_stretch_whatever_moves_inside():
    moves = Moves([RENAME, Move(20, "bank/payments/core", "", "m20")])
    assert [(one.path, one.upto, one.after) for one in moves.around("bank", 30).stretches] == [("bank", 30, 0)]
