"""What the flows of evidence contracts may touch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumbline.evidence.origin import told_by_tools
from plumbline.flow.contracts.gathered import Gathered
from plumbline.flow.unit_of_work import Units
from plumbline.model.contract import Collection as Waiting
from plumbline.model.gate import FactValue
from plumbline.model.moves import NO_MOVES, Moves
from plumbline.model.ports.ledger import Ledger
from plumbline.model.ports.transaction import Transaction
from plumbline.model.source import Source

if TYPE_CHECKING:
    from typing import TypeAlias

FactsFor: TypeAlias = Callable[[Transaction, Waiting, Collection[str]], Mapping[str, FactValue]]


def no_facts(_tx: Transaction, _collection: Waiting, _names: Collection[str]) -> Mapping[str, FactValue]:
    """Nobody can tell: a slot with a condition stays due."""
    return {}


def no_files(_projects: Sequence[int]) -> Sequence[str] | None:
    return None


def told_by_any(_source: Source) -> frozenset[str]:
    return told_by_tools()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTools:
    """Built by ``wiring`` alone; used from many threads. ``facts_for``: the documented facts that conditions are asked
    of, in a transaction; ``files``: names of the files of projects, None where nobody can tell;
    ``may_tell``: the kinds of event that a registered source may tell."""

    units: Units
    ledger: Ledger
    moves: Callable[[], Moves] = lambda: NO_MOVES
    facts_for: FactsFor = no_facts
    files: Callable[[Sequence[int]], Sequence[str] | None] = no_files
    may_tell: Callable[[Source], frozenset[str]] = told_by_any
    gathered: Gathered = field(default_factory=Gathered)
