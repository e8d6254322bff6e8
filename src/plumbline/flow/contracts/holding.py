"""Which contracts hold at a project: those of its node, of the nodes above it, and of its repository."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from plumbline.artifacts.names import sha256_of
from plumbline.contracts import Placed, digest_of, read_contract, weakened
from plumbline.flow.pipelines.occasions import CONTRACT_FILE, NO_CONTRACT
from plumbline.model.contract import BrokenContract, Contract
from plumbline.model.rule_set import RuleKind, RuleSet
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.pipelines.occasions import RepositoryContract
    from plumbline.model.contract import DueContract
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.problem import Problem
    from plumbline.model.tree import Node

_KEPT = 64 << 10  # characters of a broken text
_REMEMBERED = 512  # texts


class Holding(NamedTuple):
    """``broken``: contracts that hold and cannot be read."""

    placed: tuple[Placed, ...]
    broken: tuple[BrokenContract, ...]


@lru_cache(maxsize=_REMEMBERED)
def read_once(text: str, name: str = "") -> Contract | tuple[Problem, ...]:
    """A text never changes, and what it says does not."""
    return read_contract(text, name)


def standing(tx: Transaction, ancestors: Sequence[Node]) -> list[tuple[RuleSet, str]]:
    """The newest versions that are not retired, with the path of their node; those furthest above come first."""
    paths = {node.id: node.path for node in ancestors} | {INSTANCE: ""}
    order = {node: at for at, node in enumerate([INSTANCE, *(node.id for node in reversed(ancestors))])}
    found = tx.rule_sets.newest(paths, RuleKind.CONTRACT)
    kept = [one for one in found if not one.retired]
    return [(one, paths[one.node]) for one in sorted(kept, key=lambda one: (order[one.node], one.name))]


def holding(tx: Transaction, ancestors: Sequence[Node], repository: RepositoryContract = NO_CONTRACT) -> Holding:
    """``ancestors``: the project, and the nodes above it."""
    placed: list[Placed] = []
    broken: list[BrokenContract] = []
    for kept, path in standing(tx, ancestors):
        read = read_once(kept.text, kept.name)
        if isinstance(read, Contract):
            placed.append(Placed(rules=kept, contract=read, path=path))
        else:
            broken.append(BrokenContract(contract=kept.name, node=path, why="contract-wrong", text=kept.text[:_KEPT]))
    own = _of_repository(ancestors[0], repository, placed)
    if isinstance(own, Placed):
        placed.append(own)
    elif own is not None:
        broken.append(own)
    return Holding(tuple(placed), tuple(broken))


def _of_repository(node: Node, given: RepositoryContract, above: Sequence[Placed]) -> Placed | BrokenContract | None:
    """What the repository adds. One that would take away from what holds above it is broken."""
    text = given.text
    if text is None:
        return BrokenContract(contract=CONTRACT_FILE, node=node.path, why=given.fault) if given.fault else None
    read = read_once(text, CONTRACT_FILE)
    why = ""
    if not isinstance(read, Contract):
        why = "contract-wrong"
    elif weaker_than(read, above):
        why = "contract-weaker"
    if why or not isinstance(read, Contract):
        return BrokenContract(contract=CONTRACT_FILE, node=node.path, why=why, text=text[:_KEPT])
    kept = RuleSet(node=node.id, kind=RuleKind.CONTRACT, name=read.name, text=text, digest=sha256_of(text.encode()))
    return Placed(rules=kept, contract=read, path=node.path, by_repository=True)


def weaker_than(contract: Contract, above: Sequence[Placed]) -> tuple[Problem, ...]:
    """Where it takes away from what holds above it."""
    return weakened([one.contract for one in above], contract)


def with_repository(before: DueContract, now: DueContract) -> DueContract:
    """What was due, and the lines that the file of the repository adds to it by now."""
    used = {one.need.id for one in before.needs}
    added = []
    for line in (one for one in now.needs if one.by_repository):
        plain = id_ = line.need.id
        number = 2
        while id_ in used:
            id_, number = f"{plain}#{number}", number + 1
        used.add(id_)
        added.append(replace(line, need=replace(line.need, id=id_)))
    if not added:
        return before
    made = replace(
        before,
        needs=(*before.needs, *added),
        grace_minutes=min(before.grace_minutes, now.grace_minutes),
        deadline_minutes=min(before.deadline_minutes, now.deadline_minutes),
    )
    return replace(made, digest=digest_of(made))
