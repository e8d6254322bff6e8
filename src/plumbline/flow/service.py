"""What the doors hand to use cases: one frozen value of tools for each subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plumbline.flow.artifacts.attestation_tools import AttestationTools
from plumbline.flow.artifacts.tools import ArtifactTools
from plumbline.flow.assessments.tools import AssessmentTools
from plumbline.flow.contracts.tools import ContractTools
from plumbline.flow.gates.tools import GateTools
from plumbline.flow.ledger.tools import LedgerTools
from plumbline.flow.ledger.witness import WitnessTools
from plumbline.flow.people.refusals import Refusals
from plumbline.flow.people.tools import PeopleTools
from plumbline.flow.pipelines.tools import Server
from plumbline.flow.reports.tools import ReportTools
from plumbline.flow.search.search import SearchTools
from plumbline.flow.sources.tools import SourceTools
from plumbline.flow.tree.tools import TreeTools
from plumbline.flow.unit_of_work import Units
from plumbline.maturity import Beside, Rendered
from plumbline.model.assessment import Assessment
from plumbline.model.health import Check


class FigureNow(NamedTuple):
    """A number as it is now, for those who watch the server."""

    name: str
    text: str
    value: float
    state: str = ""  # label


@dataclass(frozen=True, slots=True)
class Service:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    people: PeopleTools
    tree: TreeTools
    pipelines: Server
    artifacts: ArtifactTools
    attestations: AttestationTools
    ledger: LedgerTools
    sources: SourceTools
    reports: ReportTools
    contracts: ContractTools
    gates: GateTools
    witness: WitnessTools
    assessments: AssessmentTools
    refusals: Refusals
    render_assessment: Callable[[Assessment, str, str, str, Beside], Rendered]  # language; html or pdf; full or short
    readiness: Callable[[], Sequence[Check]]  # what has to work before requests are welcome
    figures: Callable[[], list[FigureNow]]  # PlumblineError where the store does not answer
    secure_cookies: bool = False  # browsers reach it by https

    @property
    def search(self) -> SearchTools:
        return SearchTools(self.ledger, self.assessments, self.tree, self.artifacts)
