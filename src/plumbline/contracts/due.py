"""What is due where several contracts hold: each below may add and tighten, none may take away or loosen.

A line of a contract is known by its id. The contract of the same name further down, or one that ``extends`` it, may say
a line again: tighter, it stands instead of the one above; otherwise both are due, so that nothing is ever loosened by a
change further up. Lines of contracts with other names stand beside each other.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.contracts.paths import matches_name
from plumbline.contracts.tightening import loosened, tightened
from plumbline.kernel import t
from plumbline.model.contract import Contract, DueContract, DueNeed, Need, OccasionKind
from plumbline.model.problem import Mark, Problem
from plumbline.model.rule_set import RuleSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE, DEADLINE = 30, 1440  # minutes, where no contract says them


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A contract where it stands. ``path`` of its node; empty: the installation. One of the repository
    (.plumbline/contract.yml) has the path of its project, and no node."""

    contract: Contract
    path: str
    rules: RuleSet
    by_repository: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The occasion that something may be due at. What is empty is not known."""

    kind: OccasionKind
    branch: str = ""  # the target of a merge; the branch or tag of a pipeline
    source: str = ""  # of the pipeline
    tier: str = ""


def due(placed: Sequence[Placed], asked: Asked) -> DueContract | None:
    """All that is due at the occasion, or None: no contract holds, it is uncovered. ``placed``: those of the node and
    of the nodes above it, in any order, and that of the repository."""
    ordered = sorted(placed, key=_depth)
    holding = [one for one in ordered if holds(one.contract, asked)]
    if not holding:
        return None
    found = _Lines()
    for one in holding:
        for of in (*reversed(_extended(one, ordered)), one):
            found.take(of)
    made = DueContract(
        needs=found.lines(),
        grace_minutes=_shortest(GRACE, [one.contract.grace_minutes for one in holding]),
        deadline_minutes=_shortest(DEADLINE, [one.contract.deadline_minutes for one in holding]),
    )
    return msgspec.structs.replace(made, digest=digest_of(made))


def _shortest(otherwise: int, said: Sequence[int | None]) -> int:
    return min((one for one in said if one is not None), default=otherwise)


def digest_of(made: DueContract) -> str:
    """Of the value without its digest, in one way to write it."""
    plain = msgspec.to_builtins(msgspec.structs.replace(made, digest=""))
    return f"sha256:{sha256(msgspec.json.encode(plain, order='sorted')).hexdigest()}"


def holds(contract: Contract, asked: Asked) -> bool:
    """Whether it is a contract for this occasion. Where something that it picks by is not known, it holds: what nobody
    can tell keeps it due."""
    occasion = contract.occasion
    return (
        occasion.kind is asked.kind
        and (not occasion.branches or not asked.branch or any(matches_name(p, asked.branch) for p in occasion.branches))
        and (not occasion.sources or not asked.source or asked.source in occasion.sources)
        and (not occasion.tiers or not asked.tier or asked.tier in occasion.tiers)
    )


def _depth(one: Placed) -> tuple[bool, int, str, str]:
    return (one.by_repository, one.path.count("/") + bool(one.path), one.path, one.contract.name)


def _extended(one: Placed, ordered: Sequence[Placed]) -> list[Placed]:
    """The contracts that it extends, the nearest first; each once, also where they go round in a circle."""
    found: list[Placed] = []
    while name := one.contract.extends:
        above = [other for other in ordered if other.contract.name == name and _depth(other) <= _depth(one)]
        above = [other for other in above if other is not one]
        if not above or above[-1] in found:
            break
        found.extend(reversed(above))
        one = above[-1]
    return found


class _Lines:
    """Lines as they come together, by contract and id."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], DueNeed] = {}
        self._taken: set[tuple[str, str, str, bool]] = set()
        self._families: dict[str, str] = {}  # contract -> the one that it says again

    def take(self, one: Placed) -> None:
        name = one.contract.name
        place = (name, one.path, one.rules.digest, one.by_repository)
        if place in self._taken:
            return
        self._taken.add(place)
        family = self._families.get(one.contract.extends or name, one.contract.extends or name)
        if not one.by_repository:
            self._families.setdefault(name, family)
        for need in one.contract.needs:
            self._add(f"{name} " if one.by_repository else self._families[name], _line(one, need))

    def _add(self, family: str, line: DueNeed) -> None:
        """A line of the repository stands beside all others: it may add, and says none of them again."""
        name = (family, line.need.id)
        before = self._lines.get(name)
        if before is None:
            self._lines[name] = line
        elif not loosened(before, line):
            self._lines[name] = tightened(before, line)
        elif before.need != line.need:
            number = 2
            while (family, f"{line.need.id}#{number}") in self._lines:
                number += 1
            self._lines[family, f"{line.need.id}#{number}"] = line

    def lines(self) -> tuple[DueNeed, ...]:
        """Each with an id of its own."""
        used: set[str] = set()
        found = []
        for line in self._lines.values():
            id_ = line.need.id
            if id_ in used:
                id_ = f"{line.contract}/{line.need.id}"
            plain, number = id_, 2
            while id_ in used:
                id_, number = f"{plain}#{number}", number + 1
            used.add(id_)
            found.append(msgspec.structs.replace(line, need=msgspec.structs.replace(line.need, id=id_)))
        return tuple(found)


