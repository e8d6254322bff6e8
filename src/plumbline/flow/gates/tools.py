"""What the flows of gates may touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Collection as Many
from dataclasses import dataclass

from plumbline.facts import Evidence
from plumbline.flow.artifacts.tools import ArtifactTools
from plumbline.flow.gates.answer import GateAnswer
from plumbline.flow.pipelines.tools import Server
from plumbline.flow.unit_of_work import Units
from plumbline.model.contract import Collection, Slot
from plumbline.model.ports.ledger import Ledger
from plumbline.model.ports.transaction import Transaction


def as_closed(_tx: Transaction, collection: Collection) -> Sequence[Slot]:
    return collection.slots


def tell_nobody(_tx: Transaction, _answer: GateAnswer) -> None:
    """No forge is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTools:
    """Built by ``wiring`` alone; used from many threads. ``evidence``: the records of a node, by its path, as a grade
    takes them. ``attests``: what pipelines make is attested after their end. ``slots_now``: the slots of a collection
    as they stand. ``tell``: puts down, in the same transaction, what forges are to be told of a judgement."""

    units: Units
    server: Server
    ledger: Ledger
    artifacts: ArtifactTools
    evidence: Callable[[str], Evidence]
    attests: bool = False
    slots_now: Callable[[Transaction, Collection], Sequence[Slot]] = as_closed
    tell: Callable[[Transaction, GateAnswer], None] = tell_nobody
    told_kinds: Many[str] = ()  # of forges that can be told
