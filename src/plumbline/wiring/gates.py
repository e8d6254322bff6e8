"""Builds what gates are judged with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.assessments.assess_ledger import evidence_of, standing_now
from plumbline.flow.gates.tools import GateTools

if TYPE_CHECKING:
    from plumbline.facts import Evidence
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import Units
    from plumbline.model.ports.ledger import Ledger


def gate_tools(
    units: Units, server: Server, ledger: Ledger, artifacts: ArtifactTools, assessments: AssessmentTools
) -> GateTools:
    def evidence(path: str) -> Evidence:
        return evidence_of(assessments, path, standing_now(assessments))

    return GateTools(units=units, server=server, ledger=ledger, artifacts=artifacts, evidence=evidence, attests=True)
