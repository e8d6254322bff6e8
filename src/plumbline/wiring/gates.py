"""Builds what gates are judged with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.assessments.assess_ledger import evidence_of, standing_now
from plumbline.flow.contracts.now import collection_now
from plumbline.flow.gates.tools import GateTools
from plumbline.wiring.tellings import outbox_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.facts import Evidence
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import Units
    from plumbline.model.contract import Collection, Slot
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction


def gate_tools(
    units: Units,
    server: Server,
    ledger: Ledger,
    artifacts: ArtifactTools,
    assessments: AssessmentTools,
    contracts: Callable[[], ContractTools],
) -> GateTools:
    """``contracts``: those two need each other."""

    outbox = outbox_of(server)

    def evidence(path: str) -> Evidence:
        return evidence_of(assessments, path, standing_now(assessments))

    def slots_now(tx: Transaction, collection: Collection) -> Sequence[Slot]:
        return collection_now(tx, contracts(), collection, at=units.clock()).slots

    return GateTools(
        units=units,
        server=server,
        ledger=ledger,
        artifacts=artifacts,
        evidence=evidence,
        slots_now=slots_now,
        attests=True,
        tell=outbox.put,
        told_kinds=outbox.kinds,
    )