def _line(one: Placed, need: Need) -> DueNeed:
    return DueNeed(
        need=need,
        contract=one.contract.name,
        version=one.rules.version,
        node=one.path,
        digest=one.rules.digest,
        by_repository=one.by_repository,
        unless=tuple(rule for rule in (need.unless, one.contract.unless) if rule is not None),
    )


def weakened(above: Sequence[Contract], below: Contract, where: str = "") -> tuple[Problem, ...]:
    """What a contract would loosen of those above it, which none may; and a circle of ``extends``, or one that leads
    nowhere. ``above``: all contracts of the nodes above, and of its own node. ``where``: the name of its file."""
    by_name = {one.name: one for one in above if one is not below}
    if problem := _extends_wrong(by_name, below, where):
        return (problem,)
    said_again = [one for one in above if one is not below and one.name in (below.name, below.extends)]
    found = []
    for one in said_again:
        before = {need.id: need for need in one.needs}
        for need in below.needs:
            if need.id in before:
                found += [
                    Problem(
                        code="loosened",
                        message=t(
                            "The line '{line}' would loosen '{field}' of the contract '{contract}' above.",
                            line=need.id, field=field, contract=one.name,
                        ),
                        where=Mark(where) if where else None,
                        keyword=f"need:{need.id}:{field}",
                        hint=t("Further down a contract may add and tighten; to set a line aside takes a waiver."),
                    )
                    for field in loosened(_bare(before[need.id], one), _bare(need, below))
                ]  # fmt: skip
    return tuple(found)


def _bare(need: Need, contract: Contract) -> DueNeed:
    unless = tuple(rule for rule in (need.unless, contract.unless) if rule is not None)
    return DueNeed(need=need, contract=contract.name, version=0, node="", digest="", unless=unless)


def _extends_wrong(by_name: Mapping[str, Contract], below: Contract, where: str) -> Problem | None:
    seen = [below.name]
    name = below.extends
    while name:
        seen.append(name)
        if name in seen[:-1]:
            return Problem(
                code="extends-circle",
                message=t("Contracts extend each other in a circle: {circle}.", circle=" -> ".join(seen)),
                where=Mark(where) if where else None,
                keyword="extends",
                hint=t("Take one `extends` away."),
            )
        if name not in by_name:
            return Problem(
                code="extends-unknown",
                message=t("There is no contract '{name}' here or above that could be extended.", name=name),
                where=Mark(where) if where else None,
                keyword="extends",
                hint=t("Contracts here and above: {names}.", names=", ".join(sorted(by_name)) or "-"),
            )
        name = by_name[name].extends
    return None
